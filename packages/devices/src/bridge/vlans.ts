import type { SkBuff } from '@labwire/core/skb';
import { ETH_P_8021Q } from '@labwire/core/wire';
import { ETH_HLEN } from '../link/index.ts';
import { skbVlanPush } from '../link/vlan-tag.ts';
import type { Bridge } from './bridge.ts';
import type { BridgePort } from './port.ts';

const VID_MASK = 0xfff;

/** The VLANs that a port, or the bridge's own device, is in. Linux net/bridge/br_private.h, `struct net_bridge_vlan_group`. */
export class VlanMembership {
  /** What frames without a tag are in; 0: they are not taken. */
  pvid = 0;
  /** Whether frames leave without a tag, by VLAN. */
  readonly #untagged = new Map<number, boolean>();

  has(vid: number): boolean {
    return this.#untagged.has(vid);
  }

  isUntagged(vid: number): boolean {
    return this.#untagged.get(vid) === true;
  }

  /** All, by number. */
  get vids(): number[] {
    return [...this.#untagged.keys()].sort((a, b) => a - b);
  }

  /** `__vlan_add_flags()` */
  set(vid: number, pvid: boolean, untagged: boolean): void {
    this.#untagged.set(vid, untagged);
    if (pvid) this.pvid = vid;
    else if (this.pvid === vid) this.pvid = 0;
  }

  delete(vid: number): void {
    this.#untagged.delete(vid);
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
    group.set(vid, pvid, untagged);
    if (isNew) this.#bridge.fdb.addLocal(port, (port?.dev ?? this.#bridge).addr, vid);
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
export function ingressVlan(group: VlanMembership, skb: SkBuff): number {
  if (skb.vlanTci >= 0 && skb.vlanProto !== ETH_P_8021Q) putTagBack(skb);
  const vid = skb.vlanTci < 0 ? 0 : skb.vlanTci & VID_MASK;
  if (vid !== 0) return group.has(vid) ? vid : -1;
  const { pvid } = group;
  if (pvid === 0) return -1;
  if (skb.vlanTci < 0) {
    skb.vlanProto = ETH_P_8021Q;
    skb.vlanTci = pvid;
  } else skb.vlanTci |= pvid;
  return pvid;
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
  return group.has(skb.vlanTci & VID_MASK);
}

/** Takes the tag off a frame that leaves where its VLAN has none. `br_handle_vlan()` */
export function untag(group: VlanMembership, skb: SkBuff): void {
  if (skb.vlanTci >= 0 && group.isUntagged(skb.vlanTci & VID_MASK)) skb.vlanTci = -1;
}
