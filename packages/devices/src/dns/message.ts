import type { Ipv6Addr } from '@labwire/core/addr';
import type { InetAddr } from '../rtnetlink/types.ts';
import type { FieldValue } from './rdata.ts';

/** Bits of the header's second word, RFC 1035 section 4.1.1 and RFC 4035 section 3. */
export const FLAG_QR = 0x8000;
export const FLAG_AA = 0x0400;
export const FLAG_TC = 0x0200;
export const FLAG_RD = 0x0100;
export const FLAG_RA = 0x0080;
export const FLAG_Z = 0x0040;
export const FLAG_AD = 0x0020;
export const FLAG_CD = 0x0010;
/** The bit that asks for DNSSEC records, RFC 3225. */
export const EDNS_DO = 0x8000;

/** Bytes of a message's header. */
export const DNS_HLEN = 12;
/** Bytes of an answer over UDP without EDNS, RFC 1035 section 2.3.4. */
export const PLAIN_UDP_MAX = 512;

/** What is asked for. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** A resource record. RFC 1035 section 3.2.1 */
export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Seconds, unsigned. */
  readonly ttl: number;
  /** Field by field, as the type lays them out. */
  readonly data: readonly FieldValue[];
}

/** An option of EDNS. RFC 6891 section 6.1.2 */
export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** The OPT record. RFC 6891 section 6.1 */
export interface Edns {
  /** Bytes that the sender takes over UDP. */
  readonly udpSize: number;
  /** The upper 8 bits of the answer code. */
  readonly extendedRcode: number;
  readonly version: number;
  /** {@link EDNS_DO} and bits without a meaning. */
  readonly flags: number;
  readonly options: readonly EdnsOption[];
}

/** A DNS message. RFC 1035 section 4 */
export interface DnsMessage {
  readonly id: number;
  /** FLAG_* bits; operation and answer code are apart. */
  readonly flags: number;
  readonly opcode: number;
  /** The lower 4 bits of the answer code. */
  readonly rcode: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  /** Without the OPT record. */
  readonly additionals: readonly DnsRecord[];
  readonly edns: Edns | undefined;
}

const TYPE_A = 1;
const TYPE_AAAA = 28;

/** The address of an A or AAAA record; undefined for another. */
export function addressOf(record: DnsRecord): InetAddr | undefined {
  if (record.type !== TYPE_A && record.type !== TYPE_AAAA) return undefined;
  return record.data[0] as InetAddr | Ipv6Addr as InetAddr;
}
