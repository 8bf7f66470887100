import { get16, get32 } from '@labwire/core/bytes';
import { PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import { ETH_P_IPV6 } from '@labwire/core/wire';
import { NF_INET_LOCAL_IN, NF_INET_PRE_ROUTING } from '../ipv4/nf-hooks.ts';
import { macHi, macLo } from '../link/index.ts';
import { proxyArp } from './arp-proxy.ts';
import type { Bridge } from './bridge.ts';
import {
  flood,
  floodGroup,
  forwardTo,
  PKT_BROADCAST,
  PKT_MULTICAST,
  PKT_UNICAST,
} from './forward.ts';
import { isKnown, mdbGet, SNOOP_BAD, SNOOP_NOTHING, snoop } from './multicast/index.ts';
import { brNfPreRouting } from './netfilter/index.ts';
import type { BridgePort } from './port.ts';
import { receiveBpdu } from './stp/index.ts';
import { ingressVlan } from './vlans.ts';

/** The first 44 bits of the addresses that bridges keep to themselves: 01-80-c2-00-00-0X. IEEE 802.1D-1998 table 7-9. */
const RESERVED_HI = 0x0180;
const RESERVED_LO = 0xc2000000 | 0;

const PAUSE = 0x1;

/**
 * Takes in a frame at a port, its Ethernet header pulled. `br_handle_frame()`
 * @returns false if the port's own stack shall have it
 */
export function handleFrame(bridge: Bridge, port: BridgePort, skb: SkBuff): boolean {
  const { buf, mac } = skb;
  const srcHi = get16(buf, mac + 6);
  if ((srcHi & 0x100) !== 0 || (srcHi === 0 && get32(buf, mac + 8) === 0)) {
    bridge.drop(skb, 'mac_invalid_source');
    return true;
  }
  const dstHi = get16(buf, mac);
  const dstLo = get32(buf, mac + 2);
  if (dstHi === RESERVED_HI && (dstLo & ~0xf) === RESERVED_LO)
    return handleReserved(bridge, port, skb, dstLo & 0xf);
  return handleForwardable(bridge, port, skb);
}

/** Frames to reserved addresses go no further, unless the mask says so or they are for a spanning tree that is off. */
function handleReserved(bridge: Bridge, port: BridgePort, skb: SkBuff, digit: number): boolean {
  let mask = port.groupFwdMask;
  if (digit === 0 && !bridge.stp.enabled) mask |= 1;
  else if (digit === PAUSE) {
    bridge.drop(skb, 'not_specified');
    return true;
  } else if (digit !== 0) mask |= bridge.groupFwdMask;
  if ((mask & (1 << digit)) !== 0) return handleForwardable(bridge, port, skb);
  if (bridge.netns?.bridgeHooks?.run(NF_INET_LOCAL_IN, skb, port.dev, null) === false) return true;
  if (!bridge.noLinkLocalLearn) learnSource(bridge, port, skb, 0);
  if (isGroupAddr(bridge, skb) && bridge.stp.enabled && bridge.isUp && port.state !== 'disabled')
    receiveBpdu(port, skb);
  return false;
}

function isGroupAddr(bridge: Bridge, skb: SkBuff): boolean {
  const { buf, mac } = skb;
  return (
    get16(buf, mac) === macHi(bridge.groupAddr) && get32(buf, mac + 2) === macLo(bridge.groupAddr)
  );
}

function learnSource(bridge: Bridge, port: BridgePort, skb: SkBuff, vid: number): void {
  if (!port.learning || (port.state !== 'learning' && port.state !== 'forwarding')) return;
  bridge.fdb.learn(port, get16(skb.buf, skb.mac + 6) | (vid << 16), get32(skb.buf, skb.mac + 8));
}

function handleForwardable(bridge: Bridge, port: BridgePort, skb: SkBuff): boolean {
  if (port.state !== 'forwarding' && port.state !== 'learning') {
    bridge.drop(skb, 'bridge_ingress_stp_state');
    return true;
  }
  if (isFor(bridge, skb)) skb.pktType = PACKET_HOST;
  if (bridge.netns?.bridgeHooks?.run(NF_INET_PRE_ROUTING, skb, port.dev, null) === false)
    return true;
  const frame = brNfPreRouting(port, skb);
  if (frame !== null) handleFrameFinish(bridge, port, frame);
  return true;
}

/** Whether a frame is addressed to the bridge itself. */
function isFor(bridge: Bridge, { buf, mac }: SkBuff): boolean {
  return get16(buf, mac) === bridge.addrHi && get32(buf, mac + 2) === bridge.addrLo;
}

/** Learns, then forwards, floods and hands up. `br_handle_frame_finish()` */
export function handleFrameFinish(bridge: Bridge, port: BridgePort, skb: SkBuff): void {
  const vid = bridge.filtersVlans ? ingressVlan(bridge.vlanAware(), port.vlans, skb) : 0;
  if (vid < 0) {
    bridge.drop(skb, 'not_specified');
    return;
  }
  if (port.locked && !isAdmitted(port, skb, vid)) {
    bridge.drop(skb, 'not_specified');
    return;
  }
  learnSource(bridge, port, skb, vid);
  const hi = get16(skb.buf, skb.mac);
  const lo = get32(skb.buf, skb.mac + 2);
  const isBroadcast = hi === 0xffff && lo === -1;
  const isMulticast = (hi & 0x100) !== 0 && !isBroadcast;
  const found = isMulticast ? snoop(bridge, port, skb, vid) : SNOOP_NOTHING;
  if (port.state === 'learning' || found === SNOOP_BAD) {
    bridge.drop(skb, found === SNOOP_BAD ? 'not_specified' : 'bridge_ingress_stp_state');
    return;
  }
  if (isMulticast) {
    finishMulticast(bridge, port, skb, vid, found);
    return;
  }
  const answered = proxyArp(bridge, port, skb, vid);
  if (isBroadcast) {
    flood(bridge, skb, PKT_BROADCAST, port, true, answered);
    bridge.passUp(skb);
  } else finishUnicast(bridge, port, skb, hi | (vid << 16), lo, answered);
}

/** Whether a frame's sender is known to be behind a locked port. */
function isAdmitted(port: BridgePort, { buf, mac }: SkBuff, vid: number): boolean {
  const { fdb } = port.bridge;
  const entry = fdb.find(get16(buf, mac + 6) | (vid << 16), get32(buf, mac + 8));
  return entry !== null && entry.dst === port && !entry.isLocal;
}

/** A frame to a group: to all, or where snooping knows better to those who want it. */
function finishMulticast(
  bridge: Bridge,
  port: BridgePort,
  skb: SkBuff,
  vid: number,
  found: number,
): void {
  const entry = mdbGet(bridge, skb, vid, found);
  if (!isKnown(bridge, skb, entry, found)) {
    bridge.stats.multicast++;
    flood(bridge, skb, PKT_MULTICAST, port, true);
    bridge.passUp(skb);
    return;
  }
  const { now } = bridge.clock;
  const isIpv6 = get16(skb.buf, skb.mac + 12) === ETH_P_IPV6;
  const wanted = entry?.hostJoined(now) === true || bridge.mcast.own.isRouter(isIpv6, now);
  if (wanted) bridge.stats.multicast++;
  const up = wanted || bridge.promiscuity > 0;
  floodGroup(bridge, entry, skb, port, up);
  if (up) bridge.passUp(skb);
}

function finishUnicast(
  bridge: Bridge,
  port: BridgePort,
  skb: SkBuff,
  hi: number,
  lo: number,
  answered: boolean,
): void {
  const entry = bridge.fdb.find(hi, lo);
  const alsoUp = bridge.promiscuity > 0;
  if (entry === null) flood(bridge, skb, PKT_UNICAST, port, alsoUp, answered);
  else if (entry.isLocal) {
    bridge.passUp(skb);
    return;
  } else {
    entry.used = bridge.clock.now;
    forwardTo(bridge, entry.dst, skb, port, alsoUp);
  }
  if (alsoUp) bridge.passUp(skb);
}
