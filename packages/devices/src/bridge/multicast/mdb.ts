import type { MacAddr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
import type { BridgePort } from '../port.ts';
import type { GroupKey } from './group-key.ts';

/** When what was never is over. */
const NEVER: Nanos = -1;

/** One port that wants a group's traffic. Linux `struct net_bridge_port_group`. */
export interface PortGroup {
  readonly port: BridgePort;
  /** Who wants it; it tells hosts apart at ports whose traffic is sent to each by itself. */
  readonly addr: MacAddr;
  /** Was added to stay. MDB_PG_FLAGS_PERMANENT */
  readonly permanent: boolean;
  /** Who added it. */
  readonly protocol: 'kernel' | 'static';
  /** Wants the traffic of all sources but those listed, which are none; or only of a group's one source. */
  readonly filterMode: 'exclude' | 'include';
  /** When it is forgotten. */
  expires: Nanos;
}

/** A group and who wants its traffic. Linux `struct net_bridge_mdb_entry`. */
export class MdbEntry {
  readonly key: GroupKey;
  /** Until when the bridge's own machine wants it; {@link NEVER}, or Infinity. */
  hostExpires: Nanos = NEVER;
  /** The highest port number first; some may have expired. */
  ports: readonly PortGroup[] = [];

  constructor(key: GroupKey) {
    this.key = key;
  }

  /** Whether the bridge's own machine wants it. */
  hostJoined(now: Nanos): boolean {
    return this.hostExpires > now;
  }

  /** What a port, or one host at a port that tells hosts apart, has asked for. `br_port_group_equal()` */
  find(port: BridgePort, addr: MacAddr, now: Nanos): PortGroup | undefined {
    return this.ports.find(
      (p) => p.port === port && p.expires > now && (!port.mcastToUnicast || p.addr === addr),
    );
  }

  /** Whether anybody wants it. */
  isWanted(now: Nanos): boolean {
    return this.hostJoined(now) || this.ports.some((p) => p.expires > now);
  }
}

/** A bridge's multicast database. Entries age lazily: what has expired is passed over. Linux net/bridge/br_mdb.c. */
export class Mdb {
  readonly #buckets = new Map<number, MdbEntry[]>();
  /** The newest first. */
  #entries: MdbEntry[] = [];

  /** How many groups there are, those included that nobody wants any more. */
  get size(): number {
    return this.#entries.length;
  }

  /** The entry of a group; null if there is none. `br_mdb_ip_get()` */
  get(key: GroupKey): MdbEntry | null {
    const bucket = this.#buckets.get(key.hash);
    if (bucket === undefined) return null;
    for (let i = 0; i < bucket.length; i++) {
      const entry = bucket[i] as MdbEntry;
      if (entry.key.equals(key)) return entry;
    }
    return null;
  }

  /** Adds a group. */
  add(key: GroupKey): MdbEntry {
    const entry = new MdbEntry(key.copy());
    const { hash } = key;
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, [entry]);
    else bucket.push(entry);
    this.#entries.unshift(entry);
    return entry;
  }

  /** All groups that somebody wants, the newest first. */
  entries(now: Nanos): MdbEntry[] {
    return this.#entries.filter((e) => e.isWanted(now));
  }

  /** Takes out the groups that nobody wants. `br_multicast_group_expired()` */
  purge(now: Nanos): void {
    const gone = this.#entries.filter((e) => !e.isWanted(now));
    if (gone.length === 0) return;
    for (const entry of gone) this.#unhash(entry);
    this.#entries = this.#entries.filter((e) => !gone.includes(e));
  }

  #unhash(entry: MdbEntry): void {
    const { hash } = entry.key;
    const rest = (this.#buckets.get(hash) ?? []).filter((e) => e !== entry);
    if (rest.length === 0) this.#buckets.delete(hash);
    else this.#buckets.set(hash, rest);
  }

  /** Takes a port out of all groups; unless `all`, those stay that were added to stay. */
  deletePort(port: BridgePort, all: boolean, now: Nanos): void {
    for (const entry of this.#entries)
      entry.ports = entry.ports.filter((p) => p.port !== port || (p.permanent && !all));
    this.purge(now);
  }
}

/** Puts a port among those of a group. */
export function insertPort(entry: MdbEntry, group: PortGroup): void {
  const i = entry.ports.findIndex((p) => p.port.no <= group.port.no);
  const at = i < 0 ? entry.ports.length : i;
  entry.ports = [...entry.ports.slice(0, at), group, ...entry.ports.slice(at)];
}

/** Takes a port out of a group. */
export function removePort(entry: MdbEntry, group: PortGroup): void {
  entry.ports = entry.ports.filter((p) => p !== group);
}
