import type { Ipv4Addr } from '@labwire/core/addr';
import { formatIpv4, IPV4_BROADCAST, isLoopback4, isMulticast4 } from '@labwire/core/addr';
import type { Errno } from '@labwire/core/error';
import type { DropReason, SkBuff } from '@labwire/core/skb';
import { ETH_P_IP } from '@labwire/core/wire';
import {
  FIB_LOOKUP_IGNORE_LINKSTATE,
  type FibNexthop,
  FibResult,
  Flow4,
  RT_SCOPE_HOST,
} from '../../fib/index.ts';
import type { NetDevice } from '../../link/net-device.ts';
import type { InDevice } from '../in-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import {
  INPUT_ERROR,
  INPUT_FORWARD,
  INPUT_LOCAL,
  RTCF_BROADCAST,
  RTCF_LOCAL,
  RTCF_MULTICAST,
  Rtable,
} from '../rtable.ts';
import { selectMultipath } from './multipath.ts';
import { hashNeedsPorts } from './multipath-hash.ts';
import { bindException } from './nexthop-exception.ts';

const flow = new Flow4();
const reverse = new Flow4();
const res = new FibResult();
const back = new FibResult();

const isZeronet = (addr: number): boolean => addr >>> 24 === 0;
/** 224.0.0.0/24 */
const isLocalMulticast = (addr: number): boolean => addr >>> 8 === 0xe00000;

/**
 * Finds what to do with a packet that came in, and puts that into `skb.dst`.
 * @param tos DSCP bits
 * @param dev where it came in: the port, if `skb.dev` is its layer 3 domain's device
 * @returns why it must be dropped, if it must. `ip_route_input_noref()`
 */
export function ipRouteInput(
  ip: Ipv4,
  skb: SkBuff,
  daddr: number,
  saddr: number,
  tos: number,
  dev: NetDevice = skb.dev as NetDevice,
): DropReason | undefined {
  const idev = dev.inDev;
  if (idev === null) return 'ip_innoroutes';
  if (isMulticast4(daddr as Ipv4Addr)) return routeMulticast(ip, skb, idev, daddr, saddr);
  return routeSlow(ip, skb, idev, daddr, saddr, tos);
}

/** `ip_route_input_mc()` */
function routeMulticast(
  ip: Ipv4,
  skb: SkBuff,
  idev: InDevice,
  daddr: number,
  saddr: number,
): DropReason | undefined {
  if (!idev.isMember(daddr)) return 'not_specified';
  if (isMulticast4(saddr as Ipv4Addr) || saddr === IPV4_BROADCAST) return 'ip_invalid_source';
  if (skb.protocol !== ETH_P_IP) return 'invalid_proto';
  if (isLoopback4(saddr as Ipv4Addr) && !idev.routeLocalnet) return 'ip_localnet';
  if (isZeronet(saddr)) {
    if (!isLocalMulticast(daddr)) return 'ip_invalid_source';
  } else {
    const err = validateSource(ip, skb, idev, saddr, 0, 0, 0);
    if (typeof err === 'string') return err;
  }
  res.type = 'multicast';
  res.nh = null;
  skb.dst = newInput(ip, ip.netns.loopback, INPUT_LOCAL, RTCF_MULTICAST | RTCF_LOCAL);
  return undefined;
}

/** `ip_route_input_slow()` */
function routeSlow(
  ip: Ipv4,
  skb: SkBuff,
  idev: InDevice,
  daddr: number,
  saddr: number,
  tos: number,
): DropReason | undefined {
  ip.doRedirect = false;
  res.nh = null;
  res.route = null;
  res.table = 0;
  if (isMulticast4(saddr as Ipv4Addr) || saddr === IPV4_BROADCAST) {
    return martianSource(ip, skb, idev, daddr, saddr, 'ip_invalid_source');
  }
  if (daddr === IPV4_BROADCAST || (saddr === 0 && daddr === 0)) {
    return routeBroadcast(ip, skb, idev, daddr, saddr, tos);
  }
  if (isZeronet(saddr)) return martianSource(ip, skb, idev, daddr, saddr, 'ip_invalid_source');
  if (isZeronet(daddr)) return martianDestination(ip, idev, daddr, saddr, 'ip_invalid_dest');
  if (isLoopback4(daddr as Ipv4Addr) && !idev.routeLocalnet) {
    return martianDestination(ip, idev, daddr, saddr, 'ip_localnet');
  }
  if (isLoopback4(saddr as Ipv4Addr) && !idev.routeLocalnet) {
    return martianSource(ip, skb, idev, daddr, saddr, 'ip_localnet');
  }
  fillFlow(ip, skb, idev.dev, daddr, saddr, tos);
  const err = ip.fib.lookup(flow, res, 0);
  if (err !== undefined) return routeError(ip, skb, idev.forwarding ? err : 'EHOSTUNREACH');
  if (res.type === 'broadcast') return routeBroadcast(ip, skb, idev, daddr, saddr, tos);
  if (res.type === 'local') return routeLocal(ip, skb, idev, daddr, saddr, tos);
  if (!idev.forwarding) return routeError(ip, skb, 'EHOSTUNREACH');
  if (res.type !== 'unicast') return martianDestination(ip, idev, daddr, saddr, 'ip_invalid_dest');
  return routeForward(ip, skb, idev, daddr, saddr, tos);
}

function fillFlow(
  ip: Ipv4,
  skb: SkBuff,
  dev: NetDevice,
  daddr: number,
  saddr: number,
  tos: number,
): void {
  flow.to(daddr);
  flow.saddr = saddr;
  flow.iif = dev.ifindex;
  flow.tos = tos;
  flow.mark = skb.mark;
  if (ip.fib.hasCustomRules || hashNeedsPorts(ip)) ip.dissect(skb, flow);
}

/** To an address of ours. */
function routeLocal(
  ip: Ipv4,
  skb: SkBuff,
  idev: InDevice,
  daddr: number,
  saddr: number,
  tos: number,
): DropReason | undefined {
  const err = validateSource(ip, skb, idev, saddr, daddr, tos, 0);
  if (typeof err === 'string') return martianSource(ip, skb, idev, daddr, saddr, err);
  const nh = res.nh as FibNexthop;
  const cached = nh.rthInput as Rtable | null;
  if (cached !== null && cached.genid === ip.fib.genid) {
    skb.dst = cached;
    return undefined;
  }
  // the domain's device is its `lo`
  const lo = nh.dev?.l3Master ?? ip.netns.loopback;
  const rt = newInput(ip, lo, INPUT_LOCAL, RTCF_LOCAL);
  nh.rthInput = rt;
  skb.dst = rt;
  return undefined;
}

function routeBroadcast(
  ip: Ipv4,
  skb: SkBuff,
  idev: InDevice,
  daddr: number,
  saddr: number,
  tos: number,
): DropReason | undefined {
  if (skb.protocol !== ETH_P_IP) return 'invalid_proto';
  if (!isZeronet(saddr)) {
    const err = validateSource(ip, skb, idev, saddr, 0, tos, 0);
    if (typeof err === 'string') return martianSource(ip, skb, idev, daddr, saddr, err);
  }
  res.type = 'broadcast';
  res.nh = null;
  skb.dst = newInput(ip, ip.netns.loopback, INPUT_LOCAL, RTCF_BROADCAST | RTCF_LOCAL);
  return undefined;
}

/** No route: the answer depends on whether we forward, see `ipError()`. */
function routeError(ip: Ipv4, skb: SkBuff, error: Errno): undefined {
  res.type = 'unreachable';
  res.nh = null;
  skb.dst = newInput(ip, ip.netns.loopback, INPUT_ERROR, 0, error);
}

/** `__mkroute_input()` */
function routeForward(
  ip: Ipv4,
  skb: SkBuff,
  idev: InDevice,
  daddr: number,
  saddr: number,
  tos: number,
): DropReason | undefined {
  selectMultipath(ip, flow, res, skb);
  const nh = res.nh as FibNexthop;
  const out = nh.dev as NetDevice;
  const direct = validateSource(ip, skb, idev, saddr, daddr, tos, out.ifindex);
  if (typeof direct === 'string') {
    return martianSource(ip, skb, idev, daddr, saddr, direct);
  }
  if (out === idev.dev) ip.doRedirect = direct && mayRedirect(idev, nh, saddr);
  if (skb.protocol !== ETH_P_IP && out === idev.dev && !idev.proxyArpPvlan) return 'not_specified';
  const exception = bindException(ip, nh, daddr);
  const cached = (exception === null ? nh.rthInput : exception.rthInput) as Rtable | null;
  if (cached !== null && cached.genid === ip.fib.genid) {
    skb.dst = cached;
    return undefined;
  }
  const rt = newInput(ip, out, INPUT_FORWARD, 0);
  if (exception === null) nh.rthInput = rt;
  else {
    exception.apply(rt);
    exception.rthInput = rt;
  }
  skb.dst = rt;
  return undefined;
}

function mayRedirect(idev: InDevice, nh: FibNexthop, saddr: number): boolean {
  if (!idev.sendRedirects) return false;
  return idev.sharedMedia || inetAddrOnlink(idev, saddr, nh.gateway);
}

/** Whether two addresses are on the link that one of the device's addresses names. */
export function inetAddrOnlink(idev: InDevice, a: number, b: number): boolean {
  for (const ifa of idev.ifaList) {
    const mask = ifa.prefixLen === 0 ? 0 : -1 << (32 - ifa.prefixLen);
    if (((a ^ ifa.address) & mask) === 0 && (b === 0 || ((b ^ ifa.address) & mask) === 0)) {
      return true;
    }
  }
  return false;
}

function newInput(ip: Ipv4, dev: NetDevice, input: number, flags: number, error?: Errno): Rtable {
  return new Rtable({
    dev,
    type: res.type,
    input,
    flags,
    error,
    nh: res.nh,
    route: res.route,
    table: res.table,
    isInput: true,
    genid: ip.fib.genid,
  });
}

/**
 * Whether a source may come in here. `fib_validate_source()`
 * @param oif the device it is to leave by, 0 for none
 * @returns why not, else whether the source is on the link
 */
function validateSource(
  ip: Ipv4,
  skb: SkBuff,
  idev: InDevice,
  saddr: number,
  daddr: number,
  tos: number,
  oif: number,
): DropReason | boolean {
  const rpf = idev.rpFilter;
  if (rpf === 0 && (idev.dev.ifindex !== oif || !idev.sendRedirects)) {
    if (idev.acceptLocal) return false;
    // the addresses say it all, unless somebody has made other routes to ourselves or other rules
    if (!ip.fib.hasCustomLocalRoutes && !ip.fib.hasCustomRules)
      return ip.addrIndex.devOf(saddr) === null ? false : 'ip_local_source';
  }
  reverse.to(saddr);
  reverse.saddr = daddr;
  const lo = ip.netns.loopback.ifindex;
  reverse.iif = idev.dev.l3Master?.ifindex ?? (oif === 0 ? lo : oif);
  reverse.tos = tos;
  reverse.mark = idev.srcValidMark ? skb.mark : 0;
  if (ip.fib.hasCustomRules) dissectBack(ip, skb);
  if (ip.fib.lookup(reverse, back, 0) !== undefined) return rpf === 0 ? false : 'ip_rpfilter';
  if (back.type !== 'unicast' && (back.type !== 'local' || !idev.acceptLocal)) {
    return 'ip_local_source';
  }
  if (usesDev(back, idev.dev)) return (back.nh?.scope ?? 0) >= RT_SCOPE_HOST;
  if (idev.ifaList.length === 0) return rpf === 0 ? false : 'ip_rpfilter';
  if (rpf === 1) return 'ip_rpfilter';
  reverse.oif = idev.dev.ifindex;
  const err = ip.fib.lookup(reverse, back, FIB_LOOKUP_IGNORE_LINKSTATE);
  return err === undefined && back.type === 'unicast' && (back.nh?.scope ?? 0) >= RT_SCOPE_HOST;
}

/** What the transport header of an answer would say. */
function dissectBack(ip: Ipv4, skb: SkBuff): void {
  ip.dissect(skb, reverse);
  const { sport } = reverse;
  reverse.sport = reverse.dport;
  reverse.dport = sport;
}

function usesDev(found: FibResult, dev: NetDevice): boolean {
  const nexthops = found.route?.nexthops ?? [];
  for (let i = 0; i < nexthops.length; i++) {
    const via = nexthops[i]?.dev;
    if (via === dev || via?.l3Master === dev) return true;
  }
  return false;
}

function martianSource(
  ip: Ipv4,
  skb: SkBuff,
  idev: InDevice,
  daddr: number,
  saddr: number,
  reason: DropReason,
): DropReason {
  if (idev.logMartians) {
    const of = formatIpv4(daddr as Ipv4Addr);
    const from = formatIpv4(saddr as Ipv4Addr);
    ip.netns.kernel.log(`IPv4: martian source ${of} from ${from}, on dev ${idev.dev.name}`);
    if (skb.mac >= 0) ip.netns.kernel.log(`ll header: ${hexDump(skb)}`);
  }
  return reason;
}

/** The Ethernet header as print_hex_dump() shows it. */
function hexDump(skb: SkBuff): string {
  const bytes = [...skb.buf.slice(skb.mac, skb.mac + 14)];
  return `00000000: ${bytes.map((b) => b.toString(16).padStart(2, '0')).join(' ')}`;
}

function martianDestination(
  ip: Ipv4,
  idev: InDevice,
  daddr: number,
  saddr: number,
  reason: DropReason,
): DropReason {
  if (idev.logMartians) {
    const to = formatIpv4(daddr as Ipv4Addr);
    const from = formatIpv4(saddr as Ipv4Addr);
    ip.netns.kernel.log(`IPv4: martian destination ${to} from ${from}, dev ${idev.dev.name}`);
  }
  return reason;
}
