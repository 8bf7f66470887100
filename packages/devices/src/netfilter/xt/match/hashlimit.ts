import { type Ipv6Addr, ipv4Mask } from '@labwire/core/addr';
import { getU32 } from '@labwire/core/bytes';
import { MS, type Nanos, SEC } from '@labwire/core/sim';
import type { HashlimitMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

/** A unit of a packet's cost in Nanos: XT_HASHLIMIT_SCALE_v2 is 1000000 a second. */
const UNIT = 1000;
/** A unit of the cost of 16 bytes in Nanos: there are 2^32 in a second. */
const BYTE_UNIT: number = SEC / 2 ** 32;
/** A rate in bytes is counted in pieces of 16 bytes. XT_HASHLIMIT_BYTE_SHIFT */
const BYTE_SHIFT = 4;
/** Entries of a table that names no maximum. */
const DEFAULT_MAX = 65_536;

/** One source, destination or flow that is being counted. */
export interface Bucket {
  /** Nanos that are left to spend. */
  credit: number;
  last: Nanos;
  expires: Nanos;
  /** Of a rate in bytes: how many times a second's worth may still be had at once. */
  refills: number;
  /** --hashlimit-rate-match: packets or bytes of this interval, and whether the one before was over the rate. */
  count: number;
  wasOver: boolean;
}

/** The buckets of one `--hashlimit-name`, which rules of one namespace and family share. */
export class HashlimitTable {
  readonly buckets: Map<string, Bucket> = new Map();
}

const IPPROTO_AH = 51;
const IPPROTO_NONE = 59;
/** TCP, UDP, DCCP, ESP, SCTP, UDP-Lite: what they begin with is taken for ports. */
const BEGIN_WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 50, 132, 136]);

/** Where both ports lie, or what stands for them; undefined where there are none. `proto_ports_offset()` */
function portsOffset({ proto, isIpv6, fragOff }: XtPacket): number | undefined {
  if (isIpv6 && fragOff !== 0) return undefined;
  if (proto === IPPROTO_AH) return isIpv6 ? undefined : 4;
  return BEGIN_WITH_PORTS.has(proto) ? 0 : undefined;
}

/** Both ports as one number, 0 where there are none; undefined if they are cut off. `hashlimit_init_dst()` */
function portsOf(p: XtPacket): number | undefined {
  if (p.isIpv6 && p.proto === IPPROTO_NONE) return undefined;
  const offset = portsOffset(p);
  if (offset === undefined) return 0;
  const at = p.thoff + offset;
  return at + 4 <= p.skb.tail ? getU32(p.skb.buf, at) : undefined;
}

function key(m: HashlimitMatch, p: XtPacket, ports: number): string {
  let k = '';
  for (const part of m.mode) {
    if (part === 'srcip') k += `s${addrKey(p.saddr, p.saddr6, m.srcmask)}`;
    else if (part === 'dstip') k += `d${addrKey(p.daddr, p.daddr6, m.dstmask)}`;
    else k += part === 'srcport' ? `S${ports >>> 16}` : `D${ports & 0xffff}`;
  }
  return k;
}

function addrKey(addr4: number, addr6: Ipv6Addr | null, plen: number): string {
  if (addr6 === null) return String(addr4 & ipv4Mask(plen));
  const bits = (i: number): number => Math.min(32, Math.max(0, plen - 32 * i));
  const words = [addr6.w0, addr6.w1, addr6.w2, addr6.w3];
  return words.map((w, i) => (bits(i) === 0 ? 0 : w & ipv4Mask(bits(i)))).join('.');
}

/** How a rule spends what a bucket holds: whether the packet is within the rate. */
type Spend = (b: Bucket, p: XtPacket, now: Nanos) => boolean;

function spendPackets(m: HashlimitMatch): Spend {
  const cost = m.avg * UNIT;
  const cap = cost * m.burst;
  return (b, _p, now) => {
    b.credit = Math.min(cap, b.credit + now - b.last);
    b.last = now;
    if (b.credit < cost) return false;
    b.credit -= cost;
    return true;
  };
}

/** `hashlimit_byte_cost()`: what is short is had from the bursts, a second's worth each. */
function spendBytes(m: HashlimitMatch): Spend {
  const unit = m.avg * BYTE_UNIT;
  return (b, p, now) => {
    b.credit = Math.min(SEC, b.credit + now - b.last);
    b.last = now;
    const cost = unit * ((p.len >>> BYTE_SHIFT) + 1);
    if (b.credit < cost && b.refills > 0) {
      b.refills--;
      b.credit = SEC;
    }
    if (b.credit < cost) return false;
    b.credit -= cost;
    return true;
  };
}

/** --hashlimit-rate-match: what the interval before had, and a burst. `rateinfo_recalc()` */
function matchRate(m: HashlimitMatch): Spend {
  const perSecond = m.bytes
    ? (Math.floor(0xffff_ffff / Math.max(1, m.avg)) - 1) * 2 ** BYTE_SHIFT
    : Math.floor(1_000_000 / Math.max(1, m.avg));
  const burst = m.bytes ? perSecond * Math.max(1, m.burst) : m.burst;
  const interval = m.rateInterval * SEC;
  return (b, p, now) => {
    const delta = now - b.last;
    if (delta >= interval) {
      b.last = now;
      b.wasOver = (b.count * interval) / SEC > (delta * perSecond) / SEC;
      b.count = 0;
    }
    b.count += m.bytes ? p.len : 1;
    return !b.wasOver && b.count <= burst;
  };
}

function newBucket(m: HashlimitMatch, now: Nanos): Bucket {
  const credit = m.bytes ? SEC : m.avg * UNIT * m.burst;
  const refills = m.bytes ? m.burst : 0;
  return { credit, last: now, expires: 0, refills, count: 0, wasOver: false };
}

/** `hashlimit_mt()`; `table` is the one of `m.name`. Drops what is too short for the ports that it asks for. */
export function hashlimitMatcher(m: HashlimitMatch, table: HashlimitTable): Matcher {
  const spend = m.rateMatch ? matchRate(m) : m.bytes ? spendBytes(m) : spendPackets(m);
  const expire = m.htableExpire * MS;
  const max = m.htableMax || DEFAULT_MAX;
  const asksPorts = m.mode.includes('srcport') || m.mode.includes('dstport');
  return (p) => {
    const { now } = p.netns.sim;
    const ports = asksPorts ? portsOf(p) : 0;
    if (ports === undefined) {
      p.hotdrop = true;
      return false;
    }
    const k = key(m, p, ports);
    let b = table.buckets.get(k);
    if (b === undefined || b.expires <= now) {
      if (table.buckets.size >= max) dropExpired(table, now);
      if (table.buckets.size >= max) {
        p.hotdrop = true;
        return false;
      }
      b = newBucket(m, now);
      table.buckets.set(k, b);
    }
    b.expires = now + expire;
    return spend(b, p, now) !== m.above;
  };
}

function dropExpired(table: HashlimitTable, now: Nanos): void {
  for (const [k, b] of table.buckets) if (b.expires <= now) table.buckets.delete(k);
}
