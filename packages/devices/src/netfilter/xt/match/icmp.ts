import { get8 } from '@labwire/core/bytes';
import { ICMP_HLEN } from '@labwire/core/wire';
import type { IcmpMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

/** The type that stands for any. Linux net/ipv4/netfilter/ip_tables.c, icmp_type_code_match() */
const ANY = 255;

/** `icmp_match()`, `icmp6_match()` */
export function icmpMatcher(m: IcmpMatch): Matcher {
  const { type, codes, invert, kind } = m;
  return (p) => {
    if (!p.hasTransport(ICMP_HLEN)) return false;
    const code = get8(p.skb.buf, p.thoff + 1);
    const same = get8(p.skb.buf, p.thoff) === type && code >= codes.min && code <= codes.max;
    return (same || (type === ANY && kind === 'icmp')) !== invert;
  };
}
