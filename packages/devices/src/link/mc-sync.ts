import type { MacAddr } from '@labwire/core/addr';
import { mcAdd, mcDel } from './mc-list.ts';
import type { NetDevice } from './net-device.ts';
import { usedAddrs, usersOf, withUsers } from './user-counts.ts';

/**
 * Keeps the group addresses of a device among those of the one below. An address that is handed down counts one user more
 * at both. Linux net/core/dev_addr_lists.c, dev_mc_sync() and dev_mc_unsync().
 */
export class McSync {
  readonly #dev: NetDevice;
  #handedDown: readonly number[] = [];

  constructor(dev: NetDevice) {
    this.#dev = dev;
  }

  /** Hands down what is new and takes back what nobody else wants any more. */
  sync(lower: NetDevice): void {
    const dev = this.#dev;
    for (const addr of this.#handedDown)
      if (usersOf(dev.multicast, addr) === 1) this.#takeBack(lower, addr);
    for (const addr of usedAddrs(dev.multicast)) {
      if (this.#handedDown.includes(addr)) continue;
      this.#handedDown = [...this.#handedDown, addr];
      dev.multicast = withUsers(dev.multicast, addr, usersOf(dev.multicast, addr) + 1);
      mcAdd(lower, addr as MacAddr);
    }
  }

  /** Takes all back. */
  unsync(lower: NetDevice): void {
    for (const addr of this.#handedDown) this.#takeBack(lower, addr);
  }

  #takeBack(lower: NetDevice, addr: number): void {
    const dev = this.#dev;
    this.#handedDown = this.#handedDown.filter((a) => a !== addr);
    const users = usersOf(dev.multicast, addr);
    if (users > 0) dev.multicast = withUsers(dev.multicast, addr, users - 1);
    mcDel(lower, addr as MacAddr);
  }
}
