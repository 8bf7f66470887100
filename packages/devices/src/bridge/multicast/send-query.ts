import { IPV6_ALL_NODES, IPV6_ANY, type Ipv4Addr, type MacAddr } from '@labwire/core/addr';
import { put16, put48 } from '@labwire/core/bytes';
import { MS, SEC } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import {
  ETH_P_IP,
  ETH_P_IPV6,
  fillIcmpv6Checksum,
  ICMPV6_MGM_QUERY,
  IGMP_QUERY,
  IP_DF,
  IPPROTO_HOPOPTS,
  IPPROTO_ICMPV6,
  IPPROTO_IGMP,
  igmpLength,
  mldLength,
  ROUTER_ALERT_HLEN,
  writeIgmp,
  writeMld,
  writeRouterAlert,
} from '@labwire/core/wire';
import { RT_SCOPE_LINK } from '../../fib/index.ts';
import { NF_INET_LOCAL_OUT } from '../../ipv4/nf-hooks.ts';
import { IpOptions } from '../../ipv4/options/index.ts';
import { ipBuild } from '../../ipv4/output.ts';
import { Ipv4TxHeader } from '../../ipv4/tx-header.ts';
import { newIp6Skb } from '../../ipv6/ip6-build.ts';
import { multicastMac6 } from '../../ipv6/nd-resolver.ts';
import { ETH_HLEN } from '../../link/index.ts';
import { multicastMac } from '../../neigh/arp.ts';
import type { Bridge } from '../bridge.ts';
import type { BridgePort } from '../port.ts';
import { type GroupKey, groupAddr } from './group-key.ts';
import type { McastFamily } from './port-multicast.ts';

/** 224.0.0.1 */
const ALL_HOSTS = (0xe000_0001 | 0) as Ipv4Addr;
/** The robustness variable that queries tell. */
const ROBUSTNESS = 2;

const header = new Ipv4TxHeader();
header.protocol = IPPROTO_IGMP;
header.ttl = 1;
header.tos = 0xc0;
header.fragOff = IP_DF;
header.options = new IpOptions(Uint8Array.of(0x94, 4, 0, 0));

/**
 * Asks about all groups, or about one, at a port; with null for the port, the bridge's own machine.
 * `__br_multicast_send_query()`
 */
export function sendQuery(
  bridge: Bridge,
  port: BridgePort | null,
  family: McastFamily,
  group: GroupKey | null,
): void {
  const skb = family === 'inet' ? query4(bridge, group) : query6(bridge, group);
  if (skb === null) return;
  if (port !== null) {
    sendToPort(bridge, port, skb);
    return;
  }
  const { ipv6 } = bridge.netns as NonNullable<typeof bridge.netns>;
  bridge.mcast
    .other(family)
    .selectOwn(querySource4(bridge), ipv6.idev(bridge)?.linkLocal()?.addr ?? IPV6_ANY);
  bridge.arrive(skb, 0);
}

function sendToPort(bridge: Bridge, port: BridgePort, skb: SkBuff): void {
  const hooks = bridge.netns?.bridgeHooks ?? null;
  skb.dev = port.dev;
  skb.mac = skb.data;
  skb.pull(ETH_HLEN);
  if (hooks !== null && !hooks.run(NF_INET_LOCAL_OUT, skb, null, port.dev)) return;
  skb.push(ETH_HLEN);
  port.dev.xmit(skb);
}

function querySource4({ mcast, inDev }: Bridge): number {
  return mcast.queryUseIfaddr ? (inDev?.selectAddr(0, RT_SCOPE_LINK) ?? 0) : 0;
}

/** `br_ip4_multicast_alloc_query()` */
function query4(bridge: Bridge, group: GroupKey | null): SkBuff {
  const { mcast } = bridge;
  const time = group === null ? mcast.queryResponseInterval : mcast.lastMemberInterval;
  const message = {
    type: IGMP_QUERY,
    code: Math.floor((time * 10) / SEC) & 0xff,
    group: group === null ? 0 : group.w0,
    v3:
      mcast.igmpVersion === 3
        ? { flags: ROBUSTNESS, qqic: Math.floor(mcast.queryInterval / SEC) & 0xff, sources: [] }
        : undefined,
  };
  const len = igmpLength(message);
  const skb = allocSkb(len);
  writeIgmp(skb.buf, skb.put(len), message);
  header.saddr = querySource4(bridge);
  header.daddr = ALL_HOSTS;
  ipBuild(skb, header);
  return framed(bridge, skb, multicastMac(ALL_HOSTS), ETH_P_IP);
}

/** `br_ip6_multicast_alloc_query()`; null without an address to ask from */
function query6(bridge: Bridge, group: GroupKey | null): SkBuff | null {
  const { mcast } = bridge;
  const source = bridge.netns?.ipv6.idev(bridge)?.linkLocal()?.addr;
  mcast.hasIpv6Addr = source !== undefined;
  if (source === undefined) return null;
  const time = group === null ? mcast.queryResponseInterval : mcast.lastMemberInterval;
  const message = {
    type: ICMPV6_MGM_QUERY,
    maxDelay: Math.floor(time / MS) & 0xffff,
    group: group === null ? IPV6_ANY : (groupAddr(group) as typeof IPV6_ANY),
    v2:
      mcast.mldVersion === 2
        ? { flags: ROBUSTNESS, qqic: Math.floor(mcast.queryInterval / SEC) & 0xff, sources: [] }
        : undefined,
  };
  const len = ROUTER_ALERT_HLEN + mldLength(message);
  const skb = newIp6Skb(len, source, IPV6_ALL_NODES, IPPROTO_HOPOPTS, 1);
  writeRouterAlert(skb.buf, skb.th, IPPROTO_ICMPV6);
  const at = skb.th + ROUTER_ALERT_HLEN;
  writeMld(skb.buf, at, message);
  fillIcmpv6Checksum(skb.buf, at, skb.tail, source, IPV6_ALL_NODES);
  return framed(bridge, skb, multicastMac6(IPV6_ALL_NODES), ETH_P_IPV6);
}

function framed(bridge: Bridge, skb: SkBuff, dst: MacAddr, type: number): SkBuff {
  const at = skb.push(ETH_HLEN);
  put48(skb.buf, at, dst);
  put48(skb.buf, at + 6, bridge.addr);
  put16(skb.buf, at + 12, type);
  skb.mac = at;
  return skb;
}
