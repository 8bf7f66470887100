import { type Nanos, SEC } from '@labwire/core/sim';
import type { InetAddr } from '../rtnetlink/types.ts';
import type { Conntrack } from './conntrack.ts';
import type { Helper } from './helpers/helper.ts';
import { IPS_EXPECTED, type NfConn } from './nf-conn.ts';
import { sameAddr } from './tuple.ts';

/** A connection that a helper has read of and that may come. Linux `struct nf_conntrack_expect`. */
export interface Expectation {
  readonly master: NfConn;
  /** Undefined: any. */
  readonly src: InetAddr | undefined;
  readonly sport: number | undefined;
  readonly dst: InetAddr;
  readonly dport: number;
  readonly proto: number;
  readonly expires: Nanos;
  /** Stays after the first connection. NF_CT_EXPECT_PERMANENT */
  readonly permanent: boolean;
  readonly helper: string;
  /** Called with the connection that came, before its first packet goes on: NAT follows the master's. */
  readonly onArrival?: (ct: NfConn) => void;
}

/** The connections that helpers wait for. */
export class Expectations {
  readonly #tracking: Conntrack;
  readonly #helpers = new Map<string, Helper>();
  #list: Expectation[] = [];
  /** How many there were, and how many of them are gone. `conntrack -S expect` */
  created = 0;
  deleted = 0;

  constructor(tracking: Conntrack) {
    this.#tracking = tracking;
  }

  /** Makes a helper known. */
  register(helper: Helper): void {
    this.#helpers.set(helper.name, helper);
  }

  /** The helper of a name. */
  helper(name: string): Helper | undefined {
    return this.#helpers.get(name);
  }

  /** The helper of a server's port. `__nf_ct_helper_find()` */
  helperAt(proto: number, port: number): Helper | undefined {
    return [...this.#helpers.values()].find((h) => h.proto === proto && h.port === port);
  }

  /**
   * Waits for a connection; the oldest goes when there are too many. `nf_ct_expect_related()`
   * @returns false if another connection waits for the same
   */
  add(e: Omit<Expectation, 'expires'>, seconds: number): boolean {
    const clash = this.list().find((x) => expectsSame(x, e));
    if (clash !== undefined && clash.master !== e.master) return false;
    if (clash !== undefined) this.#drop((x) => x === clash);
    const { kernel, sim } = this.#tracking.netns;
    const { now } = sim;
    if (this.#list.length >= kernel.initNetns.netfilter.conntrack.conf.expect_max)
      this.#drop((e) => e === this.#list[0]);
    this.created++;
    this.#list.push({ ...e, expires: now + seconds * SEC });
    return true;
  }

  /** Those that still wait. */
  list(): readonly Expectation[] {
    const { now } = this.#tracking.netns.sim;
    this.#drop((e) => e.expires <= now);
    return this.#list;
  }

  /** Makes a new connection the child of the one that announced it. */
  take(ct: NfConn): void {
    if (this.#list.length === 0) return;
    const e = this.list().find((x) => matches(x, ct));
    if (e === undefined) return;
    if (!e.permanent) this.#drop((x) => x === e);
    ct.status |= IPS_EXPECTED;
    ct.master = e.master;
    ct.mark = e.master.mark;
    e.onArrival?.(ct);
  }

  /** A connection ends, and with it what it announced. */
  masterGone(ct: NfConn): void {
    if (this.#list.length > 0) this.#drop((e) => e.master === ct);
  }

  /** Waits for nothing any more. */
  flush(): void {
    this.#drop(() => true);
  }

  #drop(goes: (e: Expectation) => boolean): void {
    const left = this.#list.filter((e) => !goes(e));
    this.deleted += this.#list.length - left.length;
    this.#list = left;
  }
}

/** Whether two wait for one connection. `expect_clash()` */
function expectsSame(a: Expectation, b: Omit<Expectation, 'expires'>): boolean {
  const sameSrc = a.src === undefined || b.src === undefined || sameAddr(a.src, b.src);
  return a.proto === b.proto && a.dport === b.dport && sameAddr(a.dst, b.dst) && sameSrc;
}

function matches(e: Expectation, ct: NfConn): boolean {
  const t = ct.orig;
  if (e.proto !== t.proto || e.dport !== t.dport || !sameAddr(e.dst, t.dst)) return false;
  if (e.src !== undefined && !sameAddr(e.src, t.src)) return false;
  return e.sport === undefined || e.sport === t.sport;
}
