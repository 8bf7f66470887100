import type { Ipv4Addr } from '@labwire/core/addr';
import { IPV4_BROADCAST, IPV4_LOOPBACK, isLoopback4, isMulticast4 } from '@labwire/core/addr';
import { type Errno, KernelError } from '@labwire/core/error';
import { IPPROTO_IGMP } from '@labwire/core/wire';
import {
  FibResult,
  FLOWI_FLAG_ANYSRC,
  FLOWI_FLAG_ONLINK,
  type Flow4,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
} from '../../fib/index.ts';
import { IFF_LOOPBACK, IFF_UP, type NetDevice } from '../../link/net-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import { INPUT_LOCAL, RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, Rtable } from '../rtable.ts';
import { selectMultipath } from './multipath.ts';
import { bindException } from './nexthop-exception.ts';

const res = new FibResult();

const isZeronet = (addr: number): boolean => addr >>> 24 === 0;
/** 224.0.0.0/24 */
const isLocalMulticast = (addr: number): boolean => addr >>> 8 === 0xe00000;

/**
 * Finds the way of a packet of ours. Fills in `saddr` of the flow if it is 0.
 * @returns why there is none, with nothing changed in `ip.rt`, or undefined with the route in `ip.rt`.
 *   `ip_route_output_key_hash_rcu()`
 */
export function ipRouteOutput(ip: Ipv4, flow: Flow4): Errno | undefined {
  flow.iif = ip.netns.loopback.ifindex;
  flow.scope = (flow.flags & FLOWI_FLAG_ONLINK) !== 0 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  res.route = null;
  res.nh = null;
  res.table = 0;
  res.type = 'unicast';
  let dev: NetDevice | null = null;
  if (flow.saddr !== 0) {
    const err = checkSource(ip, flow);
    if (err !== undefined) return err;
    if (flow.oif === 0 && (isMulticast4(flow.daddr as Ipv4Addr) || flow.daddr === IPV4_BROADCAST)) {
      dev = ip.devOf(flow.saddr);
      if (dev === null) return 'EINVAL';
      return makeOutput(ip, flow, dev, 0);
    }
  }
  if (flow.oif !== 0) {
    dev = ip.netns.devices.byIndex(flow.oif) ?? null;
    if (dev === null) return 'ENODEV';
    if ((dev.flags & IFF_UP) === 0 || dev.inDev === null) return 'ENETUNREACH';
    const { daddr, protocol } = flow;
    if (isLocalMulticast(daddr) || daddr === IPV4_BROADCAST || protocol === IPPROTO_IGMP) {
      if (flow.saddr === 0) flow.saddr = ip.selectAddr(dev, 0, RT_SCOPE_LINK);
      return makeOutput(ip, flow, dev, 0);
    }
    if (flow.saddr === 0) {
      if (isMulticast4(flow.daddr as Ipv4Addr)) {
        flow.saddr = ip.selectAddr(dev, 0, flow.scope);
      } else if (flow.daddr === 0) flow.saddr = ip.selectAddr(dev, 0, RT_SCOPE_HOST);
    }
  }
  if (flow.daddr === 0) return toOurselves(ip, flow);
  return lookupOutput(ip, flow, dev);
}

/** A source must be an address of ours. */
function checkSource(ip: Ipv4, flow: Flow4): Errno | undefined {
  const { saddr } = flow;
  if (isMulticast4(saddr as Ipv4Addr) || saddr === IPV4_BROADCAST || isZeronet(saddr)) {
    return 'EINVAL';
  }
  if ((flow.flags & FLOWI_FLAG_ANYSRC) !== 0) return undefined;
  return ip.devOf(saddr) === null ? 'ENETUNREACH' : undefined;
}

/** 0.0.0.0 as a destination is this host. */
function toOurselves(ip: Ipv4, flow: Flow4): Errno | undefined {
  flow.daddr = flow.saddr;
  if (flow.daddr === 0) {
    flow.daddr = IPV4_LOOPBACK;
    flow.saddr = IPV4_LOOPBACK;
  }
  res.type = 'local';
  return makeOutput(ip, flow, ip.netns.loopback, RTCF_LOCAL);
}

function lookupOutput(ip: Ipv4, flow: Flow4, oifDev: NetDevice | null): Errno | undefined {
  const err = ip.fib.lookup(flow, res, 0);
  if (err !== undefined) {
    res.route = null;
    res.nh = null;
    res.table = 0;
    if (oifDev === null || err === 'EACCES') return err;
    if (flow.l3mdev !== 0 && !isMulticast4(flow.daddr as Ipv4Addr)) return err;
    // a bound device is used even without a route: the destination is taken to be on its link
    if (flow.saddr === 0) flow.saddr = ip.selectAddr(oifDev, 0, RT_SCOPE_LINK);
    res.type = 'unicast';
    return makeOutput(ip, flow, oifDev, 0);
  }
  if (res.type === 'local') {
    if (flow.saddr === 0) flow.saddr = res.route?.prefsrc || flow.daddr;
    // the device of a layer 3 domain is its `lo`
    return makeOutput(ip, flow, res.dev?.l3Master ?? ip.netns.loopback, RTCF_LOCAL);
  }
  selectMultipath(ip, flow, res, null);
  if (flow.saddr === 0) flow.saddr = sourceOf(ip, flow, res);
  return makeOutput(ip, flow, res.dev as NetDevice, 0);
}

/** The source for a flow: of its layer 3 domain, where a route leads out of that. `fib_select_path()` */
function sourceOf(ip: Ipv4, flow: Flow4, found: FibResult): number {
  const domain = flow.l3mdev === 0 ? undefined : ip.netns.devices.byIndex(flow.l3mdev);
  if (domain === undefined || found.dev?.l3Master === domain) return resultPrefsrc(ip, found);
  return ip.selectAddr(domain, 0, RT_SCOPE_LINK);
}

/** The source that a route prefers. `fib_result_prefsrc()` */
export function resultPrefsrc(ip: Ipv4, found: FibResult): number {
  const prefsrc = found.route?.prefsrc ?? 0;
  if (prefsrc !== 0) return prefsrc;
  const nh = found.nh;
  if (nh === null || nh.dev === null) return 0;
  return ip.selectAddr(nh.dev, nh.gateway, found.route?.scope ?? 0);
}

/** `__mkroute_output()` */
function makeOutput(ip: Ipv4, flow: Flow4, dev: NetDevice, flags: number): Errno | undefined {
  const { daddr, saddr } = flow;
  const idev = dev.inDev;
  if (idev === null) return 'EINVAL';
  const onLoopback = (dev.flags & IFF_LOOPBACK) !== 0;
  if (isLoopback4(saddr as Ipv4Addr) && !onLoopback && !idev.routeLocalnet) return 'EINVAL';
  if (daddr === IPV4_BROADCAST) res.type = 'broadcast';
  else if (isMulticast4(daddr as Ipv4Addr)) res.type = 'multicast';
  else if (isZeronet(daddr)) return 'EINVAL';
  let rtcf = onLoopback ? flags | RTCF_LOCAL : flags;
  if (res.type === 'broadcast') {
    rtcf |= RTCF_BROADCAST | RTCF_LOCAL;
    res.nh = null;
  } else if (res.type === 'multicast') {
    rtcf |= RTCF_MULTICAST;
    if (idev.isMember(daddr)) rtcf |= RTCF_LOCAL;
    if (res.route !== null && res.prefixLen < 4) res.nh = null;
  } else if (res.nh !== null) return cachedOutput(ip, flow, dev, rtcf);
  ip.rt = newOutput(ip, dev, rtcf);
  return undefined;
}

function cachedOutput(ip: Ipv4, flow: Flow4, dev: NetDevice, flags: number): undefined {
  const nh = res.nh as NonNullable<FibResult['nh']>;
  const exception = bindException(ip, nh, flow.daddr);
  const cached = (exception === null ? nh.rthOutput : exception.rthOutput) as Rtable | null;
  if (cached !== null && cached.genid === ip.fib.genid && cached.dev === dev) {
    ip.rt = cached;
    return undefined;
  }
  const rt = newOutput(ip, dev, flags);
  if (exception === null) nh.rthOutput = rt;
  else {
    exception.apply(rt);
    exception.rthOutput = rt;
  }
  ip.rt = rt;
  return undefined;
}

function newOutput(ip: Ipv4, dev: NetDevice, flags: number): Rtable {
  return new Rtable({
    dev,
    type: res.type,
    input: (flags & RTCF_LOCAL) !== 0 ? INPUT_LOCAL : 0,
    flags,
    nh: res.nh,
    route: res.route,
    table: res.table,
    isInput: false,
    genid: ip.fib.genid,
  });
}

/**
 * {@link ipRouteOutput} for those who throw.
 * @throws {@link KernelError} ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, …
 */
export function routeOutputOrThrow(ip: Ipv4, flow: Flow4): Rtable {
  const err = ipRouteOutput(ip, flow);
  if (err !== undefined) throw new KernelError(err);
  return ip.rt as Rtable;
}
