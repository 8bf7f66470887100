import { KernelError } from '@labwire/core/error';
import type { NetDevice } from '../link/net-device.ts';

/** The devices of one namespace, by name and by index. */
export class DeviceTable {
  readonly #byIndex = new Map<number, NetDevice>();
  readonly #byName = new Map<string, NetDevice>();
  #lastIndex = 0;

  /** All devices in order of their index. */
  list(): NetDevice[] {
    return [...this.#byIndex.values()].sort((a, b) => a.ifindex - b.ifindex);
  }

  /** The device of an index. */
  byIndex(ifindex: number): NetDevice | undefined {
    return this.#byIndex.get(ifindex);
  }

  /** The device of a name or alternative name. */
  byName(name: string): NetDevice | undefined {
    return this.#byName.get(name);
  }

  /**
   * Adds a device, giving it an index: its own if it has one that is free here, else the next.
   * @throws {@link KernelError} EEXIST if the name is taken
   */
  add(dev: NetDevice): void {
    if (this.#byName.has(dev.name)) throw new KernelError('EEXIST');
    if (dev.ifindex === 0 || this.#byIndex.has(dev.ifindex)) dev.ifindex = this.#freeIndex();
    this.#byIndex.set(dev.ifindex, dev);
    this.#byName.set(dev.name, dev);
  }

  /** Takes a device out. */
  remove(dev: NetDevice): void {
    this.#byIndex.delete(dev.ifindex);
    this.#byName.delete(dev.name);
  }

  /** Gives a device another name. @throws {@link KernelError} EEXIST if it is taken */
  rename(dev: NetDevice, name: string): void {
    if (this.#byName.has(name)) throw new KernelError('EEXIST');
    this.#byName.delete(dev.name);
    dev.name = name;
    this.#byName.set(name, dev);
  }

  /** The next index: indexes are not used again. `dev_index_reserve()` */
  #freeIndex(): number {
    do this.#lastIndex++;
    while (this.#byIndex.has(this.#lastIndex));
    return this.#lastIndex;
  }
}
