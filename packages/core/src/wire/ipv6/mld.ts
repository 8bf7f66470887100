import { getIpv6, type Ipv6Addr, putIpv6 } from '../../addr/index.ts';
import { get8, get16, put8, put16 } from '../../bytes/index.ts';
import { ICMPV6_HLEN, writeIcmpv6 } from './icmpv6.ts';

/*
 * MLDv1, RFC 2710 section 3 (query, report, done):
 *   | type code check | max delay | reserved | group (16) |
 * MLDv2 query, RFC 3810 section 5.1, goes on with
 *   | resv S QRV | QQIC | number of sources | sources … |
 * MLDv2 report, RFC 3810 section 5.2:
 *   | type code check | reserved | number of records | records … |
 *   record: | type | aux data len | number of sources | group (16) | sources … | aux data |
 */

/** Message types. Linux include/uapi/linux/icmpv6.h. */
export const ICMPV6_MGM_QUERY = 130;
export const ICMPV6_MGM_REPORT = 131;
export const ICMPV6_MGM_REDUCTION = 132;
export const ICMPV6_MLD2_REPORT = 143;

/** Record types of an MLDv2 report. Linux include/uapi/linux/icmpv6.h. */
export const MLD2_MODE_IS_INCLUDE = 1;
export const MLD2_MODE_IS_EXCLUDE = 2;
export const MLD2_CHANGE_TO_INCLUDE = 3;
export const MLD2_CHANGE_TO_EXCLUDE = 4;
export const MLD2_ALLOW_NEW_SOURCES = 5;
export const MLD2_BLOCK_OLD_SOURCES = 6;

const MLD1_LEN = 24;
const MLD2_QUERY_LEN = 28;
const RECORD_LEN = 20;

/** A query, or an MLDv1 report or done, as a record. */
export interface MldFields {
  readonly type: number;
  /** Milliseconds within which to answer, as coded on the wire. */
  readonly maxDelay: number;
  /** `::` in a general query. */
  readonly group: Ipv6Addr;
  /** What only an MLDv2 query has. */
  readonly v2:
    | { readonly flags: number; readonly qqic: number; readonly sources: readonly Ipv6Addr[] }
    | undefined;
}

/** One group of an MLDv2 report. */
export interface Mld2Record {
  /** MLD2_* */
  readonly type: number;
  readonly group: Ipv6Addr;
  readonly sources: readonly Ipv6Addr[];
}

function readSources(buf: Uint8Array, off: number, n: number): Ipv6Addr[] {
  const sources: Ipv6Addr[] = [];
  for (let i = 0; i < n; i++) sources.push(getIpv6(buf, off + 16 * i));
  return sources;
}

function writeSources(buf: Uint8Array, off: number, sources: readonly Ipv6Addr[]): number {
  for (const [i, source] of sources.entries()) putIpv6(buf, off + 16 * i, source);
  return off + 16 * sources.length;
}

/** Reads a query, or an MLDv1 report or done, in `[off, end)`. @returns undefined if it is malformed */
export function readMld(buf: Uint8Array, off: number, end: number): MldFields | undefined {
  if (end - off < MLD1_LEN) return undefined;
  const type = get8(buf, off);
  const base = { type, maxDelay: get16(buf, off + 4), group: getIpv6(buf, off + 8) };
  if (type !== ICMPV6_MGM_QUERY || end - off < MLD2_QUERY_LEN) return { ...base, v2: undefined };
  const n = get16(buf, off + 26);
  if (off + MLD2_QUERY_LEN + 16 * n > end) return undefined;
  const sources = readSources(buf, off + MLD2_QUERY_LEN, n);
  return { ...base, v2: { flags: get8(buf, off + 24), qqic: get8(buf, off + 25), sources } };
}

/** Milliseconds of a query's maximum response code. RFC 3810 section 5.1.3; Linux mldv2_mrc() */
export function mld2MaxDelay(code: number): number {
  return code < 0x8000 ? code : ((code & 0xfff) | 0x1000) << (((code >>> 12) & 7) + 3);
}

/** Bytes that {@link writeMld} writes. */
export function mldLength(f: MldFields): number {
  return f.v2 === undefined ? MLD1_LEN : MLD2_QUERY_LEN + 16 * f.v2.sources.length;
}

/** Writes a message; `fillIcmpv6Checksum` comes last. @returns the bytes written */
export function writeMld(buf: Uint8Array, off: number, f: MldFields): number {
  writeIcmpv6(buf, off, { type: f.type, code: 0, rest: f.maxDelay * 0x1_0000 });
  putIpv6(buf, off + 8, f.group);
  if (f.v2 !== undefined) {
    put8(buf, off + 24, f.v2.flags);
    put8(buf, off + 25, f.v2.qqic);
    put16(buf, off + 26, f.v2.sources.length);
    writeSources(buf, off + MLD2_QUERY_LEN, f.v2.sources);
  }
  return mldLength(f);
}

/** Reads an MLDv2 report in `[off, end)`; auxiliary data are passed over. @returns undefined if it is malformed */
export function readMld2Report(
  buf: Uint8Array,
  off: number,
  end: number,
): readonly Mld2Record[] | undefined {
  if (end - off < ICMPV6_HLEN) return undefined;
  const records: Mld2Record[] = [];
  let at = off + ICMPV6_HLEN;
  for (let left = get16(buf, off + 6); left > 0; left--) {
    if (at + RECORD_LEN > end) return undefined;
    const n = get16(buf, at + 2);
    const next = at + RECORD_LEN + 16 * n + 4 * get8(buf, at + 1);
    if (next > end) return undefined;
    const sources = readSources(buf, at + RECORD_LEN, n);
    records.push({ type: get8(buf, at), group: getIpv6(buf, at + 4), sources });
    at = next;
  }
  return records;
}

/** Bytes that {@link writeMld2Report} writes. */
export function mld2ReportLength(records: readonly Mld2Record[]): number {
  return records.reduce((n, r) => n + RECORD_LEN + 16 * r.sources.length, ICMPV6_HLEN);
}

/** Writes an MLDv2 report; `fillIcmpv6Checksum` comes last. @returns the bytes written */
export function writeMld2Report(
  buf: Uint8Array,
  off: number,
  records: readonly Mld2Record[],
): number {
  writeIcmpv6(buf, off, { type: ICMPV6_MLD2_REPORT, code: 0, rest: records.length });
  let at = off + ICMPV6_HLEN;
  for (const r of records) {
    put8(buf, at, r.type);
    put8(buf, at + 1, 0);
    put16(buf, at + 2, r.sources.length);
    putIpv6(buf, at + 4, r.group);
    at = writeSources(buf, at + RECORD_LEN, r.sources);
  }
  return at - off;
}
