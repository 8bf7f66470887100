import type { SkBuff } from '@labwire/core/skb';
import { ETH_P_8021Q } from '@labwire/core/wire';
import { ETH_HLEN } from '../link/index.ts';
import { skbVlanPush } from '../link/vlan-tag.ts';
import type { Bridge } from './bridge.ts';
import type { BridgePort } from './port.ts';
import type { PortState } from './stp/index.ts';

const VID_MASK = 0xfff;

/** Frames and bytes of one VLAN, without Ethernet headers. Linux `struct br_vlan_stats`. */
export class VlanStats {
  rxPackets = 0;
  rxBytes = 0;
  txPackets = 0;
  txBytes = 0;
}

/** What a port knows of one VLAN that it is in. Linux `struct net_bridge_vlan`. */
export interface VlanEntry {
  /** Whether frames leave without a tag. */
  untagged: boolean;
  /** What the VLAN does at the port, beside what the port does. */
  state: PortState;
  /** The bridge's for this VLAN, unless each port counts by itself. */
  readonly stats: VlanStats;
}

/** The VLANs that a port, or the bridge's own device, is in. Linux net/bridge/br_private.h, `struct net_bridge_vlan_group`. */
export class VlanMembership {
  /** What frames without a tag are in; 0: they are not taken. */
  pvid = 0;
  readonly #vlans = new Map<number, VlanEntry>();

  has(vid: number): boolean {
    return this.#vlans.has(vid);
  }

  /** What it knows of a VLAN that it is in. */
  get(vid: number): VlanEntry | undefined {
    return this.#vlans.get(vid);
  }

  isUntagged(vid: number): boolean {
    return this.#vlans.get(vid)?.untagged === true;
  }

  /** All, by number. */
  get vids(): number[] {
    return [...this.#vlans.keys()].sort((a, b) => a - b);
  }

  /** `__vlan_add_flags()` @param stats where a VLAN that is new to it is counted */
  set(vid: number, pvid: boolean, untagged: boolean, stats: VlanStats): void {
    const known = this.#vlans.get(vid);
    if (known === undefined) this.#vlans.set(vid, { untagged, state: 'forwarding', stats });
    else known.untagged = untagged;
    if (pvid) this.pvid = vid;
    else if (this.pvid === vid) this.pvid = 0;
  }

  delete(vid: number): void {
    this.#vlans.delete(vid);
    if (this.pvid === vid) this.pvid = 0;
  }

  /** Has a default VLAN as it was given. `vlan_default_pvid()` */
  hasDefault(vid: number): boolean {
    return this.pvid === vid && this.isUntagged(vid);
  }
}

/** What a bridge knows of VLANs once it was asked to. Linux net/bridge/br_vlan.c. */
export class BridgeVlans {
  readonly #bridge: Bridge;
  readonly own: VlanMembership = new VlanMembership();
  /** EtherType of the tags that it knows; frames with others are carried as if they had none. */
  protocol: number = ETH_P_8021Q;
  counts = false;
  countsPerPort = false;
  readonly #stats = new Map<number, VlanStats>();
  /** What ports are in, to begin with; 0: nothing. */
  defaultPvid = 1;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    this.set(null, this.defaultPvid, true, true);
    for (const port of bridge.portList) this.initPort(port);
  }

  /** `nbp_vlan_init()` */
  initPort(port: BridgePort): void {
    if (this.defaultPvid !== 0) this.set(port, this.defaultPvid, true, true);
  }

  /** The VLANs of a port; with null, of the bridge itself. */
  of(port: BridgePort | null): VlanMembership {
    return port === null ? this.own : port.vlans;
  }

  /** `nbp_vlan_add()`, `br_vlan_add()` */
  set(port: BridgePort | null, vid: number, pvid: boolean, untagged: boolean): void {
    const group = this.of(port);
    const isNew = !group.has(vid);
    group.set(
      vid,
      pvid,
      untagged,
      port === null || !this.countsPerPort ? this.#statsOf(vid) : new VlanStats(),
    );
    if (isNew) this.#bridge.fdb.addLocal(port, (port?.dev ?? this.#bridge).addr, vid);
  }

  #statsOf(vid: number): VlanStats {
    let stats = this.#stats.get(vid);
    if (stats === undefined) {
      stats = new VlanStats();
      this.#stats.set(vid, stats);
    }
    return stats;
  }

  /** `nbp_vlan_delete()`, `br_vlan_delete()` */
  delete(port: BridgePort | null, vid: number): void {
    this.of(port).delete(vid);
    this.#bridge.fdb.deleteVlan(port, vid);
  }

  /** Leaves alone what users changed. `__br_vlan_set_default_pvid()` */
  setDefaultPvid(vid: number): void {
    const was = this.defaultPvid;
    if (vid === was) return;
    for (const port of [null, ...this.#bridge.portList]) {
      const group = this.of(port);
      if (was !== 0 && !group.hasDefault(was)) continue;
      if (vid !== 0 && group.has(vid)) continue;
      if (vid !== 0) this.set(port, vid, true, true);
      if (was !== 0) this.delete(port, was);
    }
    this.defaultPvid = vid;
  }
}

/**
 * The VLAN that a frame is in, which its tag says from now on. `__allowed_ingress()`
 * @returns -1 if it may not come in
 */
export function ingressVlan(
  { protocol, counts }: BridgeVlans,
  group: VlanMembership,
  skb: SkBuff,
): number {
  if (skb.vlanTci >= 0 && skb.vlanProto !== protocol) putTagBack(skb);
  const vid = skb.vlanTci < 0 ? 0 : skb.vlanTci & VID_MASK;
  if (vid !== 0) return admitted(group, vid, counts, skb) ? vid : -1;
  const { pvid } = group;
  if (pvid === 0 || !admitted(group, pvid, counts, skb)) return -1;
  if (skb.vlanTci < 0) {
    skb.vlanProto = protocol;
    skb.vlanTci = pvid;
  } else skb.vlanTci |= pvid;
  return pvid;
}

/** Whether a VLAN's frames may come in at a port; counts them. `br_vlan_state_allowed()` */
function admitted(group: VlanMembership, vid: number, counts: boolean, skb: SkBuff): boolean {
  const vlan = group.get(vid);
  if (vlan === undefined) return false;
  if (counts) {
    vlan.stats.rxPackets++;
    vlan.stats.rxBytes += skb.len;
  }
  return vlan.state === 'forwarding' || vlan.state === 'learning';
}

/** A tag of another protocol is what the frame carries. */
function putTagBack(skb: SkBuff): void {
  const { vlanProto } = skb;
  skb.push(ETH_HLEN);
  skbVlanPush(skb);
  skb.mac = skb.data;
  skb.pull(ETH_HLEN);
  skb.protocol = vlanProto;
}

/** Whether a frame may leave to where `group` is. `br_allowed_egress()` */
export function egressAllowed(group: VlanMembership, skb: SkBuff): boolean {
  return group.get(skb.vlanTci & VID_MASK)?.state === 'forwarding';
}

/** Takes the tag off a frame that leaves where its VLAN has none; counts it. `br_handle_vlan()` */
export function untag({ counts }: BridgeVlans, group: VlanMembership, skb: SkBuff): void {
  if (skb.vlanTci < 0) return;
  const vlan = group.get(skb.vlanTci & VID_MASK);
  if (vlan === undefined) return;
  if (counts) {
    vlan.stats.txPackets++;
    vlan.stats.txBytes += skb.len;
  }
  if (vlan.untagged) skb.vlanTci = -1;
}
