import { getIpv6, type Ipv4Addr } from '@labwire/core/addr';
import { get8, get16, get32, getU32, put16 } from '@labwire/core/bytes';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/** Record types, RFC 1035 section 3.2.2 and RFC 3596. */
export const TYPE_A = 1;
export const TYPE_CNAME = 5;
export const TYPE_PTR = 12;
export const TYPE_AAAA = 28;
const TYPE_OPT = 41;
/** Bytes of an OPT record without options. */
const EMPTY_OPT = 11;
/** Answer codes, RFC 1035 section 4.1.1. */
export const NOERROR = 0;
export const NXDOMAIN = 3;

const HEADER = 12;
const CLASS_IN = 1;
const FLAG_QR = 0x8000;
const FLAG_TC = 0x0200;
const FLAG_RD = 0x0100;
/** Pointers that a name may follow before it counts as a loop. */
const MAX_JUMPS = 64;

/** A record that a stub resolver looks at. */
export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  /** A and AAAA: the address. CNAME and PTR: the name. */
  readonly value: InetAddr | string | undefined;
}

/** An answer as a stub resolver reads it. */
export interface DnsAnswer {
  readonly id: number;
  readonly truncated: boolean;
  readonly rcode: number;
  readonly qname: string;
  readonly qtype: number;
  readonly records: readonly DnsRecord[];
}

/** Writes a question with recursion desired. @returns undefined if the name is none: an empty or overlong label */
export function writeQuery(
  id: number,
  name: string,
  type: number,
  ednsSize = 0,
): Uint8Array | undefined {
  const labels = name.replace(/\.$/, '').split('.');
  const bytes: number[] = [];
  for (const label of labels) {
    if (label.length === 0 || label.length > 63) return undefined;
    bytes.push(label.length);
    for (let i = 0; i < label.length; i++) bytes.push(label.charCodeAt(i) & 0xff);
  }
  if (bytes.length > 253) return undefined;
  const end = HEADER + bytes.length + 5;
  const out = new Uint8Array(ednsSize === 0 ? end : end + EMPTY_OPT);
  put16(out, 0, id);
  put16(out, 2, FLAG_RD);
  put16(out, 4, 1);
  out.set(bytes, HEADER);
  put16(out, HEADER + bytes.length + 1, type);
  put16(out, HEADER + bytes.length + 3, CLASS_IN);
  if (ednsSize !== 0) {
    put16(out, 10, 1);
    put16(out, end + 1, TYPE_OPT);
    put16(out, end + 3, ednsSize);
  }
  return out;
}

/** Reads a name that may end in a pointer. @returns the name and where it ends, undefined if it is broken */
function readName(buf: Uint8Array, off: number): { name: string; end: number } | undefined {
  const labels: string[] = [];
  let at = off;
  let end = -1;
  for (let jumps = 0; jumps < MAX_JUMPS; ) {
    if (at >= buf.length) return undefined;
    const len = get8(buf, at);
    if (len === 0) return { name: labels.join('.'), end: end < 0 ? at + 1 : end };
    if (len >= 0xc0) {
      if (at + 2 > buf.length) return undefined;
      if (end < 0) end = at + 2;
      at = get16(buf, at) & 0x3fff;
      jumps++;
      continue;
    }
    if (len > 63 || at + 1 + len > buf.length || labels.length > 127) return undefined;
    labels.push(String.fromCharCode(...buf.subarray(at + 1, at + 1 + len)));
    at += 1 + len;
  }
  return undefined;
}

function readValue(
  buf: Uint8Array,
  off: number,
  len: number,
  type: number,
): InetAddr | string | undefined {
  if (type === TYPE_A && len === 4) return get32(buf, off) as Ipv4Addr;
  if (type === TYPE_AAAA && len === 16) return getIpv6(buf, off);
  if (type === TYPE_CNAME || type === TYPE_PTR) return readName(buf, off)?.name;
  return undefined;
}

function readRecords(buf: Uint8Array, start: number, count: number): DnsRecord[] | undefined {
  const records: DnsRecord[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const owner = readName(buf, at);
    if (owner === undefined || owner.end + 10 > buf.length) return undefined;
    const len = get16(buf, owner.end + 8);
    const data = owner.end + 10;
    if (data + len > buf.length) return undefined;
    const type = get16(buf, owner.end);
    const value = readValue(buf, data, len, type);
    records.push({ name: owner.name, type, ttl: getU32(buf, owner.end + 4), value });
    at = data + len;
  }
  return records;
}

/** Reads an answer's header, question and answer section. @returns undefined if it is malformed or no answer */
export function readAnswer(buf: Uint8Array): DnsAnswer | undefined {
  if (buf.length < HEADER) return undefined;
  const flags = get16(buf, 2);
  if ((flags & FLAG_QR) === 0 || get16(buf, 4) !== 1) return undefined;
  const question = readName(buf, HEADER);
  if (question === undefined || question.end + 4 > buf.length) return undefined;
  const truncated = (flags & FLAG_TC) !== 0;
  const records = readRecords(buf, question.end + 4, get16(buf, 6));
  if (records === undefined && !truncated) return undefined;
  return {
    id: get16(buf, 0),
    truncated,
    rcode: flags & 0xf,
    qname: question.name,
    qtype: get16(buf, question.end),
    records: records ?? [],
  };
}
