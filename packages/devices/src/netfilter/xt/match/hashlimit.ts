import { type Ipv6Addr, ipv4Mask } from '@labwire/core/addr';
import { MS, type Nanos } from '@labwire/core/sim';
import type { HashlimitMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

/** A unit of cost in Nanos: XT_HASHLIMIT_SCALE_v2 is 1000000 a second. */
const UNIT = 1000;
/** A rate in bytes is counted in pieces of 16 bytes. XT_HASHLIMIT_BYTE_SHIFT */
const BYTE_SHIFT = 4;
/** Entries of a table that names no maximum. */
const DEFAULT_MAX = 65_536;

/** One source, destination or flow that is being counted. */
export interface Bucket {
  credit: number;
  last: Nanos;
  expires: Nanos;
}

/** The buckets of one `--hashlimit-name`, which rules of one namespace and family share. */
export class HashlimitTable {
  readonly buckets: Map<string, Bucket> = new Map();
}

function key(m: HashlimitMatch, p: XtPacket): string {
  let k = '';
  for (const part of m.mode) {
    if (part === 'srcip') k += `s${addrKey(p.saddr, p.saddr6, m.srcmask)}`;
    else if (part === 'dstip') k += `d${addrKey(p.daddr, p.daddr6, m.dstmask)}`;
    else k += part === 'srcport' ? `S${p.sport}` : `D${p.dport}`;
  }
  return k;
}

function addrKey(addr4: number, addr6: Ipv6Addr | null, plen: number): string {
  if (addr6 === null) return String(addr4 & ipv4Mask(plen));
  const bits = (i: number): number => Math.min(32, Math.max(0, plen - 32 * i));
  const words = [addr6.w0, addr6.w1, addr6.w2, addr6.w3];
  return words.map((w, i) => (bits(i) === 0 ? 0 : w & ipv4Mask(bits(i)))).join('.');
}

/** `hashlimit_mt()`; `table` is the one of `m.name`. */
export function hashlimitMatcher(m: HashlimitMatch, table: HashlimitTable): Matcher {
  const cost = m.avg * UNIT;
  const cap = cost * m.burst;
  const expire = m.htableExpire * MS;
  const max = m.htableMax || DEFAULT_MAX;
  const take = (b: Bucket, n: number): boolean => {
    if (b.credit < cost * n) return false;
    b.credit -= cost * n;
    return true;
  };
  return (p) => {
    const { now } = p.netns.sim;
    const k = key(m, p);
    let b = table.buckets.get(k);
    if (b === undefined || b.expires <= now) {
      if (table.buckets.size >= max) dropExpired(table, now);
      if (table.buckets.size >= max) {
        p.hotdrop = true;
        return false;
      }
      b = { credit: cap, last: now, expires: now + expire };
      table.buckets.set(k, b);
    } else {
      b.expires = now + expire;
      b.credit = Math.min(cap, b.credit + now - b.last);
      b.last = now;
    }
    const n = m.bytes ? Math.max(1, p.len >>> BYTE_SHIFT) : 1;
    return take(b, n) !== m.above;
  };
}

function dropExpired(table: HashlimitTable, now: Nanos): void {
  for (const [k, b] of table.buckets) if (b.expires <= now) table.buckets.delete(k);
}
