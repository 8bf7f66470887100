import { type NfConn, type TupleHash, ZONE_DIR_BOTH, zoneIn } from './nf-conn.ts';
import { hashOf, type PacketTuple, sameTuple, type Tuple } from './tuple.ts';

const FIRST_SIZE = 64;

/** Whether a direction is in the zone of who asks. `nf_ct_zone_equal()` */
function inZone(h: TupleHash, zone: number, dirs: number): boolean {
  return h.ct.zoneOf(h.dir) === zoneIn(zone, dirs, h.dir);
}

/** The connections of a namespace by either direction's tuple: chains in an array that doubles as they grow. */
export class ConnTrackTable {
  #heads: (TupleHash | null)[] = new Array<TupleHash | null>(FIRST_SIZE).fill(null);
  #mask = FIRST_SIZE - 1;
  /** Connections, each in here twice. */
  count = 0;

  /** The direction that a packet has, null if it belongs to no connection. `nf_conntrack_find_get()` */
  findPacket(p: PacketTuple, zone: number, dirs: number = ZONE_DIR_BOTH): TupleHash | null {
    const h = this.#findPacket(p, zone, dirs, zoneIn(zone, dirs, 0));
    if (h !== null || dirs === ZONE_DIR_BOTH) return h;
    return this.#findPacket(p, zone, dirs, zoneIn(zone, dirs, 1));
  }

  #findPacket(p: PacketTuple, zone: number, dirs: number, id: number): TupleHash | null {
    const hash = p.hash(id);
    let h = this.#heads[hash & this.#mask] as TupleHash | null;
    while (
      h !== null &&
      (h.hash !== hash || !inZone(h, zone, dirs) || !p.equals(h.ct.tuple(h.dir)))
    )
      h = h.next;
    return h;
  }

  /** The direction that has a tuple, null if none has. */
  find(t: Tuple, zone: number, dirs: number = ZONE_DIR_BOTH): TupleHash | null {
    const h = this.#find(t, zone, dirs, zoneIn(zone, dirs, 0));
    return h !== null || dirs === ZONE_DIR_BOTH
      ? h
      : this.#find(t, zone, dirs, zoneIn(zone, dirs, 1));
  }

  #find(t: Tuple, zone: number, dirs: number, id: number): TupleHash | null {
    const hash = hashOf(t, id);
    let h = this.#heads[hash & this.#mask] as TupleHash | null;
    while (
      h !== null &&
      (h.hash !== hash || !inZone(h, zone, dirs) || !sameTuple(t, h.ct.tuple(h.dir)))
    )
      h = h.next;
    return h;
  }

  /** Adds a connection in both directions. */
  insert(ct: NfConn): void {
    this.count++;
    if (2 * this.count > this.#heads.length) this.#grow();
    for (const h of ct.hashes) {
      h.hash = hashOf(ct.tuple(h.dir), ct.zoneOf(h.dir));
      this.#link(h);
    }
  }

  #link(h: TupleHash): void {
    const at = h.hash & this.#mask;
    h.next = this.#heads[at] as TupleHash | null;
    this.#heads[at] = h;
  }

  /** Takes a connection out. */
  remove(ct: NfConn): void {
    this.count--;
    for (const h of ct.hashes) {
      const at = h.hash & this.#mask;
      if (this.#heads[at] === h) this.#heads[at] = h.next;
      else {
        let before = this.#heads[at] as TupleHash | null;
        while (before !== null && before.next !== h) before = before.next;
        if (before !== null) before.next = h.next;
      }
      h.next = null;
    }
  }

  /** All connections, in the order of the chains. */
  *[Symbol.iterator](): IterableIterator<NfConn> {
    for (const head of this.#heads) {
      for (let h = head; h !== null; ) {
        const { next } = h;
        if (h.dir === 0) yield h.ct;
        h = next;
      }
    }
  }

  #grow(): void {
    const old = this.#heads;
    this.#heads = new Array<TupleHash | null>(old.length * 2).fill(null);
    this.#mask = this.#heads.length - 1;
    for (const head of old) {
      for (let h = head; h !== null; ) {
        const { next } = h;
        this.#link(h);
        h = next;
      }
    }
  }
}
