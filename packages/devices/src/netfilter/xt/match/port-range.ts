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

type Ports = (Range & { readonly invert: boolean }) | undefined;

const isOne = (r: Ports): r is NonNullable<Ports> =>
  r !== undefined && r.min > 0 && r.min === r.max;

/**
 * The same for both ports of a transport header. Of two single ports nf_tables makes one question: two that are both
 * inverted rule out nothing but the pair. iptables/nft-shared.c, `add_nft_tcpudp()`
 */
export function nativePortsIn(sports: Ports, dports: Ports): (p: XtPacket) => boolean {
  if (!isOne(sports) || !isOne(dports) || !sports.invert || !dports.invert)
    return (p) => nativePortIn(p, 0, sports) && nativePortIn(p, 2, dports);
  const [sport, dport] = [sports.min, dports.min];
  return (p) => {
    const at = p.thoff;
    if (at + 4 > p.skb.tail) return false;
    return get16(p.skb.buf, at) !== sport || get16(p.skb.buf, at + 2) !== dport;
  };
}

/**
 * The same for the port at `at` of a transport header, read as nf_tables reads it: of a header that ends before the
 * port no range holds and none does not; a later fragment's bytes are taken for a header. `nft_payload_fast_eval()`
 */
function nativePortIn(
  p: XtPacket,
  at: number,
  range: (Range & { readonly invert: boolean }) | undefined,
): boolean {
  if (range === undefined) return true;
  if (p.thoff + at + 2 > p.skb.tail) return false;
  return portIn(get16(p.skb.buf, p.thoff + at), range);
}
