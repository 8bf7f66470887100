import type { Ipv6Addr } from '@labwire/core/addr';
import { get8, get16, get32 } from '@labwire/core/bytes';
import { ETH_P_IP, ETH_P_IPV6, Ipv6Chain, Ipv6Off, walkIpv6 } from '@labwire/core/wire';
import type { EbtMatcher } from '../frame.ts';
import type { Bits, EbtIp, EbtIp6, Is } from '../match.ts';
import { addrIs, icmpIs, is, within } from './values.ts';

const IPV4_HLEN = 20;
const IPV6_HLEN = 40;
const FRAGMENT_OFFSET = 0x1fff;
/** Bytes of a transport header that are looked at. */
const TH_LEN = 4;

/** `ebt_ip_mt()` */
export function ipMatcher(m: EbtIp): EbtMatcher {
  const looksInside = (m.sport ?? m.dport ?? m.icmp ?? m.igmp) !== undefined;
  return ({ skb: { buf, data, tail, protocol } }) => {
    if (protocol !== ETH_P_IP || tail - data < IPV4_HLEN) return false;
    if (
      !is(m.tos, get8(buf, data + 1)) ||
      !addrIs(m.src, get32(buf, data + 12)) ||
      !addrIs(m.dst, get32(buf, data + 16)) ||
      !is(m.proto, get8(buf, data + 9))
    )
      return false;
    if (!looksInside) return true;
    if ((get16(buf, data + 6) & FRAGMENT_OFFSET) !== 0) return false;
    return transportHolds(m, buf, data + (get8(buf, data) & 0x0f) * 4, tail);
  };
}

function transportHolds(m: EbtIp, buf: Uint8Array, th: number, tail: number): boolean {
  return (
    th + TH_LEN <= tail &&
    within(m.sport, get16(buf, th)) &&
    within(m.dport, get16(buf, th + 2)) &&
    within(m.igmp, get8(buf, th)) &&
    icmpIs(m.icmp, get8(buf, th), get8(buf, th + 1))
  );
}

function addr6Is(m: Is<Bits<Ipv6Addr>> | undefined, buf: Uint8Array, at: number): boolean {
  if (m === undefined) return true;
  const { addr, mask } = m.value;
  const differs =
    ((get32(buf, at) ^ addr.w0) & mask.w0) |
    ((get32(buf, at + 4) ^ addr.w1) & mask.w1) |
    ((get32(buf, at + 8) ^ addr.w2) & mask.w2) |
    ((get32(buf, at + 12) ^ addr.w3) & mask.w3);
  return (differs === 0) !== m.invert;
}

/** `ebt_ip6_mt()` */
export function ip6Matcher(m: EbtIp6): EbtMatcher {
  const looksInside = (m.sport ?? m.dport ?? m.icmp) !== undefined;
  const chain = new Ipv6Chain();
  return ({ skb: { buf, data, tail, protocol } }) => {
    if (protocol !== ETH_P_IPV6 || tail - data < IPV6_HLEN) return false;
    if (
      !is(m.tclass, (get16(buf, data) >>> 4) & 0xff) ||
      !addr6Is(m.src, buf, data + Ipv6Off.saddr) ||
      !addr6Is(m.dst, buf, data + Ipv6Off.daddr)
    )
      return false;
    if (m.proto === undefined) return true;
    if (walkIpv6(buf, data, tail, chain) !== undefined || !is(m.proto, chain.protocol))
      return false;
    if (!looksInside) return true;
    const th = chain.off;
    return (
      th + TH_LEN <= tail &&
      within(m.sport, get16(buf, th)) &&
      within(m.dport, get16(buf, th + 2)) &&
      icmpIs(m.icmp, get8(buf, th), get8(buf, th + 1))
    );
  };
}
