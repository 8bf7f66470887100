import type { MacAddr } from '@labwire/core/addr';
import { get16, get48, put48 } from '@labwire/core/bytes';
import type { Nanos } from '@labwire/core/sim';
import { cloneSkb, type SkBuff } from '@labwire/core/skb';
import { ETH_P_IPV6 } from '@labwire/core/wire';
import { NF_INET_FORWARD, NF_INET_LOCAL_OUT, NF_INET_POST_ROUTING } from '../ipv4/nf-hooks.ts';
import { ETH_HLEN } from '../link/index.ts';
import type { Bridge } from './bridge.ts';
import type { MdbEntry, PortGroup } from './multicast/index.ts';
import { brNfForward, brNfPostRouting, brNfRefragment } from './netfilter/index.ts';
import type { BridgePort } from './port.ts';
import { egressAllowed, untag } from './vlans.ts';

/** What a frame is, for the ports' flood flags. Linux `enum br_pkt_type`. */
export const PKT_UNICAST = 0;
export const PKT_MULTICAST = 1;
export const PKT_BROADCAST = 2;

/** Whether a frame that came in at `from` (null: from the bridge itself) may leave by `to`. `should_deliver()` */
function shouldDeliver(to: BridgePort, from: BridgePort | null, skb: SkBuff): boolean {
  if (to.state !== 'forwarding' || (to === from && !to.hairpin)) return false;
  if (to.bridge.filtersVlans && !egressAllowed(to.vlans, skb)) return false;
  return from === null || !from.isolated || !to.isolated;
}

/**
 * Sends a frame to one port. `br_forward()`
 * @param keep whether the caller still needs the frame: then a copy leaves, and `skb` stays the caller's
 */
export function forward(
  bridge: Bridge,
  to: BridgePort | null,
  skb: SkBuff,
  from: BridgePort | null,
  keep: boolean,
): void {
  if (to !== null && shouldDeliver(to, from, skb))
    deliver(bridge, to, keep ? cloneSkb(skb) : skb, from);
  else if (!keep) bridge.drop(skb, 'bridge_no_egress_port');
}

/** {@link forward} to where an address is; while that port has no carrier, to its backup. */
export function forwardTo(
  bridge: Bridge,
  to: BridgePort | null,
  skb: SkBuff,
  from: BridgePort | null,
  keep: boolean,
): void {
  const backup = to === null || to.dev.carrier ? null : to.backupPort;
  forward(bridge, backup ?? to, skb, from, keep);
}

/**
 * Sends a frame to every port that wants it. `br_flood()`
 * @param keep as for {@link forward}
 * @param answered an ARP request that ports need not have that are answered for
 */
export function flood(
  bridge: Bridge,
  skb: SkBuff,
  type: number,
  from: BridgePort | null,
  keep: boolean,
  answered = false,
): void {
  const ports = bridge.portList;
  let last: BridgePort | null = null;
  for (let i = 0; i < ports.length; i++) {
    const to = ports[i] as BridgePort;
    if (answered && (to.proxyArpWifi || to.neighSuppress)) continue;
    if (!floodsTo(to, type, from) || !shouldDeliver(to, from, skb)) continue;
    if (last !== null) deliver(bridge, last, cloneSkb(skb), from);
    last = to;
  }
  forward(bridge, last, skb, from, keep);
}

function floodsTo(to: BridgePort, type: number, from: BridgePort | null): boolean {
  if (to.proxyArp) return false;
  if (type === PKT_UNICAST) return to.flood;
  return from === null || (type === PKT_MULTICAST ? to.mcastFlood : to.bcastFlood);
}

/**
 * Sends a multicast frame to those who want its group, and to routers. `br_multicast_flood()`
 * @param keep as for {@link forward}
 */
export function floodGroup(
  bridge: Bridge,
  entry: MdbEntry | null,
  skb: SkBuff,
  from: BridgePort | null,
  keep: boolean,
): void {
  const { now } = bridge.clock;
  const isIpv6 = get16(skb.buf, skb.mac + 12) === ETH_P_IPV6;
  const ports = bridge.portList;
  let last: BridgePort | null = null;
  for (let i = 0; i < ports.length; i++) {
    const to = ports[i] as BridgePort;
    const wanted =
      to.mcast.isRouter(isIpv6, now) ||
      (entry !== null && isMember(bridge, entry, to, skb, from, now));
    if (!wanted || !shouldDeliver(to, from, skb)) continue;
    if (last !== null) deliver(bridge, last, cloneSkb(skb), from);
    last = to;
  }
  forward(bridge, last, skb, from, keep);
}

/** Whether a port wants a group's frame; a port that tells hosts apart gets a copy for each instead. */
function isMember(
  bridge: Bridge,
  entry: MdbEntry,
  to: BridgePort,
  skb: SkBuff,
  from: BridgePort | null,
  now: Nanos,
): boolean {
  let wanted = false;
  for (let i = 0; i < entry.ports.length; i++) {
    const group = entry.ports[i] as PortGroup;
    if (group.port !== to || group.expires <= now) continue;
    if (!to.mcastToUnicast) wanted = true;
    else if (shouldDeliver(to, from, skb)) deliverTo(bridge, to, group.addr, skb, from);
  }
  return wanted;
}

/** Sends a copy to one host at a port, but never back to the sender. `maybe_deliver_addr()` */
function deliverTo(
  bridge: Bridge,
  to: BridgePort,
  addr: MacAddr,
  skb: SkBuff,
  from: BridgePort | null,
): void {
  if (to === from && get48(skb.buf, skb.mac + 6) === addr) return;
  const copy = cloneSkb(skb);
  put48(copy.buf, copy.mac, addr);
  deliver(bridge, to, copy, from);
}

/** Past the hooks, if it was forwarded, and out. `__br_forward()`, `br_forward_finish()` */
function deliver(bridge: Bridge, to: BridgePort, skb: SkBuff, from: BridgePort | null): void {
  skb.dev = to.dev;
  if (bridge.filtersVlans) untag(bridge.vlanAware(), to.vlans, skb);
  const hooks = bridge.netns?.bridgeHooks ?? null;
  if (hooks !== null) {
    const hook = from === null ? NF_INET_LOCAL_OUT : NF_INET_FORWARD;
    if (!hooks.run(hook, skb, from === null ? null : from.dev, to.dev)) return;
  }
  if (from !== null && !brNfForward(to, skb)) return;
  if (hooks !== null && !hooks.run(NF_INET_POST_ROUTING, skb, null, to.dev)) return;
  if (!brNfPostRouting(to, skb)) return;
  xmit(bridge, to, skb);
}

/** `br_dev_queue_push_xmit()`: the frame gets its Ethernet header back, and must fit the port. */
function xmit(bridge: Bridge, to: BridgePort, skb: SkBuff): void {
  if (skb.fragMaxSize > 0 && brNfRefragment(to, skb)) return;
  skb.push(ETH_HLEN);
  if (to.dev.fits(skb)) to.dev.xmit(skb);
  else bridge.drop(skb, 'pkt_too_big');
}
