import type { MacAddr } from '@labwire/core/addr';

/** Reads six bytes of one or two digits, with or without colons between. net-tools lib/ether.c, in_ether() */
export function parseHardware(text: string): MacAddr | undefined {
  const bytes = /^(?:([0-9a-f]{2}):?|([0-9a-f]):){5}[0-9a-f]{1,2}:?$/i.test(text)
    ? (text.match(/[0-9a-f]{1,2}/gi) ?? [])
    : [];
  if (bytes.length !== 6) return undefined;
  return bytes.reduce((addr, byte) => addr * 256 + Number.parseInt(byte, 16), 0) as MacAddr;
}
