import type { Ipv6Addr } from '@labwire/core/addr';
import { get16, put16 } from '@labwire/core/bytes';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { ETH_P_IPV6, IPV6_HLEN, writeIpv6 } from '@labwire/core/wire';

/** An skb with a fixed header at `nh` and `payloadLen` bytes to be written from `th` on. */
export function newIp6Skb(
  payloadLen: number,
  saddr: Ipv6Addr,
  daddr: Ipv6Addr,
  nextHeader: number,
  hopLimit: number,
  flowLabel = 0,
): SkBuff {
  const skb = allocSkb(IPV6_HLEN + payloadLen);
  skb.nh = skb.put(IPV6_HLEN);
  skb.th = skb.put(payloadLen);
  skb.protocol = ETH_P_IPV6;
  writeIpv6(skb.buf, skb.nh, {
    trafficClass: 0,
    flowLabel,
    payloadLen,
    nextHeader,
    hopLimit,
    saddr,
    daddr,
  });
  return skb;
}

/** Sets the traffic class of a packet. */
export function setTrafficClass({ buf, nh }: SkBuff, tclass: number): void {
  put16(buf, nh, (get16(buf, nh) & 0xf00f) | (tclass << 4));
}
