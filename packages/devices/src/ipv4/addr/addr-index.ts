import { insertAt, removeAt } from '@labwire/core/list';
import type { NetDevice } from '../../link/net-device.ts';
import type { InIfaddr } from '../in-device.ts';

/** Addresses beyond which an index is kept in place of looking through all of them. */
const SCAN_AT_MOST = 8;

/** Who has which local address, for the packet path. Linux net/ipv4/devinet.c, inet_addr_lst. */
export class AddrIndex {
  /** All addresses in the order in which they came; no more are added once there is an index. */
  #few: InIfaddr[] = [];
  #byAddr: Map<number, InIfaddr[]> | null = null;

  /** The device that first got an address; null if it is none of ours. `__ip_dev_find()` */
  devOf(addr: number): NetDevice | null {
    const few = this.#byAddr === null ? this.#few : this.#byAddr.get(addr);
    if (few === undefined) return null;
    for (let i = 0; i < few.length; i++) {
      const ifa = few[i] as InIfaddr;
      if (ifa.local === addr) return ifa.idev.dev;
    }
    return null;
  }

  /** Notes an address. */
  add(ifa: InIfaddr): void {
    if (this.#byAddr !== null) this.#put(this.#byAddr, ifa);
    else if (this.#few.length < SCAN_AT_MOST) {
      this.#few = insertAt(this.#few, this.#few.length, ifa);
    } else {
      this.#byAddr = new Map();
      for (const known of this.#few) this.#put(this.#byAddr, known);
      this.#put(this.#byAddr, ifa);
      this.#few = [];
    }
  }

  #put(byAddr: Map<number, InIfaddr[]>, ifa: InIfaddr): void {
    const found = byAddr.get(ifa.local);
    byAddr.set(ifa.local, found === undefined ? [ifa] : insertAt(found, found.length, ifa));
  }

  /** Forgets an address. */
  remove(ifa: InIfaddr): void {
    if (this.#byAddr === null) {
      const at = this.#few.indexOf(ifa);
      if (at >= 0) this.#few = removeAt(this.#few, at);
      return;
    }
    const found = this.#byAddr.get(ifa.local) ?? [];
    const at = found.indexOf(ifa);
    if (at < 0) return;
    if (found.length === 1) this.#byAddr.delete(ifa.local);
    else this.#byAddr.set(ifa.local, removeAt(found, at));
  }
}
