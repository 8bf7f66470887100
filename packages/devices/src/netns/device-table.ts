import { KernelError } from '@labwire/core/error';
import { insertAt } from '@labwire/core/list';
import type { NetDevice } from '../link/net-device.ts';

/** Devices beyond which a namespace keeps indexes in place of looking through its list. */
const SCAN_AT_MOST = 12;

/** The devices of one namespace, by name and by index. */
export class DeviceTable {
  /** In order of their index. */
  #devices: NetDevice[] = [];
  /** Kept for more than a few devices. */
  #byIndex: Map<number, NetDevice> | null = null;
  #byName: Map<string, NetDevice> | null = null;
  #lastIndex = 0;

  /** All devices in order of their index. */
  list(): readonly NetDevice[] {
    return this.#devices;
  }

  /** The device of an index. */
  byIndex(ifindex: number): NetDevice | undefined {
    if (this.#byIndex !== null) return this.#byIndex.get(ifindex);
    for (let i = 0; i < this.#devices.length; i++) {
      const dev = this.#devices[i] as NetDevice;
      if (dev.ifindex === ifindex) return dev;
    }
    return undefined;
  }

  /** The device of a name or alternative name. */
  byName(name: string): NetDevice | undefined {
    if (this.#byName !== null) return this.#byName.get(name);
    return this.#devices.find((dev) => dev.name === name || dev.altNames?.includes(name) === true);
  }

  /**
   * Adds a device under its name.
   * @param ifindex the index that it must have; 0: the one it has already if that is free here, else the next
   * @throws {@link KernelError} EEXIST if the name is taken, EBUSY if the index is
   */
  add(dev: NetDevice, ifindex = 0): void {
    if (this.byName(dev.name) !== undefined) throw new KernelError('EEXIST');
    if (ifindex !== 0) {
      if (this.byIndex(ifindex) !== undefined) throw new KernelError('EBUSY');
      dev.ifindex = ifindex;
    } else if (dev.ifindex === 0 || this.byIndex(dev.ifindex) !== undefined) {
      dev.ifindex = this.#nextIndex();
    }
    this.#insert(dev);
    this.#index(dev);
    if (this.#byIndex === null && this.#devices.length > SCAN_AT_MOST) this.#buildIndex();
  }

  /** Takes a device out. */
  remove(dev: NetDevice): void {
    if (!this.#devices.includes(dev)) return;
    this.#devices = this.#devices.filter((d) => d !== dev);
    this.#unindex(dev);
  }

  /** Gives a device another name. @throws {@link KernelError} EEXIST if it is taken */
  rename(dev: NetDevice, name: string): void {
    if (this.byName(name) !== undefined) throw new KernelError('EEXIST');
    this.#unindex(dev);
    dev.name = name;
    this.#index(dev);
  }

  /** Gives a device its alternative names. @throws {@link KernelError} EEXIST if one is taken */
  setAltNames(dev: NetDevice, names: readonly string[]): void {
    for (const name of names) {
      const owner = this.byName(name);
      if (owner !== undefined && !(owner === dev && dev.altNames?.includes(name) === true))
        throw new KernelError('EEXIST');
    }
    this.#unindex(dev);
    dev.altNames = names.length === 0 ? null : names;
    this.#index(dev);
  }

  #insert(dev: NetDevice): void {
    let at = this.#devices.length;
    while (at > 0 && (this.#devices[at - 1] as NetDevice).ifindex > dev.ifindex) at--;
    this.#devices = insertAt(this.#devices, at, dev);
  }

  #buildIndex(): void {
    this.#byIndex = new Map();
    this.#byName = new Map();
    for (const dev of this.#devices) this.#index(dev);
  }

  #index(dev: NetDevice): void {
    this.#byIndex?.set(dev.ifindex, dev);
    this.#byName?.set(dev.name, dev);
    for (const name of dev.altNames ?? []) this.#byName?.set(name, dev);
  }

  #unindex(dev: NetDevice): void {
    this.#byIndex?.delete(dev.ifindex);
    this.#byName?.delete(dev.name);
    for (const name of dev.altNames ?? []) this.#byName?.delete(name);
  }

  /** The next index: one that was used is not used again. `dev_index_reserve()` */
  #nextIndex(): number {
    do this.#lastIndex++;
    while (this.byIndex(this.#lastIndex) !== undefined);
    return this.#lastIndex;
  }
}
