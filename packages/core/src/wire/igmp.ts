/**
 * Group membership of IPv4. RFC 2236 section 2 (versions 1 and 2), RFC 3376 section 4 (version 3)
 *
 *      0                   1                   2                   3
 *     | type          | max resp code | checksum                      |
 *     | group address                                                 |
 *     query of version 3:
 *     | resv  S| QRV  | QQIC          | number of sources             |
 *     | sources ...                                                   |
 *     report of version 3:
 *     | type 0x22     | reserved      | checksum                      |
 *     | reserved                      | number of records             |
 *     | record type   | aux words     | number of sources             |
 *     | multicast address                                             |
 *     | sources ... auxiliary data ...                                |
 */
import { get8, get16, get32, put8, put16, put32 } from '../bytes/index.ts';
import { checksum } from './checksum.ts';

/** Message types. Linux include/uapi/linux/igmp.h. */
export const IGMP_QUERY = 0x11;
export const IGMPV1_REPORT = 0x12;
export const IGMPV2_REPORT = 0x16;
export const IGMP_LEAVE = 0x17;
export const IGMPV3_REPORT = 0x22;

const HEADER_LENGTH = 8;
const QUERY3_LENGTH = 12;
const RECORD_LENGTH = 8;

/** Record types. RFC 3376 section 4.2.12 */
export const IGMPV3_MODE_IS_INCLUDE = 1;
export const IGMPV3_MODE_IS_EXCLUDE = 2;
/** Wants no traffic of a group any more. */
export const IGMPV3_CHANGE_TO_INCLUDE = 3;
/** Wants all traffic of a group from now on. */
export const IGMPV3_CHANGE_TO_EXCLUDE = 4;
export const IGMPV3_ALLOW_NEW_SOURCES = 5;
export const IGMPV3_BLOCK_OLD_SOURCES = 6;

const NO_SOURCES: readonly number[] = [];

/** A query, or a report or leave of version 1 or 2. */
export interface IgmpFields {
  /** IGMP_* */
  readonly type: number;
  /** Tenths of a second within which to answer, as coded on the wire; 0 in version 1. */
  readonly code: number;
  /** 0 in a general query. */
  readonly group: number;
  /** What only a query of version 3 has. */
  readonly v3:
    | { readonly flags: number; readonly qqic: number; readonly sources: readonly number[] }
    | undefined;
}

/** What a report of version 3 says of one group. */
export interface Igmp3Record {
  /** IGMPV3_* */
  readonly type: number;
  readonly group: number;
  /** None: whatever the source. */
  readonly sources?: readonly number[];
}

function readSources(buf: Uint8Array, off: number, n: number): number[] {
  const sources: number[] = [];
  for (let i = 0; i < n; i++) sources.push(get32(buf, off + 4 * i));
  return sources;
}

function writeSources(buf: Uint8Array, off: number, sources: readonly number[]): number {
  for (const [i, source] of sources.entries()) put32(buf, off + 4 * i, source);
  return off + 4 * sources.length;
}

/** Reads a message other than a report of version 3 in `[off, end)`; undefined if it is malformed. */
export function readIgmp(buf: Uint8Array, off: number, end: number): IgmpFields | undefined {
  if (end - off < HEADER_LENGTH) return undefined;
  const type = get8(buf, off);
  const base = { type, code: get8(buf, off + 1), group: get32(buf, off + 4) };
  if (type !== IGMP_QUERY || end - off === HEADER_LENGTH) return { ...base, v3: undefined };
  if (end - off < QUERY3_LENGTH) return undefined;
  const n = get16(buf, off + 10);
  if (off + QUERY3_LENGTH + 4 * n > end) return undefined;
  const sources = readSources(buf, off + QUERY3_LENGTH, n);
  return { ...base, v3: { flags: get8(buf, off + 8), qqic: get8(buf, off + 9), sources } };
}

/** Bytes that {@link writeIgmp} writes. */
export function igmpLength(f: IgmpFields): number {
  return f.v3 === undefined ? HEADER_LENGTH : QUERY3_LENGTH + 4 * f.v3.sources.length;
}

/** Writes a message with its checksum. */
export function writeIgmp(buf: Uint8Array, off: number, f: IgmpFields): void {
  put8(buf, off, f.type);
  put8(buf, off + 1, f.code);
  put16(buf, off + 2, 0);
  put32(buf, off + 4, f.group);
  if (f.v3 !== undefined) {
    put8(buf, off + 8, f.v3.flags);
    put8(buf, off + 9, f.v3.qqic);
    put16(buf, off + 10, f.v3.sources.length);
    writeSources(buf, off + QUERY3_LENGTH, f.v3.sources);
  }
  put16(buf, off + 2, checksum(buf, off, igmpLength(f)));
}

/** Reads the records of a report of version 3 in `[off, end)`, as far as they are whole; undefined without a header. */
export function readIgmp3Report(
  buf: Uint8Array,
  off: number,
  end: number,
): readonly Igmp3Record[] | undefined {
  if (end - off < HEADER_LENGTH) return undefined;
  const records: Igmp3Record[] = [];
  let at = off + HEADER_LENGTH;
  for (let left = get16(buf, off + 6); left > 0 && at + RECORD_LENGTH <= end; left--) {
    const n = get16(buf, at + 2);
    const next = at + RECORD_LENGTH + 4 * n + 4 * get8(buf, at + 1);
    if (next > end) break;
    const sources = n === 0 ? NO_SOURCES : readSources(buf, at + RECORD_LENGTH, n);
    records.push({ type: get8(buf, at), group: get32(buf, at + 4), sources });
    at = next;
  }
  return records;
}

/** Bytes of a report. */
export function igmp3ReportLength(records: readonly Igmp3Record[]): number {
  return records.reduce(
    (n, { sources = NO_SOURCES }) => n + RECORD_LENGTH + 4 * sources.length,
    HEADER_LENGTH,
  );
}

/** Writes a report of version 3 with its checksum. */
export function writeIgmp3Report(
  buf: Uint8Array,
  off: number,
  records: readonly Igmp3Record[],
): void {
  put8(buf, off, IGMPV3_REPORT);
  put8(buf, off + 1, 0);
  put16(buf, off + 2, 0);
  put16(buf, off + 4, 0);
  put16(buf, off + 6, records.length);
  let at = off + HEADER_LENGTH;
  for (const { type, group, sources = NO_SOURCES } of records) {
    put8(buf, at, type);
    put8(buf, at + 1, 0);
    put16(buf, at + 2, sources.length);
    put32(buf, at + 4, group);
    at = writeSources(buf, at + RECORD_LENGTH, sources);
  }
  put16(buf, off + 2, checksum(buf, off, at - off));
}

/** The value of a code of a mantissa and an exponent: max resp code (tenths of a second) and QQIC (seconds). RFC 3376 section 4.1.1 */
export function igmp3Code(code: number): number {
  return code < 0x80 ? code : ((code & 0xf) | 0x10) << (((code >>> 4) & 7) + 3);
}

/** The code of a value, rounded down. Linux net/bridge/br_multicast.c, IGMPV3_MRC() the other way round */
export function igmp3CodeOf(value: number): number {
  if (value < 0x80) return value;
  if (value >= 31_744) return 0xff;
  const exponent = 31 - Math.clz32(value) - 7;
  return 0x80 | (exponent << 4) | ((value >>> (exponent + 3)) & 0xf);
}
