import { get8, get16, getU32 } from '@labwire/core/bytes';
import {
  DNS_HLEN,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  type Edns,
  type EdnsOption,
} from './message.ts';
import { readName } from './name.ts';
import { readRdata } from './rdata.ts';

const TYPE_OPT = 41;
/** Bytes of a record behind its name, without its data. */
const RR_FIXED = 10;
const FLAG_BITS = 0x87f0;

interface Section<T> {
  readonly items: readonly T[];
  readonly end: number;
}

/** A record, and where its data is in the message. */
export interface RecordPlace {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  /** Offset of the type behind the owner's name. */
  readonly fixed: number;
  readonly data: number;
  readonly end: number;
}

/** Reads a record up to its data. @returns undefined if it leaves the message */
export function readRecordPlace(buf: Uint8Array, off: number): RecordPlace | undefined {
  const owner = readName(buf, off);
  if (owner === undefined || owner.end + RR_FIXED > buf.length) return undefined;
  const fixed = owner.end;
  const data = fixed + RR_FIXED;
  const end = data + get16(buf, fixed + 8);
  if (end > buf.length) return undefined;
  const type = get16(buf, fixed);
  return {
    name: owner.name,
    type,
    class: get16(buf, fixed + 2),
    ttl: getU32(buf, fixed + 4),
    fixed,
    data,
    end,
  };
}

/** Reads the questions of a message. */
export function readQuestions(buf: Uint8Array): Section<DnsQuestion> | undefined {
  const items: DnsQuestion[] = [];
  let at = DNS_HLEN;
  for (let n = get16(buf, 4); n > 0; n--) {
    const found = readName(buf, at);
    if (found === undefined || found.end + 4 > buf.length) return undefined;
    items.push({ name: found.name, type: get16(buf, found.end), class: get16(buf, found.end + 2) });
    at = found.end + 4;
  }
  return { items, end: at };
}

function readEdns(buf: Uint8Array, place: RecordPlace): Edns | undefined {
  const options: EdnsOption[] = [];
  for (let at = place.data; at < place.end; ) {
    if (at + 4 > place.end) return undefined;
    const end = at + 4 + get16(buf, at + 2);
    if (end > place.end) return undefined;
    options.push({ code: get16(buf, at), data: buf.slice(at + 4, end) });
    at = end;
  }
  return {
    udpSize: place.class,
    extendedRcode: place.ttl >>> 24,
    version: (place.ttl >>> 16) & 0xff,
    flags: place.ttl & 0xffff,
    options,
  };
}

interface Sink {
  readonly records: DnsRecord[];
  edns: Edns | undefined;
}

/** Reads one record into `sink`. @returns where it ends; -1 if it is broken */
function readRecord(buf: Uint8Array, off: number, sink: Sink): number {
  const place = readRecordPlace(buf, off);
  if (place === undefined) return -1;
  if (place.type === TYPE_OPT) {
    if (sink.edns !== undefined || place.name !== '') return -1;
    sink.edns = readEdns(buf, place);
    return sink.edns === undefined ? -1 : place.end;
  }
  const data = readRdata(buf, place.data, place.end, place.type);
  if (data === undefined) return -1;
  const { name, type, class: cls, ttl } = place;
  sink.records.push({ name, type, class: cls, ttl, data });
  return place.end;
}

/** Reads a section of records. @returns undefined if one is broken, or an OPT record is where none may be */
function readSection(
  buf: Uint8Array,
  from: number,
  count: number,
  optAllowed: boolean,
): (Sink & { readonly end: number }) | undefined {
  const sink: Sink = { records: [], edns: undefined };
  let at = from;
  for (let n = count; n > 0; n--) {
    at = readRecord(buf, at, sink);
    if (at < 0) return undefined;
  }
  return sink.edns !== undefined && !optAllowed ? undefined : { ...sink, end: at };
}

/** Reads a message. Bytes behind it do not matter. @returns undefined if it is malformed */
export function readMessage(buf: Uint8Array): DnsMessage | undefined {
  if (buf.length < DNS_HLEN) return undefined;
  const questions = readQuestions(buf);
  const answers = questions && readSection(buf, questions.end, get16(buf, 6), false);
  const authorities = answers && readSection(buf, answers.end, get16(buf, 8), false);
  const additionals = authorities && readSection(buf, authorities.end, get16(buf, 10), true);
  if (additionals === undefined) return undefined;
  return {
    id: get16(buf, 0),
    flags: get16(buf, 2) & FLAG_BITS,
    opcode: (get8(buf, 2) >>> 3) & 0xf,
    rcode: get8(buf, 3) & 0xf,
    questions: questions?.items ?? [],
    answers: answers?.records ?? [],
    authorities: authorities?.records ?? [],
    additionals: additionals.records,
    edns: additionals.edns,
  };
}
