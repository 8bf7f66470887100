import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { get16, getU32 } from '@labwire/core/bytes';
import { type Nanos, SEC } from '@labwire/core/sim';
import { type DhcpMessage, DhcpOpt, dhcpOption, LEASE_INFINITE } from '@labwire/devices/dhcp';

/** A route that a server hands out. RFC 3442 */
export interface Dhcp4Route {
  readonly dst: Ipv4Addr;
  readonly dstLen: number;
  readonly via: Ipv4Addr;
}

/** What a server has given. Times are Nanos since the start; Infinity for never. */
export interface Dhcp4Lease {
  readonly address: Ipv4Addr;
  readonly prefixLen: number;
  readonly broadcast: Ipv4Addr;
  readonly server: Ipv4Addr;
  /** The server to boot from: `siaddr`. */
  readonly nextServer: Ipv4Addr;
  readonly routers: readonly Ipv4Addr[];
  readonly dns: readonly Ipv4Addr[];
  readonly domain: string | undefined;
  readonly hostname: string | undefined;
  readonly mtu: number | undefined;
  /** Classless routes; where there are some, routers do not count. */
  readonly routes: readonly Dhcp4Route[];
  /** Seconds; {@link LEASE_INFINITE} for ever. */
  readonly leaseTime: number;
  readonly renewAt: Nanos;
  readonly rebindAt: Nanos;
  readonly expires: Nanos;
  /** The whole message, for who wants more. */
  readonly message: Uint8Array;
}

/** What a lease that names no time counts, in seconds. */
const DEFAULT_LEASE = 3600;

/** Reads an acknowledgement that came at `now`. */
export function readLease(message: DhcpMessage, now: Nanos): Dhcp4Lease {
  const { buf } = message;
  const address = message.yiaddr;
  const mask = u32(buf, DhcpOpt.netmask) ?? classMask(address);
  const leaseTime = (u32(buf, DhcpOpt.leaseTime) ?? DEFAULT_LEASE) >>> 0;
  const after = (code: number, share: number) =>
    leaseTime === LEASE_INFINITE
      ? Infinity
      : now + ((u32(buf, code) ?? Math.floor(leaseTime * share)) >>> 0) * SEC;
  return {
    address,
    prefixLen: Math.clz32(~mask),
    broadcast: (u32(buf, DhcpOpt.broadcast) ?? address | ~mask) as Ipv4Addr,
    server: (u32(buf, DhcpOpt.serverIdentifier) ?? 0) as Ipv4Addr,
    nextServer: message.siaddr,
    routers: addresses(buf, DhcpOpt.router),
    dns: addresses(buf, DhcpOpt.dnsServer),
    domain: text(buf, DhcpOpt.domainName),
    hostname: text(buf, DhcpOpt.hostName),
    mtu: u16(buf, DhcpOpt.mtu),
    routes: classlessRoutes(dhcpOption(buf, DhcpOpt.classlessRoutes, 5)),
    leaseTime,
    renewAt: after(DhcpOpt.t1, 0.5),
    rebindAt: after(DhcpOpt.t2, 0.875),
    expires: leaseTime === LEASE_INFINITE ? Infinity : now + leaseTime * SEC,
    message: buf,
  };
}

function u32(buf: Uint8Array, code: number): number | undefined {
  const data = dhcpOption(buf, code, 4);
  return data === undefined ? undefined : getU32(data, 0) | 0;
}

function u16(buf: Uint8Array, code: number): number | undefined {
  const data = dhcpOption(buf, code, 2);
  return data === undefined ? undefined : get16(data, 0);
}

function text(buf: Uint8Array, code: number): string | undefined {
  const data = dhcpOption(buf, code, 1);
  if (data === undefined) return undefined;
  return String.fromCharCode(...data).replace(/\0+$/, '');
}

function addresses(buf: Uint8Array, code: number): Ipv4Addr[] {
  const data = dhcpOption(buf, code, 4) ?? new Uint8Array(0);
  const count = Math.floor(data.length / 4);
  return Array.from({ length: count }, (_, i) => (getU32(data, 4 * i) | 0) as Ipv4Addr);
}

/** The mask of an address's class, for servers that give none. */
function classMask(addr: Ipv4Addr): number {
  const top = addr >>> 24;
  return ipv4Mask(top < 128 ? 8 : top < 192 ? 16 : 24);
}

/** Routes of option 121; a malformed rest is left out. */
function classlessRoutes(data: Uint8Array | undefined): Dhcp4Route[] {
  const routes: Dhcp4Route[] = [];
  for (let at = 0; data !== undefined && at < data.length; ) {
    const dstLen = data[at] as number;
    const bytes = Math.ceil(dstLen / 8);
    if (dstLen > 32 || at + 1 + bytes + 4 > data.length) break;
    let dst = 0;
    for (let i = 0; i < 4; i++) dst = (dst << 8) | (i < bytes ? (data[at + 1 + i] as number) : 0);
    const via = (getU32(data, at + 1 + bytes) | 0) as Ipv4Addr;
    routes.push({ dst: dst as Ipv4Addr, dstLen, via });
    at += 1 + bytes + 4;
  }
  return routes;
}
