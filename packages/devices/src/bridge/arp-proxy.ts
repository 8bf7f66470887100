/** Ports whose hosts the bridge answers ARP requests for. Linux net/bridge/br_arp_nd_proxy.c. */
import { type Ipv4Addr, isLoopback4, isMulticast4, type MacAddr } from '@labwire/core/addr';
import { get16, get32, get48 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { ARPOP_REPLY, ARPOP_REQUEST, ArpOff, checkArp, ETH_P_ARP } from '@labwire/core/wire';
import { IFF_NOARP, macHi, macLo, type NetDevice } from '../link/index.ts';
import { isValid } from '../neigh/index.ts';
import type { Bridge } from './bridge.ts';
import type { BridgePort } from './port.ts';

/**
 * Answers a request for whom the bridge's machine and the forwarding database know, in place of the host that is asked.
 * @param port where it came in; null: it is the bridge's own machine's
 * @returns whether ports that suppress such requests shall not get it. `br_do_proxy_suppress_arp()`
 */
export function proxyArp(
  bridge: Bridge,
  port: BridgePort | null,
  skb: SkBuff,
  vid: number,
): boolean {
  const { buf, data, tail } = skb;
  if (get16(buf, skb.mac + 12) !== ETH_P_ARP || (bridge.flags & IFF_NOARP) !== 0) return false;
  if (checkArp(buf, data, tail) !== undefined) return false;
  const suppresses = bridge.portList.some((p) => p.neighSuppress);
  if (!suppresses && !bridge.portList.some((p) => p.proxyArp || p.proxyArpWifi)) return false;
  const sip = get32(buf, data + ArpOff.spa);
  const tip = get32(buf, data + ArpOff.tpa);
  if (isLoopback4(tip as Ipv4Addr) || isMulticast4(tip as Ipv4Addr)) return false;
  if (suppresses) {
    if (port?.neighSuppress === true) return false;
    if (sip >>> 24 === 0 || sip === tip) return true;
  }
  if (get16(buf, data + ArpOff.op) !== ARPOP_REQUEST) return false;
  const dev = deviceOf(bridge, skb, vid);
  if (dev === null) return false;
  if (suppresses && isLocalIp(dev, tip)) return true;
  return answer(bridge, port, skb, vid, dev) || (suppresses && isKnown(bridge, dev, tip, vid));
}

/** The device that knows the neighbours of a VLAN; null if there is none. */
function deviceOf(bridge: Bridge, skb: SkBuff, vid: number): NetDevice | null {
  if (vid === 0) return bridge;
  return bridge.vlans?.find(skb.vlanProto, vid) ?? null;
}

/** `br_is_local_ip()` */
function isLocalIp(dev: NetDevice, addr: number): boolean {
  return dev.inDev?.ifaList.some((a) => a.local === addr) === true;
}

/** The address of a neighbour that the bridge's machine knows; undefined if it does not. */
function neighbour(dev: NetDevice, addr: number): MacAddr | undefined {
  const neigh = dev.netns?.ipv4.neigh.lookup(addr as Ipv4Addr, dev) ?? null;
  return neigh !== null && isValid(neigh.nud) ? neigh.lladdr : undefined;
}

function isKnown(bridge: Bridge, dev: NetDevice, addr: number, vid: number): boolean {
  const mac = neighbour(dev, addr);
  return mac !== undefined && bridge.fdb.find(macHi(mac) | (vid << 16), macLo(mac)) !== null;
}

/** @returns whether it was answered */
function answer(
  bridge: Bridge,
  port: BridgePort | null,
  skb: SkBuff,
  vid: number,
  dev: NetDevice,
): boolean {
  const { buf, data } = skb;
  const tip = get32(buf, data + ArpOff.tpa) as Ipv4Addr;
  const mac = neighbour(dev, tip);
  if (mac === undefined) return false;
  const entry = bridge.fdb.find(macHi(mac) | (vid << 16), macLo(mac));
  if (entry === null) return false;
  const behind = entry.dst;
  if (port?.proxyArp !== true && behind?.proxyArpWifi !== true && behind?.neighSuppress !== true)
    return false;
  const sha = get48(buf, data + ArpOff.sha) as MacAddr;
  const sip = get32(buf, data + ArpOff.spa) as Ipv4Addr;
  const { ipv4 } = bridge.netns as NonNullable<typeof bridge.netns>;
  if (port !== null) ipv4.arp.send(ARPOP_REPLY, port.dev, sha, tip, mac, sip, sha);
  else bridge.arrive(ipv4.arp.create(ARPOP_REPLY, sha, tip, mac, sip, sha), 0);
  return true;
}
