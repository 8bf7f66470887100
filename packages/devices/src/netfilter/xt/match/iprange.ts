import type { Ipv6Addr } from '@labwire/core/addr';
import type { InetAddr } from '../../../rtnetlink/types.ts';
import type { AddrRange, IprangeMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

type Side = (AddrRange & { readonly invert: boolean }) | undefined;

function compare6(a: Ipv6Addr, b: Ipv6Addr): number {
  return (
    (a.w0 >>> 0) - (b.w0 >>> 0) ||
    (a.w1 >>> 0) - (b.w1 >>> 0) ||
    (a.w2 >>> 0) - (b.w2 >>> 0) ||
    (a.w3 >>> 0) - (b.w3 >>> 0)
  );
}

function within(addr: InetAddr, r: AddrRange): boolean {
  if (typeof addr === 'number')
    return addr >>> 0 >= (r.min as number) >>> 0 && addr >>> 0 <= (r.max as number) >>> 0;
  return compare6(addr, r.min as Ipv6Addr) >= 0 && compare6(addr, r.max as Ipv6Addr) <= 0;
}

function sideHolds(p: XtPacket, addr4: number, addr6: Ipv6Addr | null, side: Side): boolean {
  if (side === undefined) return true;
  return within(p.isIpv6 ? (addr6 as Ipv6Addr) : (addr4 as InetAddr), side) !== side.invert;
}

/** `iprange_mt4()`, `iprange_mt6()` */
export function iprangeMatcher(m: IprangeMatch): Matcher {
  return (p) => sideHolds(p, p.saddr, p.saddr6, m.src) && sideHolds(p, p.daddr, p.daddr6, m.dst);
}
