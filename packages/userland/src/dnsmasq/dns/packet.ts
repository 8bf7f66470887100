import { get8, get16, put16 } from '@labwire/core/bytes';
import {
  DNS_HLEN,
  type DnsQuestion,
  EDNS_DO,
  FLAG_AD,
  FLAG_CD,
  FLAG_RD,
  readQuestions,
  readRecordPlace,
} from '@labwire/devices/dns';
import { F_FORWARD, F_IPV4, F_IPV6 } from './cache/index.ts';

/** Messages as bytes: what dnsmasq passes on, it changes as little as it can. dnsmasq src/rfc1035.c, src/edns0.c */

const TYPE_A = 1;
const TYPE_AAAA = 28;
const TYPE_OPT = 41;
const TYPE_ANY = 255;
const CLASS_IN = 1;

/** Where the OPT record of a message is. */
export interface OptPlace {
  readonly start: number;
  readonly end: number;
  /** Offset of the size that it tells. */
  readonly sizeAt: number;
  /** No record comes behind it. */
  readonly isLast: boolean;
}

/** Finds the OPT record. find_pseudoheader() @returns undefined if there is none, or the message is broken before it */
export function findOpt(buf: Uint8Array): OptPlace | undefined {
  let at = readQuestions(buf)?.end;
  if (at === undefined) return undefined;
  const before = get16(buf, 6) + get16(buf, 8);
  const count = before + get16(buf, 10);
  let found: OptPlace | undefined;
  for (let i = 0; i < count; i++) {
    const place = readRecordPlace(buf, at);
    if (place === undefined) return undefined;
    if (i >= before && place.type === TYPE_OPT)
      found = { start: at, end: place.end, sizeAt: place.fixed + 2, isLast: i === count - 1 };
    at = place.end;
  }
  return found;
}

/** What dnsmasq wants to know of a question. */
export interface Query {
  readonly id: number;
  /** The header's second word. */
  readonly flags: number;
  /** The only question; undefined if there is not exactly one, or the message is not a plain question. */
  readonly question: DnsQuestion | undefined;
  /** The question can be read: an answer can be written. */
  readonly readable: boolean;
  /** F_IPV4 and F_IPV6 by what is asked for, F_FORWARD for anything else; 0 without a question. extract_request() */
  readonly wants: number;
  readonly recursion: boolean;
  readonly checkingDisabled: boolean;
  /** Bytes that the asker takes; undefined without EDNS. */
  readonly ednsSize: number | undefined;
  readonly dnssecOk: boolean;
  /** The asker understands the AD bit. RFC 6840 section 5.7 */
  readonly wantsAd: boolean;
}

function wantsOf({ type, class: cls }: DnsQuestion): number {
  if (cls !== CLASS_IN) return F_FORWARD;
  if (type === TYPE_A) return F_IPV4;
  if (type === TYPE_AAAA) return F_IPV6;
  return type === TYPE_ANY ? F_IPV4 | F_IPV6 : F_FORWARD;
}

/** Reads a question. @param buf at least as long as a header */
export function readQuery(buf: Uint8Array): Query {
  const flags = get16(buf, 2);
  const opcode = (flags >>> 11) & 0xf;
  const questions = readQuestions(buf);
  const plain = get16(buf, 4) === 1 && get16(buf, 6) === 0 && get16(buf, 8) === 0 && opcode === 0;
  const question = plain ? questions?.items[0] : undefined;
  const opt = findOpt(buf);
  const dnssecOk = opt !== undefined && (get16(buf, opt.sizeAt + 4) & EDNS_DO) !== 0;
  return {
    id: get16(buf, 0),
    flags,
    question,
    readable: questions !== undefined,
    wants: question === undefined ? 0 : wantsOf(question),
    recursion: (flags & FLAG_RD) !== 0,
    checkingDisabled: (flags & FLAG_CD) !== 0,
    ednsSize: opt === undefined ? undefined : get16(buf, opt.sizeAt),
    dnssecOk,
    wantsAd: dnssecOk || (flags & FLAG_AD) !== 0,
  };
}

/** What tells questions apart: their names in lower case, types and classes. hash_questions() @returns undefined if they cannot be read */
export function questionKey(buf: Uint8Array): string | undefined {
  const found = readQuestions(buf);
  return found?.items.map((q) => `${q.name.toLowerCase()} ${q.type} ${q.class}`).join('\n');
}

/** A message with nothing but its questions and its OPT record. resize_packet() */
export function withoutRecords(buf: Uint8Array): Uint8Array {
  const end = readQuestions(buf)?.end ?? DNS_HLEN;
  const opt = findOpt(buf);
  const optBytes = opt === undefined ? new Uint8Array(0) : buf.subarray(opt.start, opt.end);
  const out = new Uint8Array(end + optBytes.length);
  out.set(buf.subarray(0, end));
  out.set(optBytes, end);
  put16(out, 6, 0);
  put16(out, 8, 0);
  put16(out, 10, opt === undefined ? 0 : 1);
  return out;
}

/** A message without its OPT record. */
export function withoutOpt(buf: Uint8Array): Uint8Array {
  const opt = findOpt(buf);
  if (opt === undefined) return buf;
  const out = new Uint8Array(buf.length - (opt.end - opt.start));
  out.set(buf.subarray(0, opt.start));
  out.set(buf.subarray(opt.end), opt.start);
  put16(out, 10, get16(buf, 10) - 1);
  return out;
}

/** The answer code of a message. */
export function rcodeOf(buf: Uint8Array): number {
  return get8(buf, 3) & 0xf;
}

/** Changes bits of the header's second word. */
export function changeFlags(buf: Uint8Array, clear: number, set: number): void {
  put16(buf, 2, (get16(buf, 2) & ~clear) | set);
}
