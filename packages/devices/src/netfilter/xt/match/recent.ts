import { type Ipv4Addr, type Ipv6Addr, ipv6 } from '@labwire/core/addr';
import { get8 } from '@labwire/core/bytes';
import { type Nanos, SEC } from '@labwire/core/sim';
import type { InetAddr } from '../../../rtnetlink/types.ts';
import type { RecentMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

/** Addresses of one list. Module parameter ip_list_tot. */
const MAX_ENTRIES = 100;
/** Packets remembered of each address where no rule asks for a number of them. */
const DEFAULT_STAMPS = 32;

/** When an address was seen. Linux `struct recent_entry` */
export interface RecentEntry {
  ttl: number;
  /** A ring, as /proc/net/xt_recent tells it. */
  readonly stamps: Nanos[];
  /** One more than the place of the newest stamp. */
  index: number;
}

/** How many packets a rule makes its list remember of each address. */
function ringSize(hitcount: number): number {
  if (hitcount === 0) return DEFAULT_STAMPS;
  let size = 1;
  while (size < hitcount) size *= 2;
  return size;
}

/** One `--name` list of a namespace: /proc/net/xt_recent/NAME. Keys are addresses in words, the least recently seen first. */
export class RecentTable {
  /** Who has rules that name the list. */
  readonly users: Set<object> = new Set();
  readonly entries: Map<string, RecentEntry> = new Map();
  /** The mask of the first rule holds for all. */
  mask: InetAddr | null = null;
  #size = 0;

  /** A rule uses the list. If it asks for more packets than the list can hold, all that it holds is forgotten. */
  use(m: RecentMatch): void {
    this.mask ??= m.mask;
    const size = ringSize(m.hitcount);
    if (size <= this.#size) return;
    this.entries.clear();
    this.#size = size;
  }

  /** An address was seen. */
  see(k: string, ttl: number, now: Nanos): void {
    const e = this.entries.get(k);
    if (e === undefined) this.add(k, ttl, now);
    else this.touch(k, e, ttl, now);
  }

  add(k: string, ttl: number, now: Nanos): void {
    if (this.entries.size >= MAX_ENTRIES) this.#removeOldest();
    this.entries.set(k, { ttl, stamps: [now], index: 1 });
  }

  touch(k: string, e: RecentEntry, ttl: number, now: Nanos): void {
    e.index %= this.#size;
    e.stamps[e.index++] = now;
    e.ttl = ttl;
    this.entries.delete(k);
    this.entries.set(k, e);
  }

  /** Forgets the address that was not seen for the longest if that was before `since`, unless it is `working`. */
  reap(since: Nanos, working: RecentEntry | null): void {
    const first = this.entries.entries().next();
    if (first.done === true || first.value[1] === working) return;
    const [k, e] = first.value;
    if ((e.stamps[e.index - 1] as Nanos) < since) this.entries.delete(k);
  }

  #removeOldest(): void {
    const first = this.entries.keys().next();
    if (first.done !== true) this.entries.delete(first.value);
  }
}

/** What a list calls an address. */
export function recentKey(a: InetAddr): string {
  return typeof a === 'number' ? String(a) : [a.w0, a.w1, a.w2, a.w3].join('.');
}

/** The address that a list calls `k`. */
export function recentAddr(k: string): InetAddr {
  const [first, ...rest] = k.split('.').map(Number);
  const [w1, w2, w3] = rest as [number, number, number];
  return rest.length === 0 ? (first as Ipv4Addr) : ipv6(first as number, w1, w2, w3);
}

function key(ofSource: boolean, mask: InetAddr, p: XtPacket): string {
  if (typeof mask === 'number')
    return recentKey(((ofSource ? p.saddr : p.daddr) & mask) as Ipv4Addr);
  const a = (ofSource ? p.saddr6 : p.daddr6) as Ipv6Addr;
  return recentKey(ipv6(a.w0 & mask.w0, a.w1 & mask.w1, a.w2 & mask.w2, a.w3 & mask.w3));
}

/** Packets that a rule can ask for at most. XT_RECENT_MAX_NSTAMPS */
const MAX_HITCOUNT = 0xffff;

/** Whether the kernel takes a rule. `recent_mt_check()` */
export function recentIsValid(m: RecentMatch): boolean {
  const asks = m.seconds > 0 || m.hitcount > 0 || m.rttl || m.reap;
  if (asks && (m.action === 'set' || m.action === 'remove')) return false;
  if (m.reap && m.seconds === 0) return false;
  return m.hitcount <= MAX_HITCOUNT && m.name !== '' && !m.name.includes('/');
}

/** `recent_mt()`; `table` is the one of `m.name`. */
export function recentMatcher(m: RecentMatch, table: RecentTable): Matcher {
  table.use(m);
  const mask = typeof table.mask === typeof m.mask ? (table.mask as InetAddr) : m.mask;
  const ofSource = m.side === 'source';
  return (p) => {
    const { now } = p.netns.sim;
    // what passes by counts with the TTL that it came with
    const forwarded = p.outdev !== null && p.skb.sk === null;
    const ttl = get8(p.skb.buf, p.skb.nh + (p.isIpv6 ? 7 : 8)) + (forwarded ? 1 : 0);
    const k = key(ofSource, mask, p);
    const e = table.entries.get(k);
    if (e === undefined || (m.rttl && e.ttl !== ttl)) {
      if (m.action !== 'set') return m.invert;
      table.add(k, ttl, now);
      return !m.invert;
    }
    const hit = m.action === 'set' || m.action === 'remove' || seenEnough(m, e, now);
    const result = hit !== m.invert;
    // an update goes by what the match says, so that `! --update` renews what was not seen enough
    const renew = m.action === 'set' || (m.action === 'update' && result);
    if (m.reap) table.reap(now - m.seconds * SEC, renew ? e : null);
    if (m.action === 'remove') table.entries.delete(k);
    else if (renew) table.touch(k, e, ttl, now);
    return result;
  };
}

function seenEnough(m: RecentMatch, e: RecentEntry, now: Nanos): boolean {
  const since = m.seconds === 0 ? -Infinity : now - m.seconds * SEC;
  let hits = 0;
  for (const t of e.stamps) if (t >= since) hits++;
  return hits >= Math.max(1, m.hitcount);
}
