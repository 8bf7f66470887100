import { MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import { MS, type Nanos } from '@labwire/core/sim';
import { MacTable, macHi, macLo } from '../link/index.ts';
import type { Bridge } from './bridge.ts';
import type { BridgePort } from './port.ts';

/** When the kernel first looks for old entries, and how soon it looks again at the soonest. */
const FIRST_GC: Nanos = 100 * MS;
const LEAST_GC: Nanos = 10 * MS;

/** Entries from which on old ones are looked for. */
const PURGE_AT = 1024;

/** One address that a bridge knows. Linux `struct net_bridge_fdb_entry`. */
export interface FdbEntry {
  readonly addr: MacAddr;
  /** The VLAN in which it has been seen; 0 on a bridge that does not filter. */
  readonly vlan: number;
  /** The port it is behind; null for the bridge's own. */
  dst: BridgePort | null;
  /** An address of the bridge or a port: frames to it go up. Shown as permanent. */
  isLocal: boolean;
  /** Does not age. */
  isStatic: boolean;
  /** Does not move to the port where it is seen. */
  sticky: boolean;
  /** Was added by hand. */
  byUser: boolean;
  /** Was learnt elsewhere, and told: it does not age. BR_FDB_ADDED_BY_EXT_LEARN */
  extern: boolean;
  /** When a frame to it, and one from it, was last seen. */
  used: Nanos;
  updated: Nanos;
  /** Grows from entry to entry: the newest are listed first. */
  readonly seq: number;
}

/** A bridge's forwarding database. Entries age lazily: one that is too old is gone when next looked at. Linux net/bridge/br_fdb.c. */
export class Fdb {
  readonly #bridge: Bridge;
  readonly #table = new MacTable<FdbEntry>();
  #nextSeq = 0;
  #purgeAt = PURGE_AT;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** The entry of an address (its VLAN above the 16 bits of `hi`), unless it has aged out; null if there is none. `br_fdb_find_rcu()` */
  find(hi: number, lo: number): FdbEntry | null {
    const entry = this.#table.get(hi, lo);
    if (entry === null || !this.#expired(entry)) return entry;
    this.#table.delete(hi, lo);
    return null;
  }

  /** {@link find} by the whole address. */
  findMac(addr: MacAddr, vlan = 0): FdbEntry | null {
    return this.find(macHi(addr) | (vlan << 16), macLo(addr));
  }

  /** Notes that an address was seen as the source of a frame at a port. `br_fdb_update()` */
  learn(port: BridgePort, hi: number, lo: number): void {
    if (this.#bridge.stp.holdTime === 0) return;
    const entry = this.find(hi, lo);
    const { now } = this.#bridge.clock;
    if (entry === null) {
      this.#create(((hi & 0xffff) * 0x1_0000_0000 + (lo >>> 0)) as MacAddr, port, hi >>> 16);
    } else if (entry.isLocal) {
      this.#bridge.warnOwnSource(port, entry.addr);
    } else {
      entry.updated = now;
      if (entry.dst === port || entry.sticky) return;
      entry.dst = port;
      entry.extern = false;
    }
  }

  /** Adds an address of the bridge (`port` null) or of a port, in place of one that was learnt. `fdb_add_local()` */
  addLocal(port: BridgePort | null, addr: MacAddr, vlan = 0): void {
    if (addr === MAC_ZERO) return;
    const known = this.findMac(addr, vlan);
    if (known?.isLocal === true) return;
    if (known !== null) this.delete(known);
    const entry = this.#create(addr, port, vlan);
    entry.isLocal = true;
    entry.isStatic = true;
  }

  /** Adds an entry that is neither local nor static. */
  add(addr: MacAddr, port: BridgePort | null, vlan = 0): FdbEntry {
    return this.#create(addr, port, vlan);
  }

  /** Takes an entry out. */
  delete(entry: FdbEntry): void {
    this.#table.delete(macHi(entry.addr) | (entry.vlan << 16), macLo(entry.addr));
  }

  /**
   * Takes out a local entry, unless another port (or the bridge) has the same address: then it becomes theirs.
   * `fdb_delete_local()`
   */
  deleteLocal(port: BridgePort | null, entry: FdbEntry): void {
    const { bridge } = this;
    const { vlan } = entry;
    const isIn = (p: BridgePort | null) =>
      vlan === 0 || bridge.vlanFilter?.of(p).has(vlan) === true;
    const heir = bridge.portList.find((p) => p !== port && p.dev.addr === entry.addr && isIn(p));
    if (heir !== undefined) entry.dst = heir;
    else if (port !== null && bridge.addr === entry.addr && isIn(null)) entry.dst = null;
    else {
      this.delete(entry);
      return;
    }
    entry.byUser = false;
  }

  /** A port (or with null the bridge) has another address. `br_fdb_changeaddr()`, `br_fdb_change_mac_address()` */
  changeLocal(port: BridgePort | null, addr: MacAddr): void {
    for (const entry of this.entries())
      if (entry.isLocal && entry.dst === port && !entry.byUser) this.deleteLocal(port, entry);
    this.addLocal(port, addr);
    for (const vid of this.bridge.vlanFilter?.of(port).vids ?? []) this.addLocal(port, addr, vid);
  }

  /** A port (or with null the bridge) has left a VLAN. */
  deleteVlan(port: BridgePort | null, vlan: number): void {
    for (const entry of this.#table.values()) {
      if (entry.dst !== port || entry.vlan !== vlan) continue;
      if (entry.isLocal) this.deleteLocal(port, entry);
      else if (!entry.isStatic) this.delete(entry);
    }
  }

  /** Forgets what was learnt at a port; with `all` also what was set by hand. `br_fdb_delete_by_port()` */
  deletePort(port: BridgePort, all: boolean): void {
    for (const entry of this.#table.values()) {
      if (entry.dst !== port || (!all && (entry.isStatic || entry.extern))) continue;
      if (entry.isLocal) this.deleteLocal(port, entry);
      else this.delete(entry);
    }
  }

  /** Forgets all that was learnt. `br_fdb_flush()` */
  flush(): void {
    for (const entry of this.#table.values()) if (!entry.isStatic) this.delete(entry);
  }

  /** When the kernel would next look for entries that are too old, Nanos; -1 while the bridge is down. `br_fdb_cleanup()` */
  gcDeadline(): Nanos {
    const { upSince, clock, stp } = this.#bridge;
    if (upSince < 0) return -1;
    const expiries = this.entries()
      .filter((e) => !e.isStatic && !e.extern)
      .map((e) => e.updated + stp.holdTime);
    let at = upSince + FIRST_GC;
    while (at <= clock.now) {
      const last = at;
      at = Math.min(last + Math.max(stp.holdTime, LEAST_GC), ...expiries.filter((e) => e > last));
    }
    return at;
  }

  /** All entries, the newest first. */
  entries(): FdbEntry[] {
    return this.#table
      .values()
      .filter((e) => !this.#expired(e))
      .sort((a, b) => b.seq - a.seq);
  }

  /** The bridge whose database it is. */
  get bridge(): Bridge {
    return this.#bridge;
  }

  /** Takes out what has aged. To be called before the ageing time changes: what is gone stays gone. `br_fdb_cleanup()` */
  expire(): void {
    for (const entry of this.#table.values()) if (this.#expired(entry)) this.delete(entry);
  }

  /** {@link expire} each time the table has doubled: nobody else looks at addresses that have gone silent. */
  #purge(): void {
    if (this.#table.size < this.#purgeAt) return;
    this.expire();
    this.#purgeAt = Math.max(PURGE_AT, 2 * this.#table.size);
  }

  #create(addr: MacAddr, port: BridgePort | null, vlan: number): FdbEntry {
    this.#purge();
    const { now } = this.#bridge.clock;
    const entry: FdbEntry = {
      addr,
      vlan,
      dst: port,
      isLocal: false,
      isStatic: false,
      sticky: false,
      byUser: false,
      extern: false,
      used: now,
      updated: now,
      seq: this.#nextSeq++,
    };
    this.#table.add(macHi(addr) | (vlan << 16), macLo(addr), entry);
    return entry;
  }

  #expired(entry: FdbEntry): boolean {
    if (entry.isStatic || entry.extern) return false;
    const { clock, stp } = this.#bridge;
    return clock.now >= entry.updated + stp.holdTime;
  }
}
