import { type Ipv4Addr, type Ipv6Addr, ipv6 } from '@labwire/core/addr';
import type { InetAddr } from '../rtnetlink/types.ts';

/** An IPv4 address as an IPv6 socket sees it: ::ffff:a.b.c.d. RFC 4291 section 2.5.5.2 */
export function toMapped(addr: InetAddr): Ipv6Addr {
  return typeof addr === 'number' ? ipv6(0, 0, 0xffff, addr) : addr;
}

/** The IPv4 address in a mapped one; undefined if it is none. */
export function fromMapped(addr: InetAddr): Ipv4Addr | undefined {
  if (typeof addr === 'number') return addr;
  if (addr.w0 !== 0 || addr.w1 !== 0 || addr.w2 !== 0xffff) return undefined;
  return addr.w3 as Ipv4Addr;
}
