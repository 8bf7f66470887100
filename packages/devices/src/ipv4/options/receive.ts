import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { get8, get32, put8, put16, put32 } from '@labwire/core/bytes';
import { type DropReason, PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  ICMP_PARAMETERPROB,
  IPPROTO_TCP,
  IPV4_MIN_HLEN,
  Ipv4Header,
  Ipv4Off,
} from '@labwire/core/wire';
import type { NetDevice } from '../../link/net-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import type { Rtable } from '../rtable.ts';
import { compileOptions } from './compile.ts';
import { IpOptions } from './ip-options.ts';
import { routeSource, specDst } from './source.ts';

/** A received packet's options were its sender's; none of ours. */
const NO_DATA = new Uint8Array(0);
const DSCP_MASK = 0xfc;

/** Reads the options of a routed packet into `skb.ipOptions`. @returns why the packet is dropped. `ip_rcv_options()` */
export function receiveOptions(ip: Ipv4, skb: SkBuff): DropReason | undefined {
  const options = new IpOptions(NO_DATA);
  const { buf, nh } = skb;
  const len = (get8(buf, nh) & 0x0f) * 4 - IPV4_MIN_HLEN;
  const receipt = { specDst: () => specDst(ip, skb) };
  skb.ipOptions = options;
  const bad = compileOptions(ip, buf, nh + IPV4_MIN_HLEN, len, nh, options, receipt);
  if (bad !== undefined) {
    parameterProblem(ip, skb, bad);
    ip.mib.InHdrErrors++;
    return 'ip_inhdr';
  }
  if (options.srr === 0) return undefined;
  const idev = (skb.dev as NetDevice).inDev;
  if (idev !== null && !idev.sourceRoute) {
    if (idev.logMartians) logSourceRoute(ip, skb);
    return 'ip_inhdr';
  }
  return followSourceRoute(ip, skb, options) ? undefined : 'ip_inhdr';
}

function parameterProblem(ip: Ipv4, skb: SkBuff, pointer: number): void {
  ip.icmp.send(skb, ICMP_PARAMETERPROB, 0, pointer << 24);
}

function logSourceRoute(ip: Ipv4, { buf, nh }: SkBuff): void {
  const at = (off: number) => formatIpv4(get32(buf, nh + off) as Ipv4Addr);
  ip.netns.kernel.log(`source route option ${at(Ipv4Off.saddr)} -> ${at(Ipv4Off.daddr)}`);
}

/** A packet that has come to a stop of its route is routed to the next. @returns false to drop it. `ip_options_rcv_srr()` */
function followSourceRoute(ip: Ipv4, skb: SkBuff, options: IpOptions): boolean {
  const { buf, nh } = skb;
  if (skb.pktType !== PACKET_HOST) return false;
  const { type } = skb.dst as Rtable;
  if (type === 'unicast') {
    if (!options.isStrict) return true;
    parameterProblem(ip, skb, Ipv4Off.daddr);
    return false;
  }
  if (type !== 'local') return false;
  // what a socket has taken is not forwarded: ip_forward()
  const isTaken = isConnections(ip, skb);
  const at = nh + options.srr;
  const space = get8(buf, at + 1);
  let pointer = get8(buf, at + 2);
  let next = 0;
  for (; pointer <= space; pointer += 4) {
    if (pointer + 3 > space) {
      parameterProblem(ip, skb, options.srr + 2);
      return false;
    }
    next = get32(buf, at + pointer - 1);
    const old = skb.dst;
    skb.dst = null;
    const tos = get8(buf, nh + Ipv4Off.tos) & DSCP_MASK;
    const bad = ip.routeInput(skb, next, get32(buf, nh + Ipv4Off.saddr), tos);
    const rt = skb.dst as Rtable | null;
    if (bad !== undefined || rt === null || (rt.type !== 'unicast' && rt.type !== 'local')) {
      skb.dst = old;
      return false;
    }
    if (rt.type !== 'local') break;
    put32(buf, nh + Ipv4Off.daddr, next);
    options.isChanged = true;
  }
  if (pointer <= space) {
    if (isTaken) return false;
    options.srrIsHit = true;
    options.nexthop = next;
    options.isChanged = true;
  }
  return true;
}

/** Whether a packet is for a connection of TCP. */
function isConnections({ netns }: Ipv4, skb: SkBuff): boolean {
  const h = new Ipv4Header(skb.buf, skb.nh);
  if (h.protocol !== IPPROTO_TCP || h.isFragment) return false;
  return netns.tcp.hasConnection(netns.tcp.inet('inet'), skb, skb.nh + h.hlen);
}

/** Writes a forwarder's address into the options of a packet, and turns a source route to its next stop. `ip_forward_options()` */
export function forwardOptions(ip: Ipv4, skb: SkBuff, rt: Rtable, options: IpOptions): void {
  const { buf, nh } = skb;
  if (options.rrNeedAddr) {
    const at = nh + options.rr;
    put32(buf, at + get8(buf, at + 2) - 5, routeSource(ip, skb, rt));
    options.isChanged = true;
  }
  if (options.srrIsHit) nextStop(ip, skb, rt, options);
  if (!options.isChanged) return;
  options.isChanged = false;
  put16(buf, nh + Ipv4Off.check, 0);
  put16(buf, nh + Ipv4Off.check, checksum(buf, nh, (get8(buf, nh) & 0x0f) * 4));
}

function nextStop(ip: Ipv4, skb: SkBuff, rt: Rtable, options: IpOptions): void {
  const { buf, nh } = skb;
  const at = nh + options.srr;
  const space = get8(buf, at + 1);
  let pointer = get8(buf, at + 2);
  while (pointer + 3 <= space && get32(buf, at + pointer - 1) !== options.nexthop) pointer += 4;
  if (pointer + 3 <= space) {
    options.isChanged = true;
    put32(buf, nh + Ipv4Off.daddr, options.nexthop);
    put32(buf, at + pointer - 1, routeSource(ip, skb, rt));
    put8(buf, at + 2, pointer + 4);
  }
  if (!options.tsNeedAddr) return;
  const ts = nh + options.ts;
  put32(buf, ts + get8(buf, ts + 2) - 9, routeSource(ip, skb, rt));
  options.isChanged = true;
}

/** Whether a strict source route would have to leave its way. */
export function failsSourceRoute(skb: SkBuff, rt: Rtable): boolean {
  const options = skb.ipOptions as IpOptions | null;
  return options?.isStrict === true && rt.gateway !== 0;
}
