import { get8, get32, put8, put32 } from '@labwire/core/bytes';
import type { Ipv4 } from '../ipv4.ts';
import {
  IPOPT_END,
  IPOPT_LSRR,
  IPOPT_NOOP,
  IPOPT_RA,
  IPOPT_RR,
  IPOPT_SSRR,
  IPOPT_TIMESTAMP,
  IPOPT_TS_PRESPEC,
  IPOPT_TS_TSANDADDR,
  IPOPT_TS_TSONLY,
  type IpOptions,
} from './ip-options.ts';
import { timestampNow } from './source.ts';

/** A received packet's share: where our address for it is found. */
export interface Receipt {
  /** The address that we would answer from. `fib_compute_spec_dst()` */
  specDst(): number;
}

/**
 * Reads the options at `[at, at + len)`, and fills in what is this machine's to fill in: addresses and times in those of
 * a received packet; in those to be sent only pointers move. RFC 791 section 3.1; Linux net/ipv4/ip_options.c,
 * __ip_options_compile().
 * @param base where the header starts that offsets count from
 * @param receipt null for options to be sent
 * @returns the offset of what is wrong; undefined if nothing is
 */
export function compileOptions(
  ip: Ipv4,
  buf: Uint8Array,
  at: number,
  len: number,
  base: number,
  into: IpOptions,
  receipt: Receipt | null,
): number | undefined {
  const end = at + len;
  let p = at;
  while (p < end) {
    const type = get8(buf, p);
    if (type === IPOPT_END) {
      blank(buf, p + 1, end, into);
      return undefined;
    }
    if (type === IPOPT_NOOP) {
      p++;
      continue;
    }
    const size = p + 1 < end ? get8(buf, p + 1) : 0;
    if (size < 2 || p + size > end) return p - base;
    const option: Option = { ip, buf, p, size, off: p - base, into, receipt };
    const bad = compileOne(option, type);
    if (bad !== undefined) return bad;
    p += size;
  }
  return undefined;
}

function blank(buf: Uint8Array, from: number, end: number, into: IpOptions): void {
  for (let i = from; i < end; i++) {
    if (get8(buf, i) === IPOPT_END) continue;
    put8(buf, i, IPOPT_END);
    into.isChanged = true;
  }
}

/** One option on its way through the checks. */
interface Option {
  readonly ip: Ipv4;
  readonly buf: Uint8Array;
  readonly p: number;
  readonly size: number;
  /** Its offset from the header's start. */
  readonly off: number;
  readonly into: IpOptions;
  readonly receipt: Receipt | null;
}

function compileOne(o: Option, type: number): number | undefined {
  switch (type) {
    case IPOPT_SSRR:
    case IPOPT_LSRR:
      return sourceRoute(o, type === IPOPT_SSRR);
    case IPOPT_RR:
      return recordRoute(o);
    case IPOPT_TIMESTAMP:
      return timestamp(o);
    case IPOPT_RA:
      if (o.size < 4) return o.off + 1;
      if (get8(o.buf, o.p + 2) === 0 && get8(o.buf, o.p + 3) === 0) o.into.routerAlert = o.off;
      return undefined;
    default:
      return undefined;
  }
}

function sourceRoute(o: Option, strict: boolean): number | undefined {
  const { buf, p, size, off, into } = o;
  if (size < 3) return off + 1;
  if (get8(buf, p + 2) < 4) return off + 2;
  if (into.srr !== 0) return off;
  if (o.receipt === null) {
    if (get8(buf, p + 2) !== 4 || size < 7 || ((size - 3) & 3) !== 0) return off + 1;
    into.faddr = get32(buf, p + 3);
    buf.copyWithin(p + 3, p + 7, p + size); // the last place is the destination's
  }
  into.isStrict = strict;
  into.srr = off;
  return undefined;
}

function recordRoute({ buf, p, size, off, into, receipt }: Option): number | undefined {
  if (into.rr !== 0) return off;
  if (size < 3) return off + 1;
  const pointer = get8(buf, p + 2);
  if (pointer < 4) return off + 2;
  if (pointer <= size) {
    if (pointer + 3 > size) return off + 2;
    if (receipt !== null) {
      put32(buf, p + pointer - 1, receipt.specDst());
      into.isChanged = true;
    }
    put8(buf, p + 2, pointer + 4);
    into.rrNeedAddr = true;
  }
  into.rr = off;
  return undefined;
}

function timestamp(o: Option): number | undefined {
  const { buf, p, size, off, into } = o;
  if (into.ts !== 0) return off;
  if (size < 4) return off + 1;
  const pointer = get8(buf, p + 2);
  if (pointer < 5) return off + 2;
  const bad = pointer <= size ? stamp(o, pointer) : overflow(o);
  if (bad === undefined) into.ts = off;
  return bad;
}

/** There is room for one more. */
function stamp(o: Option, pointer: number): number | undefined {
  const { ip, buf, p, size, off, into, receipt } = o;
  if (pointer + 3 > size) return off + 2;
  const kind = get8(buf, p + 3) & 0xf;
  if (kind !== IPOPT_TS_TSONLY && pointer + 7 > size) {
    if (kind === IPOPT_TS_TSANDADDR || kind === IPOPT_TS_PRESPEC) return off + 2;
  }
  let timeAt = 0;
  switch (kind) {
    case IPOPT_TS_TSONLY:
      timeAt = p + pointer - 1;
      put8(buf, p + 2, pointer + 4);
      break;
    case IPOPT_TS_TSANDADDR:
      if (receipt !== null) put32(buf, p + pointer - 1, receipt.specDst());
      timeAt = p + pointer + 3;
      into.tsNeedAddr = true;
      put8(buf, p + 2, pointer + 8);
      break;
    case IPOPT_TS_PRESPEC:
      if (ip.addrType(get32(buf, p + pointer - 1)) === 'unicast') return undefined;
      timeAt = p + pointer + 3;
      put8(buf, p + 2, pointer + 8);
      break;
    default:
      return undefined;
  }
  into.tsNeedTime = true;
  if (receipt === null) return undefined;
  put32(buf, timeAt, timestampNow(ip));
  into.isChanged = true;
  return undefined;
}

/** There is none: who found no room is counted, up to fifteen. */
function overflow({ buf, p, off, into, receipt }: Option): number | undefined {
  const flags = get8(buf, p + 3);
  if ((flags & 0xf) === IPOPT_TS_PRESPEC) return undefined;
  if (flags >>> 4 === 15) return off + 3;
  if (receipt === null) return undefined;
  put8(buf, p + 3, flags + 0x10);
  into.isChanged = true;
  return undefined;
}
