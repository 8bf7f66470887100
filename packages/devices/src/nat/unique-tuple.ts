/**
 * How NAT chooses the addresses and ports of a connection: the mapping that its source already has, if it is free; else
 * the port it has, if that is free; else a search that begins at random and ends after at most 128 + 64 + 32 + 16 + 8 tries.
 * Read beside Linux net/netfilter/nf_nat_core.c, get_unique_tuple().
 */
import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import type { RandomStream } from '@labwire/core/sim';
import type { Conntrack } from '../conntrack/conntrack.ts';
import type { NfConn } from '../conntrack/nf-conn.ts';
import { hasPorts, invertTuple, isIcmp, sameAddr, type Tuple } from '../conntrack/tuple.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import { jhash2, reciprocalScale, swab32 } from './jhash.ts';

/** Which end NAT changes. `enum nf_nat_manip_type` */
export type Manip = 'src' | 'dst';

/** What the new end may be. Linux `struct nf_nat_range2`. */
export interface NatRange {
  /** NF_NAT_RANGE_MAP_IPS */
  readonly addrs: { readonly min: InetAddr; readonly max: InetAddr } | undefined;
  /** NF_NAT_RANGE_PROTO_SPECIFIED: ports, or ICMP identifiers */
  readonly ports: { readonly min: number; readonly max: number } | undefined;
  /** NF_NAT_RANGE_PROTO_OFFSET: ports map one to one from here. */
  readonly basePort: number | undefined;
  /** NF_NAT_RANGE_PROTO_RANDOM or RANDOM_FULLY: neither mapping nor port is kept. */
  readonly random: boolean;
  /** NF_NAT_RANGE_PERSISTENT: an inner address always gets the same outer one. */
  readonly persistent: boolean;
}

const FIRST_ROUND = 128;
const LAST_ROUND = 16;

function words(a: InetAddr): readonly number[] {
  return typeof a === 'number' ? [a, 0, 0, 0] : [a.w0, a.w1, a.w2, a.w3];
}

function compareAddr(a: InetAddr, b: InetAddr): number {
  const x = words(a);
  const y = words(b);
  for (let i = 0; i < 4; i++) {
    const d = ((x[i] as number) >>> 0) - ((y[i] as number) >>> 0);
    if (d !== 0) return d;
  }
  return 0;
}

/** `l4proto_in_range()` */
function portInRange(
  t: Tuple,
  manip: Manip,
  ports: { readonly min: number; readonly max: number },
): boolean {
  if (isIcmp(t.proto)) return t.sport >= ports.min && t.sport <= ports.max;
  if (!hasPorts(t.proto)) return true;
  const port = manip === 'src' ? t.sport : t.dport;
  return port >= ports.min && port <= ports.max;
}

/** Whether a source lies in the range. `in_range()` */
function sourceInRange(t: Tuple, range: NatRange): boolean {
  if (range.addrs !== undefined) {
    if (compareAddr(t.src, range.addrs.min) < 0 || compareAddr(t.src, range.addrs.max) > 0)
      return false;
  }
  return range.ports === undefined || portInRange(t, 'src', range.ports);
}

/** Chooses tuples for the connections of one namespace. */
export class TupleChooser {
  readonly #tracking: Conntrack;
  readonly #random: () => RandomStream;
  /** Connections whose source was mapped, by source: `nf_nat_bysource`. */
  readonly #bySource = new Map<string, NfConn[]>();

  constructor(tracking: Conntrack, random: () => RandomStream) {
    this.#tracking = tracking;
    this.#random = random;
  }

  /** Remembers how a connection's source was mapped. */
  remember(ct: NfConn): void {
    const key = sourceKey(ct.orig, ct.zone);
    const list = this.#bySource.get(key);
    if (list === undefined) this.#bySource.set(key, [ct]);
    else list.unshift(ct);
  }

  /** A connection is gone. */
  forget(ct: NfConn): void {
    const key = sourceKey(ct.orig, ct.zone);
    const left = this.#bySource.get(key)?.filter((c) => c !== ct) ?? [];
    if (left.length === 0) this.#bySource.delete(key);
    else this.#bySource.set(key, left);
  }

  #isUsed(t: Tuple, ct: NfConn): boolean {
    const reply = invertTuple(t);
    return reply === undefined || this.#tracking.isTaken(reply, ct);
  }

  /** The tuple that `orig` becomes. @returns one that is taken if none was found: the packet is then dropped */
  choose(orig: Tuple, range: NatRange, ct: NfConn, manip: Manip): Tuple {
    if (manip === 'src' && !range.random) {
      if (sourceInRange(orig, range)) {
        if (!this.#isUsed(orig, ct)) return orig;
      } else {
        const known = this.#knownSource(orig, range, ct.zone);
        if (known !== undefined && !this.#isUsed(known, ct)) return known;
      }
    }
    const t = this.#chooseAddr(orig, range, ct, manip);
    if (!range.random && this.#mayKeepPort(t, range, ct, manip)) return t;
    return this.#choosePort(t, range, ct, manip);
  }

  #mayKeepPort(t: Tuple, range: NatRange, ct: NfConn, manip: Manip): boolean {
    const { ports } = range;
    if (ports === undefined) return !this.#isUsed(t, ct);
    if (range.basePort !== undefined || !portInRange(t, manip, ports)) return false;
    return ports.min === ports.max || !this.#isUsed(t, ct);
  }

  /** How another connection of the same source was mapped, if the range allows it. `find_appropriate_src()` */
  #knownSource(orig: Tuple, range: NatRange, zone: number): Tuple | undefined {
    for (const other of this.#bySource.get(sourceKey(orig, zone)) ?? []) {
      const back = invertTuple(other.reply);
      if (back === undefined) continue;
      const t: Tuple = { ...orig, src: back.src, sport: back.sport };
      if (sourceInRange(t, range)) return t;
    }
    return undefined;
  }

  /** `find_best_ips_proto()` */
  #chooseAddr(orig: Tuple, range: NatRange, ct: NfConn, manip: Manip): Tuple {
    if (range.addrs === undefined) return orig;
    const { min, max } = range.addrs;
    const addr = sameAddr(min, max)
      ? min
      : hashedAddr(orig, min, max, range.persistent, ct.zone, manip);
    return manip === 'src' ? { ...orig, src: addr } : { ...orig, dst: addr };
  }

  /** `nf_nat_l4proto_unique_tuple()` */
  #choosePort(t: Tuple, range: NatRange, ct: NfConn, manip: Manip): Tuple {
    const span = portSpan(t, range, manip);
    if (span === undefined) return t;
    const { min, size } = span;
    const isSource = manip === 'src' || isIcmp(t.proto);
    const port = isSource ? t.sport : t.dport;
    let off = this.#firstOffset(port, range, manip);
    let last = t;
    for (let attempts = Math.min(size, FIRST_ROUND); ; attempts = Math.floor(attempts / 2)) {
      for (let i = 0; i < attempts; i++, off++) {
        const p = min + ((off & 0xffff) % size);
        last = isSource ? { ...t, sport: p } : { ...t, dport: p };
        if (!this.#isUsed(last, ct)) return last;
      }
      if (attempts >= size || attempts < LAST_ROUND) return last;
      off = this.#random().below(0x1_0000);
    }
  }

  #firstOffset(port: number, range: NatRange, manip: Manip): number {
    if (range.basePort !== undefined) return port - range.basePort;
    return range.random || manip === 'src' ? this.#random().below(0x1_0000) : 0;
  }
}

/** Where ports are searched; undefined where there is nothing to choose. */
function portSpan(
  t: Tuple,
  range: NatRange,
  manip: Manip,
): { readonly min: number; readonly size: number } | undefined {
  const { ports } = range;
  if (isIcmp(t.proto)) {
    return ports === undefined
      ? { min: 0, size: 65_536 }
      : { min: ports.min, size: ports.max - ports.min + 1 };
  }
  if (!hasPorts(t.proto)) return undefined;
  if (ports !== undefined) {
    const [min, max] = ports.max < ports.min ? [ports.max, ports.min] : [ports.min, ports.max];
    return { min, size: max - min + 1 };
  }
  if (manip === 'dst') return undefined;
  if (t.sport < 512) return { min: 1, size: 511 };
  return t.sport < 1024 ? { min: 600, size: 424 } : { min: 1024, size: 64_512 };
}

function sourceKey(t: Tuple, zone: number): string {
  return `${words(t.src).join('.')} ${t.proto} ${t.sport} ${zone}`;
}

/** An address of a range, the same for the same ends. */
function hashedAddr(
  t: Tuple,
  min: InetAddr,
  max: InetAddr,
  persistent: boolean,
  zone: number,
  manip: Manip,
): InetAddr {
  const isIpv4 = typeof min === 'number';
  const dst = words(t.dst).map(swab32);
  const lastWord = dst[isIpv4 ? 0 : 3] as number;
  let j = jhash2(words(t.src).map(swab32), persistent ? 0 : lastWord ^ zone);
  const lo = words(min);
  const hi = words(max);
  const out: number[] = [];
  let full = false;
  for (let i = 0; i < (isIpv4 ? 1 : 4); i++) {
    const from = full ? 0 : (lo[i] as number) >>> 0;
    const dist = full ? 0xffff_ffff : ((hi[i] as number) >>> 0) - from + 1;
    out.push((from + reciprocalScale(j, dist)) | 0);
    if (out[i] !== ((hi[i] as number) | 0)) full = true;
    // by then a new destination has taken the place of the old one
    const mixed = manip === 'dst' ? swab32(out[i] as number) : (dst[i] as number);
    if (!persistent) j = (j ^ mixed) >>> 0;
  }
  if (isIpv4) return out[0] as Ipv4Addr;
  return { w0: out[0], w1: out[1], w2: out[2], w3: out[3] } as Ipv6Addr;
}
