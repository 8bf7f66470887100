import { get16 } from '@labwire/core/bytes';
import type { Range } from '../match.ts';
import type { XtPacket } from '../packet.ts';

/** Whether a port lies in a range, or outside an inverted one; any port lies in an absent range. */
export function portIn(
  port: number,
  range: (Range & { readonly invert: boolean }) | undefined,
): boolean {
  return range === undefined || (port >= range.min && port <= range.max) !== range.invert;
}

/**
 * The same for the port at `at` of a transport header, read as nf_tables reads it: of a header that ends before the
 * port, or of a later fragment, no range holds and none does not. `nft_payload_eval()`
 */
export function nativePortIn(
  p: XtPacket,
  at: number,
  range: (Range & { readonly invert: boolean }) | undefined,
): boolean {
  if (range === undefined) return true;
  if (p.fragOff !== 0 || p.thoff + at + 2 > p.skb.tail) return false;
  return portIn(get16(p.skb.buf, p.thoff + at), range);
}
