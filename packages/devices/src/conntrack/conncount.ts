/** Counting connections, for rules that limit them. Linux net/netfilter/nf_conncount.c, whose functions have the same names. */
import { MS } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { IPPROTO_TCP } from '@labwire/core/wire';
import type { Conntrack } from './conntrack.ts';
import { IPS_ASSURED, IPS_CONFIRMED, type NfConn, ZONE_DIR_BOTH, zoneIn } from './nf-conn.ts';
import { TCP_CT_CLOSE, TCP_CT_TIME_WAIT } from './proto-tcp.ts';
import { PacketTuple, sameTuple, type Tuple } from './tuple.ts';

/** A list is looked through once in the kernel's tick, of which there are 250 a second. */
const JIFFY = 4 * MS;
/** After more than so many that are gone the look through ends; as many new ones ask for it within a tick. CONNCOUNT_GC_MAX_COLLECT */
const MOST_GONE = 64;

/** A connection that was counted, by its tuple: it may not be in the table yet, or no longer. */
interface Counted {
  readonly tuple: Tuple;
  readonly zone: number;
  readonly zoneDirs: number;
}

const packet = new PacketTuple();

/** Whether a connection no longer counts though it is in the table. `already_closed()` */
function isClosed({ orig, protoState }: NfConn): boolean {
  if (orig.proto !== IPPROTO_TCP) return false;
  return protoState === TCP_CT_TIME_WAIT || protoState === TCP_CT_CLOSE;
}

/** Who a packet belongs to, and the connection, if it has one yet. */
interface Owner extends Counted {
  readonly ct: NfConn | null;
}

/** The connections that one rule, or one rule for one address, has seen. `struct nf_conncount_list` */
export class ConnCount {
  readonly #tracking: Conntrack;
  readonly #counted: Counted[] = [];
  #lookedAt: number;
  #countThen = 0;

  constructor(tracking: Conntrack) {
    this.#tracking = tracking;
    this.#lookedAt = this.#tick();
  }

  get count(): number {
    return this.#counted.length;
  }

  #tick(): number {
    return Math.floor(this.#tracking.netns.sim.now / JIFFY);
  }

  /** Counts the first packet, whatever its connection is. `insert_tree()` @returns false for one that has no connection */
  begin(skb: SkBuff, isIpv6: boolean): boolean {
    const it = this.#identify(skb, isIpv6);
    if (it === undefined) return false;
    this.#counted.push(it);
    return true;
  }

  /**
   * Counts the connection of a packet if it is new. What an assured one adds nothing to is only rid of what is over, and
   * so may become empty; of packets that begin connections within a tick each is taken for a new one's.
   * `__nf_conncount_add()` of 6.18.44
   * @returns false for a packet that can have no connection
   */
  add(skb: SkBuff, isIpv6: boolean): boolean {
    const it = this.#identify(skb, isIpv6);
    if (it === undefined) return false;
    const status = it.ct === null ? 0 : it.ct.status & (IPS_CONFIRMED | IPS_ASSURED);
    if (status === (IPS_CONFIRMED | IPS_ASSURED)) this.#collect();
    else if (
      ((status & IPS_CONFIRMED) === 0 && this.#lookedThrough()) ||
      !this.#lookThrough((c) => isSame(c, it))
    )
      this.#counted.push({ tuple: it.tuple, zone: it.zone, zoneDirs: it.zoneDirs });
    return true;
  }

  /** Whether that was done within this tick, and few have come since. */
  #lookedThrough(): boolean {
    return this.#tick() === this.#lookedAt && this.#counted.length - this.#countThen < MOST_GONE;
  }

  /** Who a packet belongs to: of one that is untracked or invalid what its headers say. `get_ct_or_tuple_from_skb()` */
  #identify(skb: SkBuff, isIpv6: boolean): Owner | undefined {
    const ct = skb.ct as NfConn | null;
    if (ct !== null) return { ct, tuple: ct.orig, zone: ct.zone, zoneDirs: ct.zoneDirs };
    if (!packet.read(skb, skb.nh, isIpv6)) return undefined;
    const tuple = packet.toTuple();
    const known = this.#tracking.find(tuple)?.ct ?? null;
    return { ct: known, tuple, zone: 0, zoneDirs: ZONE_DIR_BOTH };
  }

  /** `nf_conncount_gc_list()` */
  #collect(): void {
    if (this.#tick() !== this.#lookedAt) this.#lookThrough(never);
  }

  /** Looks for a connection, and forgets on the way those that are over. */
  #lookThrough(isWanted: (c: Counted) => boolean): boolean {
    let gone = 0;
    for (let i = 0; i < this.#counted.length && gone <= MOST_GONE; ) {
      const c = this.#counted[i] as Counted;
      const ct = this.#tracking.find(c.tuple, c.zone, c.zoneDirs)?.ct;
      if (ct !== undefined && isWanted(c)) return true;
      if (ct !== undefined && !isClosed(ct)) i++;
      else {
        this.#counted.splice(i, 1);
        gone++;
      }
    }
    this.#lookedAt = this.#tick();
    this.#countThen = this.#counted.length;
    return false;
  }
}

const never = (): boolean => false;

function isSame(a: Counted, b: Counted): boolean {
  const zone = (c: Counted): number => zoneIn(c.zone, c.zoneDirs, 0);
  return sameTuple(a.tuple, b.tuple) && zone(a) === zone(b);
}
