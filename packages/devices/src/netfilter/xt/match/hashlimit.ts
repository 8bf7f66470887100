import { type Ipv6Addr, ipv4Mask } from '@labwire/core/addr';
import { getU32 } from '@labwire/core/bytes';
import type { Errno } from '@labwire/core/error';
import { MS, type Nanos, SEC } from '@labwire/core/sim';
import type { HashlimitMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

/** A unit of a packet's cost in Nanos: XT_HASHLIMIT_SCALE_v2 is 1000000 a second. */
const UNIT = 1000;
/** Credits of a rate in bytes that a second brings: 2^24 in a tick of 4 ms. CREDITS_PER_JIFFY_BYTES × HZ */
const BYTE_CREDITS: number = 250 * 2 ** 24;
/** A rate in bytes is counted in pieces of 16 bytes. XT_HASHLIMIT_BYTE_SHIFT */
const BYTE_SHIFT = 4;
/** Hash slots of a table that names no size, and entries for each where it names no maximum. `htable_create()` */
const DEFAULT_SIZE = 8192;
const PER_SLOT = 8;
/** What one unit of a packet's cost is in credits, of which there are 2^39 in a tick of 4 ms. `user2credits()` */
const CREDITS = (250n << 39n) / 1_000_000n;
const MAX_U32 = 0xffff_ffff;

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

/** The buckets of one `--hashlimit-name`, which rules of one namespace and family share: as the first of them asks. */
export class HashlimitTable {
  readonly buckets: Map<string, Bucket> = new Map();
  readonly rule: HashlimitMatch;
  readonly #since: Nanos;
  readonly #max: number;

  constructor(rule: HashlimitMatch, now: Nanos) {
    this.rule = rule;
    this.#since = now;
    const size = rule.htableSize || DEFAULT_SIZE;
    this.#max = rule.htableMax === 0 ? PER_SLOT * size : Math.max(size, rule.htableMax);
  }

  /** The bucket of a key; one that has expired is there until it is collected. `dsthash_find()` */
  find(k: string, now: Nanos): Bucket | undefined {
    const b = this.buckets.get(k);
    return b === undefined || this.#isCollected(b, now) ? undefined : b;
  }

  /** @returns false for a full table. `dsthash_alloc_init()` */
  insert(k: string, b: Bucket, now: Nanos): boolean {
    if (this.buckets.size >= this.#max)
      for (const [key, old] of this.buckets)
        if (this.#isCollected(old, now)) this.buckets.delete(key);
    if (this.buckets.size >= this.#max) return false;
    this.buckets.set(k, b);
    return true;
  }

  /** Those that have expired go at regular times. `htable_gc()` */
  #isCollected({ expires }: Bucket, now: Nanos): boolean {
    const interval = this.rule.htableGcInterval * MS;
    const rounds = Math.max(1, Math.ceil((expires - this.#since) / interval));
    return this.#since + rounds * interval <= now;
  }
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

/** The most that may be spent at once, in credits, which wrap. */
const capOf = (m: HashlimitMatch): bigint =>
  BigInt.asUintN(64, BigInt(m.avg) * BigInt(m.burst) * CREDITS);

function spendPackets(m: HashlimitMatch): Spend {
  const cost = m.avg * UNIT;
  const cap = Number(capOf(m) / CREDITS) * UNIT;
  return (b, _p, now) => {
    b.credit = Math.min(cap, b.credit + now - b.last);
    b.last = now;
    if (b.credit < cost) return false;
    b.credit -= cost;
    return true;
  };
}

/** What 16 bytes cost, in credits. `user2credits_byte()` */
const byteCost = (m: HashlimitMatch): number =>
  Number((BigInt(m.avg) * BigInt(BYTE_CREDITS)) >> 32n);

/** `hashlimit_byte_cost()`: what is short is had from the bursts, a second's worth each, which is all that a packet costs. */
function spendBytes(m: HashlimitMatch): Spend {
  const unit = (byteCost(m) * SEC) / BYTE_CREDITS;
  return (b, p, now) => {
    b.credit = Math.min(SEC, b.credit + now - b.last);
    b.last = now;
    const cost = Math.min(SEC, unit * ((p.len >>> BYTE_SHIFT) + 1));
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
  const burst = m.bytes ? perSecond * Math.max(1, m.burst) : perSecond + m.burst;
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
  const credit = m.bytes ? SEC : Number(capOf(m) / CREDITS) * UNIT;
  const refills = m.bytes ? m.burst : 0;
  return { credit, last: now, expires: 0, refills, count: 0, wasOver: false };
}

/** What the kernel does not take. `hashlimit_mt_check_common()` @returns the errno */
export function hashlimitProblem(m: HashlimitMatch, isIpv6: boolean): Errno | undefined {
  const plen = isIpv6 ? 128 : 32;
  if (m.htableGcInterval === 0 || m.htableExpire === 0) return 'EINVAL';
  if (m.srcmask > plen || m.dstmask > plen) return 'EINVAL';
  if (m.rateMatch) {
    if (m.avg === 0 || m.avg > MAX_U32) return 'ERANGE';
    return m.rateInterval === 0 ? 'EINVAL' : undefined;
  }
  if (m.bytes) return byteCost(m) === 0 ? 'EINVAL' : undefined;
  return m.burst === 0 || capOf(m) < BigInt(m.avg) * CREDITS ? 'ERANGE' : undefined;
}

/** `hashlimit_mt()`; `table` is the one of the rule's name. Drops what is too short for the ports that it asks for. */
export function hashlimitMatcher({ above }: HashlimitMatch, table: HashlimitTable): Matcher {
  const m = table.rule;
  const spend = m.rateMatch ? matchRate(m) : m.bytes ? spendBytes(m) : spendPackets(m);
  const expire = m.htableExpire * MS;
  const asksPorts = m.mode.includes('srcport') || m.mode.includes('dstport');
  return (p) => {
    const { now } = p.netns.sim;
    const ports = asksPorts ? portsOf(p) : 0;
    if (ports === undefined) {
      p.hotdrop = true;
      return false;
    }
    const k = key(m, p, ports);
    let b = table.find(k, now);
    if (b === undefined) {
      b = newBucket(m, now);
      if (!table.insert(k, b, now)) {
        p.hotdrop = true;
        return false;
      }
    }
    b.expires = now + expire;
    return spend(b, p, now) !== above;
  };
}
