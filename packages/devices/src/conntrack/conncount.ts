/** Counting connections, for rules that limit them. Linux net/netfilter/nf_conncount.c, whose functions have the same names. */
import { MS } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { IPPROTO_TCP } from '@labwire/core/wire';
import type { Conntrack } from './conntrack.ts';
import { type NfConn, ZONE_DIR_BOTH, zoneIn } from './nf-conn.ts';
import { TCP_CT_CLOSE, TCP_CT_TIME_WAIT } from './proto-tcp.ts';
import { PacketTuple, sameTuple, type Tuple } from './tuple.ts';

/** A list is looked through once in the kernel's tick, of which there are 250 a second. */
const JIFFY = 4 * MS;
/** After more than so many that are gone the look through ends. CONNCOUNT_GC_MAX_NODES */
const MOST_GONE = 8;

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

/** The connections that one rule, or one rule for one address, has seen. `struct nf_conncount_list` */
export class ConnCount {
  readonly #tracking: Conntrack;
  readonly #counted: Counted[] = [];
  #lookedAt: number;

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
   * Counts the connection of a packet if it is new; within a tick any packet is taken for a new one's.
   * `__nf_conncount_add()` of 5.19 to 6.18
   * @returns false for a packet that can have no connection
   */
  add(skb: SkBuff, isIpv6: boolean): boolean {
    const it = this.#identify(skb, isIpv6);
    if (it === undefined) return false;
    if (this.#tick() === this.#lookedAt || !this.#find(it)) this.#counted.push(it);
    return true;
  }

  /** Who a packet belongs to: of an untracked one what its headers say. `connlimit_mt()` */
  #identify(skb: SkBuff, isIpv6: boolean): Counted | undefined {
    const ct = skb.ct as NfConn | null;
    if (ct !== null) return { tuple: ct.orig, zone: ct.zone, zoneDirs: ct.zoneDirs };
    if (!packet.read(skb, skb.nh, isIpv6)) return undefined;
    return { tuple: packet.toTuple(), zone: 0, zoneDirs: ZONE_DIR_BOTH };
  }

  /** Looks for a connection, and forgets on the way those that are over. */
  #find(wanted: Counted): boolean {
    let gone = 0;
    for (let i = 0; i < this.#counted.length && gone <= MOST_GONE; ) {
      const c = this.#counted[i] as Counted;
      const ct = this.#tracking.find(c.tuple, c.zone, c.zoneDirs)?.ct;
      if (ct !== undefined && isSame(c, wanted)) return true;
      if (ct !== undefined && !isClosed(ct)) i++;
      else {
        this.#counted.splice(i, 1);
        gone++;
      }
    }
    this.#lookedAt = this.#tick();
    return false;
  }
}

function isSame(a: Counted, b: Counted): boolean {
  const zone = (c: Counted): number => zoneIn(c.zone, c.zoneDirs, 0);
  return sameTuple(a.tuple, b.tuple) && zone(a) === zone(b);
}
