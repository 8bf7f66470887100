import { MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
import { MacTable, macHi, macLo } from '../mac-table.ts';

/** Where a station, or a copy of what goes to many, is sent. Linux `struct vxlan_rdst` */
export interface VxlanRemote {
  /** IPv4 address of the tunnel's other end. */
  ip: number;
  /** UDP port; 0 for the device's own. */
  readonly port: number;
  /** Network number; -1 for the device's own. */
  readonly vni: number;
  /** Index of the device to send out of; 0 for that of the route. */
  readonly ifindex: number;
}

/** What a VXLAN device knows of one MAC address; all zeros stands for those that it does not know. Linux `struct vxlan_fdb` */
export interface VxlanEntry {
  readonly addr: MacAddr;
  remotes: readonly VxlanRemote[];
  state: 'permanent' | 'static' | 'reachable';
  used: Nanos;
  updated: Nanos;
}

/** Whether two remotes are one. */
export function sameRemote(a: VxlanRemote, b: VxlanRemote): boolean {
  return a.ip === b.ip && a.port === b.port && a.vni === b.vni && a.ifindex === b.ifindex;
}

/** The forwarding database of a VXLAN device. Entries that were learnt age. Linux drivers/net/vxlan */
export class VxlanFdb {
  readonly #table = new MacTable<VxlanEntry>();
  readonly #now: () => Nanos;
  /** How long an entry is kept that nobody uses, Nanos; 0 for ever. */
  ageing: Nanos;

  constructor(now: () => Nanos, ageing: Nanos) {
    this.#now = now;
    this.ageing = ageing;
  }

  /** The entry of an address; null if there is none. `vxlan_find_mac()` */
  find(hi: number, lo: number): VxlanEntry | null {
    const entry = this.#table.get(hi, lo);
    if (entry === null || !this.#expired(entry)) return entry;
    this.#table.delete(hi, lo);
    return null;
  }

  findMac(addr: MacAddr): VxlanEntry | null {
    return this.find(macHi(addr), macLo(addr));
  }

  /** Where goes what nobody is known for. */
  get fallback(): VxlanEntry | null {
    return this.#table.get(macHi(MAC_ZERO), macLo(MAC_ZERO));
  }

  add(addr: MacAddr, state: VxlanEntry['state'], remote: VxlanRemote): VxlanEntry {
    const now = this.#now();
    const entry: VxlanEntry = { addr, remotes: [remote], state, used: now, updated: now };
    this.#table.add(macHi(addr), macLo(addr), entry);
    return entry;
  }

  delete(entry: VxlanEntry): void {
    this.#table.delete(macHi(entry.addr), macLo(entry.addr));
  }

  /** How many stations it knows. */
  get size(): number {
    return this.#table.size;
  }

  entries(): VxlanEntry[] {
    return this.#table.values().filter((e) => !this.#expired(e));
  }

  /** Forgets what was learnt. `vxlan_flush()` */
  flush(): void {
    for (const e of this.#table.values()) if (e.state === 'reachable') this.delete(e);
  }

  #expired(e: VxlanEntry): boolean {
    return e.state === 'reachable' && this.ageing > 0 && this.#now() >= e.used + this.ageing;
  }
}
