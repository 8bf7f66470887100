import { ETH_P_8021AD } from '@labwire/core/wire';
import type { Vlan } from './vlan.ts';

/** Bits of a tag that say which VLAN it is. */
const VID_MASK = 0xfff;
const AD = 0x1000;

/** The VLAN devices of one device, by protocol and number. Linux `struct vlan_group` */
export class VlanGroup {
  readonly #vlans = new Map<number, Vlan>();

  /** The device that takes frames of a tag; undefined if there is none. `vlan_find_dev()` */
  find(protocol: number, tci: number): Vlan | undefined {
    return this.#vlans.get((tci & VID_MASK) | (protocol === ETH_P_8021AD ? AD : 0));
  }

  add(vlan: Vlan): void {
    this.#vlans.set(vlan.vid | (vlan.protocol === ETH_P_8021AD ? AD : 0), vlan);
  }

  /** @returns whether there is none left */
  remove(vlan: Vlan): boolean {
    this.#vlans.delete(vlan.vid | (vlan.protocol === ETH_P_8021AD ? AD : 0));
    return this.#vlans.size === 0;
  }
}
