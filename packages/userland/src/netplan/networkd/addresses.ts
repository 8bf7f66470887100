import { formatIpv4, type Ipv4Addr, ipv4Mask, parseIpv4 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import type { NetDevice } from '@labwire/devices/link';
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
import type { NetDef, Settings } from '../config/index.ts';

const RTPROT_STATIC = 4;
const RTPROT_DHCP = 16;
const SCOPES: Readonly<Record<string, number>> = { global: 0, link: 253, host: 254 };
const SCOPE_LINK = 253;
/** What netplan has networkd give to routes by DHCP. */
const DHCP_METRIC = 100;
/** The metric of IPv6 routes that name none. IP6_RT_PRIO_USER */
const V6_METRIC = 1024;
const ANY = 0 as Ipv4Addr;

/** Sets the addresses and routes that a definition has written down. What the kernel does not take is done without. */
export function applyStatic(proc: Process, dev: NetDevice, def: NetDef): void {
  for (const text of def.list('addresses'))
    attempt(() => addAddress(proc, dev, parseCidr(text) as CidrAddress, 0));
  for (const key of ['gateway4', 'gateway6']) {
    const via = def.text(key);
    if (via !== undefined) put(proc, dev, routeOf({ to: 'default', via }));
  }
  for (const route of def.routes) put(proc, dev, routeOf(route));
}

function routeOf(route: Settings): StaticRoute {
  const via = parseInet(String(route.via ?? ''));
  const v6 = typeof via === 'object' || String(route.to).includes(':');
  const to = route.to === 'default' ? (v6 ? '::/0' : '0.0.0.0/0') : String(route.to);
  const { address, prefixLen } = parseCidr(to) as CidrAddress;
  const scope = route.scope === undefined ? undefined : SCOPES[String(route.scope)];
  return {
    dst: address,
    dstLen: prefixLen,
    via,
    metric: typeof route.metric === 'number' ? route.metric : v6 ? V6_METRIC : 0,
    protocol: RTPROT_STATIC,
    onlink: route['on-link'] === true,
    ...(v6 ? {} : { scope: scope ?? (via === undefined ? SCOPE_LINK : 0) }),
  };
}

/** Sets what a lease brings. systemd src/network/networkd-dhcp4.c */
export function applyLease(proc: Process, dev: NetDevice, lease: Dhcp4Lease): void {
  const { address, prefixLen } = lease;
  const left = lease.expires === Infinity ? undefined : Math.ceil((lease.expires - proc.now) / SEC);
  attempt(() => addAddress(proc, dev, { address, prefixLen }, 0, left, DHCP_METRIC));
  const route = (dst: InetAddr, dstLen: number, via: Ipv4Addr | undefined) =>
    put(proc, dev, {
      dst,
      dstLen,
      via,
      metric: DHCP_METRIC,
      protocol: RTPROT_DHCP,
      prefsrc: address,
      scope: via === undefined ? SCOPE_LINK : 0,
    });
  const [router] = lease.routers;
  if (lease.routes.length > 0)
    for (const { dst, dstLen, via } of lease.routes)
      route(dst, dstLen, via === 0 ? undefined : via);
  else if (router !== undefined) {
    route(router, 32, undefined);
    route(ANY, 0, router);
  }
  const mask = ipv4Mask(prefixLen);
  for (const server of lease.dns) {
    const onLink = ((server ^ address) & mask) === 0;
    if (onLink || router !== undefined) route(server, 32, onLink ? undefined : router);
  }
  if (lease.mtu !== undefined) dev.mtu = lease.mtu;
}

function put(proc: Process, dev: NetDevice, route: StaticRoute): void {
  attempt(() => addRoute(proc, dev, route));
}

function attempt(change: () => void): void {
  try {
    change();
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
  }
}

/** Name servers of a lease, as text. */
export function leaseServers(lease: Dhcp4Lease): string[] {
  return lease.dns.map(formatIpv4).filter((text) => parseIpv4(text) !== 0);
}
