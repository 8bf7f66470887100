/** What a stub resolver makes of DNS messages: of an answer it reads the questions and the answer section alone. */
import { getIpv6, type Ipv4Addr } from '@labwire/core/addr';
import { get16, get32 } from '@labwire/core/bytes';
import {
  CLASS_IN,
  DNS_HLEN,
  FLAG_QR,
  FLAG_RD,
  FLAG_TC,
  nameLabels,
  OPCODE_QUERY,
  type RecordPlace,
  readName,
  readQuestions,
  readRecordPlace,
  writeMessage,
} from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';

export { NOERROR, NXDOMAIN } from '@labwire/devices/dns';

/** Record types, RFC 1035 section 3.2.2 and RFC 3596. */
export const TYPE_A = 1;
export const TYPE_CNAME = 5;
export const TYPE_PTR = 12;
export const TYPE_AAAA = 28;

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
  const labels = nameLabels(name);
  if (typeof labels === 'string' || labels.length === 0) return undefined;
  const edns = { udpSize: ednsSize, extendedRcode: 0, version: 0, flags: 0, options: [] };
  return writeMessage({
    id,
    flags: FLAG_RD,
    opcode: OPCODE_QUERY,
    rcode: 0,
    questions: [{ name, type, class: CLASS_IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: ednsSize === 0 ? undefined : edns,
  });
}

function readValue(buf: Uint8Array, { type, data, end }: RecordPlace): DnsRecord['value'] {
  if (type === TYPE_A && end - data === 4) return get32(buf, data) as Ipv4Addr;
  if (type === TYPE_AAAA && end - data === 16) return getIpv6(buf, data);
  if (type === TYPE_CNAME || type === TYPE_PTR) return readName(buf, data)?.name;
  return undefined;
}

function readRecords(buf: Uint8Array, start: number, count: number): DnsRecord[] | undefined {
  const records: DnsRecord[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const place = readRecordPlace(buf, at);
    if (place === undefined) return undefined;
    const { name, type, ttl } = place;
    records.push({ name, type, ttl, value: readValue(buf, place) });
    at = place.end;
  }
  return records;
}

/** Reads an answer's header, question and answer section. @returns undefined if it is malformed or no answer */
export function readAnswer(buf: Uint8Array): DnsAnswer | undefined {
  if (buf.length < DNS_HLEN) return undefined;
  const flags = get16(buf, 2);
  const asked = (flags & FLAG_QR) === 0 ? undefined : readQuestions(buf);
  const [question, more] = asked?.items ?? [];
  if (asked === undefined || question === undefined || more !== undefined) return undefined;
  const truncated = (flags & FLAG_TC) !== 0;
  const records = readRecords(buf, asked.end, get16(buf, 6));
  if (records === undefined && !truncated) return undefined;
  return {
    id: get16(buf, 0),
    truncated,
    rcode: flags & 0xf,
    qname: question.name,
    qtype: question.type,
    records: records ?? [],
  };
}
