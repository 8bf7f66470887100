import type { Ipv6Addr } from '@labwire/core/addr';
import { get8 } from '@labwire/core/bytes';
import { type Nanos, SEC } from '@labwire/core/sim';
import type { RecentMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

/** Addresses of one list, and packets remembered of each. Module parameters ip_list_tot and ip_pkt_list_tot. */
const MAX_ENTRIES = 100;
const MAX_STAMPS = 20;

/** When an address was seen. */
export interface RecentEntry {
  ttl: number;
  /** The newest last. */
  stamps: Nanos[];
  /** Which of the stamps comes next, as /proc/net/xt_recent tells it. */
  index: number;
}

/** One `--name` list of a namespace: /proc/net/xt_recent/NAME. Keys are addresses in words, the least recently seen first. */
export class RecentTable {
  readonly entries: Map<string, RecentEntry> = new Map();
}

function key(m: RecentMatch, p: XtPacket): string {
  const { mask } = m;
  if (typeof mask === 'number') return String((m.side === 'source' ? p.saddr : p.daddr) & mask);
  const a = (m.side === 'source' ? p.saddr6 : p.daddr6) as Ipv6Addr;
  return [a.w0 & mask.w0, a.w1 & mask.w1, a.w2 & mask.w2, a.w3 & mask.w3].join('.');
}

function touch(table: RecentTable, k: string, e: RecentEntry, ttl: number, now: Nanos): void {
  e.stamps.push(now);
  if (e.stamps.length > MAX_STAMPS) e.stamps.shift();
  e.index = (e.index + 1) % MAX_STAMPS;
  e.ttl = ttl;
  table.entries.delete(k);
  table.entries.set(k, e);
}

/** Packets that a rule can ask for at most. XT_RECENT_MAX_NSTAMPS */
const MAX_HITCOUNT = 0xffff;

/** Whether the kernel takes a rule. `recent_mt_check()` */
export function recentIsValid(m: RecentMatch): boolean {
  const asks = m.seconds > 0 || m.hitcount > 0 || m.rttl || m.reap;
  if (asks && (m.action === 'set' || m.action === 'remove')) return false;
  return m.hitcount <= MAX_HITCOUNT && m.name !== '' && !m.name.includes('/');
}

/** `recent_mt()`; `table` is the one of `m.name`. */
export function recentMatcher(m: RecentMatch, table: RecentTable): Matcher {
  return (p) => {
    const { now } = p.netns.sim;
    // a packet that leaves here has not been through the decrement that one passing by has
    const ttl =
      get8(p.skb.buf, p.skb.nh + (p.isIpv6 ? 7 : 8)) +
      (p.outdev !== null && p.indev === null ? 1 : 0);
    const k = key(m, p);
    const e = table.entries.get(k);
    if (e === undefined || (m.rttl && e.ttl !== ttl)) {
      if (e === undefined && m.action === 'set') {
        evict(table);
        touch(table, k, { ttl, stamps: [], index: 0 }, ttl, now);
        return !m.invert;
      }
      return m.invert;
    }
    const hit = m.action === 'set' || m.action === 'remove' || seenEnough(m, e, now);
    if (m.action === 'remove') table.entries.delete(k);
    else if (m.action === 'set' || (m.action === 'update' && hit)) touch(table, k, e, ttl, now);
    return hit !== m.invert;
  };
}

function evict(table: RecentTable): void {
  if (table.entries.size < MAX_ENTRIES) return;
  const oldest = table.entries.keys().next();
  if (oldest.done !== true) table.entries.delete(oldest.value);
}

function seenEnough(m: RecentMatch, e: RecentEntry, now: Nanos): boolean {
  const since = m.seconds === 0 ? -Infinity : now - m.seconds * SEC;
  if (m.reap) e.stamps = e.stamps.filter((t) => t >= since);
  let hits = 0;
  for (const t of e.stamps) if (t >= since) hits++;
  return m.hitcount === 0 ? hits > 0 : hits >= m.hitcount;
}
