import type { NetDevice } from '../../link/net-device.ts';
import type { InIfaddr } from '../in-device.ts';

/** Who has which local address, for the packet path. Linux net/ipv4/devinet.c, inet_addr_lst. */
export class AddrIndex {
  readonly #byAddr = new Map<number, InIfaddr[]>();

  /** The device that first got an address; null if it is none of ours. `__ip_dev_find()` */
  devOf(addr: number): NetDevice | null {
    const found = this.#byAddr.get(addr);
    return found === undefined ? null : (found[0] as InIfaddr).idev.dev;
  }

  /** Notes an address. */
  add(ifa: InIfaddr): void {
    const found = this.#byAddr.get(ifa.local);
    if (found === undefined) this.#byAddr.set(ifa.local, [ifa]);
    else found.push(ifa);
  }

  /** Forgets an address. */
  remove(ifa: InIfaddr): void {
    const found = this.#byAddr.get(ifa.local);
    if (found === undefined) return;
    found.splice(found.indexOf(ifa), 1);
    if (found.length === 0) this.#byAddr.delete(ifa.local);
  }
}
