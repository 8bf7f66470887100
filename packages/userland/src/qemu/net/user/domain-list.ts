import { utf8Encode } from '@labwire/core/bytes';

/** Domains as DHCP's option 119 has them: labels with their lengths, not compressed. RFC 3397 section 2 */
export function writeDomainList(domains: readonly string[]): Uint8Array {
  const bytes = domains.flatMap((domain) => [
    ...domain
      .split('.')
      .filter((label) => label !== '')
      .flatMap((label) => [label.length, ...utf8Encode(label)]),
    0,
  ]);
  return Uint8Array.from(bytes);
}
