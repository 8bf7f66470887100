import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/** Nets that are nobody's in public, with the bits that count: RFC 6303. dnsmasq src/rfc1035.c, private_net() */
const PRIVATE: readonly (readonly [net: number, mask: number])[] = [
  [0x0a000000, 0xff000000],
  [0xac100000, 0xfff00000],
  [0xc0a80000, 0xffff0000],
  [0xa9fe0000, 0xffff0000],
  [0xc0000200, 0xffffff00],
  [0xc6336400, 0xffffff00],
  [0xcb007100, 0xffffff00],
  [0xffffffff, 0xffffffff],
];
const LOOPBACK: readonly (readonly [net: number, mask: number])[] = [
  [0x7f000000, 0xff000000],
  [0, 0xff000000],
];

function within(addr: Ipv4Addr, nets: typeof PRIVATE): boolean {
  return nets.some(([net, mask]) => ((addr ^ net) & mask) === 0);
}

function isPrivate6(a: Ipv6Addr, orLoopback: boolean): boolean {
  const high = a.w0 === 0 && a.w1 === 0;
  if (high && a.w2 === 0xffff) return isPrivateNet(a.w3 as Ipv4Addr, orLoopback);
  if (high && a.w2 === 0 && (a.w3 === 0 || a.w3 === 1)) return orLoopback;
  const top = (a.w0 >>> 16) & 0xffc0;
  return top === 0xfe80 || top === 0xfec0 || a.w0 >>> 24 === 0xfd || a.w0 === 0x2001_0db8;
}

/** Whether an address is of a private or a test net. @param orLoopback the loopback counts too */
export function isPrivateNet(addr: InetAddr, orLoopback: boolean): boolean {
  if (typeof addr === 'object') return isPrivate6(addr, orLoopback);
  return within(addr, PRIVATE) || (orLoopback && within(addr, LOOPBACK));
}
