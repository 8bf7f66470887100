import {
  formatIpv4,
  type Ipv4Addr,
  type Ipv6Addr,
  ipv4Mask,
  ipv6,
  parseIpv4,
  parseIpv6,
} from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parseInet } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import {
  addAddress,
  addRoute,
  type CidrAddress,
  type Dhcp4Lease,
  parseCidr,
  type StaticRoute,
} from '../../network-config/index.ts';
import type { Profile } from '../profile/index.ts';
import type { NmDevice } from './device.ts';

/** IFA_F_NOPREFIXROUTE: the manager adds that route itself, with its own metric. */
const NO_PREFIX_ROUTE = 0x200;
const RTPROT_KERNEL = 2;
const RTPROT_STATIC = 4;
const RTPROT_DHCP = 16;
const SCOPE_LINK = 253;
/** The metric of the route to fe80::/64. */
const LINK_LOCAL_METRIC = 1024;
const FE80: Ipv6Addr = ipv6(0xfe800000, 0, 0, 0);

/** The network that an address is in. */
function networkOf({ address, prefixLen }: CidrAddress): InetAddr {
  if (typeof address === 'number') return (address & ipv4Mask(prefixLen)) as Ipv4Addr;
  const word = (w: number, i: number) => {
    const bits = Math.min(32, Math.max(0, prefixLen - 32 * i));
    return bits === 0 ? 0 : w & (-1 << (32 - bits));
  };
  return ipv6(word(address.w0, 0), word(address.w1, 1), word(address.w2, 2), word(address.w3, 3));
}

function prefixRoute(cidr: CidrAddress, metric: number): StaticRoute {
  const v4 = typeof cidr.address === 'number';
  return {
    dst: networkOf(cidr),
    dstLen: cidr.prefixLen,
    via: undefined,
    metric,
    protocol: RTPROT_KERNEL,
    ...(v4 ? { scope: SCOPE_LINK, prefsrc: cidr.address } : {}),
  };
}

function put(proc: Process, dev: NmDevice, route: StaticRoute): void {
  try {
    addRoute(proc, dev.link, route);
    dev.routes.push(route);
  } catch (e) {
    // a route that the kernel does not take is done without
    if (!(e instanceof KernelError)) throw e;
  }
}

/** Routes that both static and automatic configuration have: those of the profile. */
function profileRoutes(profile: Profile, family: 'ipv4' | 'ipv6', metric: number): StaticRoute[] {
  return profile.list(family, 'routes').map((text) => {
    const [head = '', ...rest] = text.split(' ');
    const { address, prefixLen } = parseCidr(head) as CidrAddress;
    const via = rest.map(parseInet).find((each) => each !== undefined);
    const own = rest.find((word) => /^\d+$/.test(word));
    return {
      dst: address,
      dstLen: prefixLen,
      via,
      metric: own === undefined ? metric : Number(own),
      protocol: RTPROT_STATIC,
      ...(via === undefined && typeof address === 'number' ? { scope: SCOPE_LINK } : {}),
    };
  });
}

/** Sets the addresses and routes that a profile has written down. */
export function applyStatic(
  proc: Process,
  dev: NmDevice,
  profile: Profile,
  family: 'ipv4' | 'ipv6',
): void {
  const metric = metricOf(dev, profile, family);
  const addresses = profile.list(family, 'addresses').map((a) => parseCidr(a) as CidrAddress);
  for (const cidr of addresses) addAddress(proc, dev.link, cidr, NO_PREFIX_ROUTE);
  for (const cidr of addresses) put(proc, dev, prefixRoute(cidr, metric));
  const gateway = parseInet(profile.get(family, 'gateway'));
  if (gateway !== undefined && !profile.yes(family, 'never-default'))
    put(proc, dev, defaultRoute(gateway, metric, RTPROT_STATIC));
  for (const route of profileRoutes(profile, family, metric)) put(proc, dev, route);
}

function defaultRoute(via: InetAddr, metric: number, protocol: number): StaticRoute {
  const dst = typeof via === 'number' ? (0 as Ipv4Addr) : ipv6(0, 0, 0, 0);
  return { dst, dstLen: 0, via, metric, protocol };
}

function metricOf(dev: NmDevice, profile: Profile, family: 'ipv4' | 'ipv6'): number {
  const own = Number(profile.get(family, 'route-metric'));
  return own >= 0 ? own : dev.metric;
}

/** Sets what a server has given. */
export function applyLease(
  proc: Process,
  dev: NmDevice,
  profile: Profile,
  lease: Dhcp4Lease,
): void {
  const metric = metricOf(dev, profile, 'ipv4');
  const cidr: CidrAddress = { address: lease.address, prefixLen: lease.prefixLen };
  const life =
    lease.expires === Infinity ? undefined : Math.floor((lease.expires - proc.now) / SEC);
  addAddress(proc, dev.link, cidr, NO_PREFIX_ROUTE, life);
  put(proc, dev, prefixRoute(cidr, metric));
  const from = { protocol: RTPROT_DHCP, metric, prefsrc: lease.address };
  const noDefault = profile.yes('ipv4', 'never-default');
  if (!profile.yes('ipv4', 'ignore-auto-routes'))
    for (const { dst, dstLen, via } of leaseRoutes(lease))
      if (dstLen > 0 || !noDefault)
        put(proc, dev, { dst, dstLen, via: via === 0 ? undefined : via, ...from });
  if (lease.mtu !== undefined && profile.get('802-3-ethernet', 'mtu') === '0')
    dev.link.mtu = lease.mtu;
}

function leaseRoutes(lease: Dhcp4Lease): Dhcp4Lease['routes'] {
  if (lease.routes.length > 0) return lease.routes;
  const [router] = lease.routers;
  return router === undefined ? [] : [{ dst: 0 as Ipv4Addr, dstLen: 0, via: router }];
}

/** Gives a device its link-local address: one that follows from profile and device, and nothing of its MAC. RFC 7217 */
export function applyLinkLocal(proc: Process, dev: NmDevice, profile: Profile): void {
  const seed = `${profile.uuid} ${dev.name} ${proc.machine.name}`;
  const address = ipv6(0xfe800000, 0, hash(seed, 0x811c9dc5), hash(seed, 0x01000193));
  addAddress(proc, dev.link, { address, prefixLen: 64 }, NO_PREFIX_ROUTE);
  put(proc, dev, {
    dst: FE80,
    dstLen: 64,
    via: undefined,
    metric: LINK_LOCAL_METRIC,
    protocol: RTPROT_KERNEL,
  });
}

/** FNV-1a with its bits spread. */
function hash(text: string, start: number): number {
  let h = start;
  for (const c of text) h = Math.imul(h ^ c.charCodeAt(0), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) | 0;
}

/** Name servers and search domains that a device brings, the profile's own first. */
export function dnsOf(dev: NmDevice): { servers: string[]; searches: string[]; domains: string[] } {
  const { applied: profile, lease } = dev;
  if (profile === undefined || dev.active?.profile === undefined || dev.isExternal)
    return { servers: [], searches: [], domains: [] };
  const useLease = lease !== undefined && !profile.yes('ipv4', 'ignore-auto-dns');
  const own = [...profile.list('ipv4', 'dns'), ...profile.list('ipv6', 'dns')];
  const given = useLease ? lease.dns.map(formatIpv4) : [];
  const searches = [...profile.list('ipv4', 'dns-search'), ...profile.list('ipv6', 'dns-search')];
  const domains = useLease && lease.domain !== undefined ? lease.domain.split(/[\s,]+/) : [];
  return { servers: [...own, ...given], searches, domains };
}

/** Whether a text is an address of either family. */
export function isAddress(text: string): boolean {
  return parseIpv4(text) !== undefined || parseIpv6(text) !== undefined;
}
