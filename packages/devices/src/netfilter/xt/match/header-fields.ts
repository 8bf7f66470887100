import { get8, get16 } from '@labwire/core/bytes';
import type { DscpMatch, EcnMatch, LengthMatch, TosMatch, TtlMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

/** TOS of IPv4, traffic class of IPv6. */
export function dsfield(p: XtPacket): number {
  const { buf, nh } = p.skb;
  return p.isIpv6 ? (get16(buf, nh) >>> 4) & 0xff : get8(buf, nh + 1);
}

/** `length_mt()` */
export function lengthMatcher(m: LengthMatch): Matcher {
  const { range, invert } = m;
  return (p) => (p.len >= range.min && p.len <= range.max) !== invert;
}

/** `ttl_mt()`, `hl_mt6()` */
export function ttlMatcher(m: TtlMatch): Matcher {
  const { op, value } = m;
  return (p) => {
    const ttl = get8(p.skb.buf, p.skb.nh + (p.isIpv6 ? 7 : 8));
    switch (op) {
      case 'eq':
        return ttl === value;
      case 'ne':
        return ttl !== value;
      case 'lt':
        return ttl < value;
      case 'gt':
        return ttl > value;
    }
  };
}

/** `tos_mt()` */
export function tosMatcher(m: TosMatch): Matcher {
  return (p) => ((dsfield(p) & m.mask) === m.value) !== m.invert;
}

/** `dscp_mt()` */
export function dscpMatcher(m: DscpMatch): Matcher {
  return (p) => (dsfield(p) >>> 2 === m.dscp) !== m.invert;
}

const TCP_ECE = 0x40;
const TCP_CWR = 0x80;

/** `ecn_mt()` */
export function ecnMatcher(m: EcnMatch): Matcher {
  const { cwr, ece, ipEct } = m;
  return (p) => {
    if (ipEct !== undefined && ((dsfield(p) & 3) === ipEct.ect) === ipEct.invert) return false;
    if (cwr === undefined && ece === undefined) return true;
    if (p.proto !== 6 || p.thoff + 20 > p.skb.tail) return false; // of a later fragment, too
    const flags = get8(p.skb.buf, p.thoff + 13);
    if (cwr !== undefined && ((flags & TCP_CWR) !== 0) === cwr.invert) return false;
    return ece === undefined || ((flags & TCP_ECE) !== 0) !== ece.invert;
  };
}
