import type { FieldValue, MessageWriter as Writer } from '@labwire/devices/dns';
import {
  CLASS_IN,
  type DnsRecord,
  EDNS_DO,
  FLAG_AA,
  FLAG_AD,
  FLAG_QR,
  FLAG_RA,
  FLAG_TC,
  MessageWriter,
  NOERROR,
} from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { Query } from './packet.ts';

/** RFC 8914: why an answer is as it is. */
export const EDE_OTHER = 0;
export const EDE_STALE = 3;
export const EDE_NOT_READY = 14;
export const EDE_BLOCKED = 15;
export const EDE_FILTERED = 17;
export const EDE_NETWORK = 23;
export const EDE_INVALID = 24;
const OPTION_EDE = 15;
/** Bits of the question that an answer keeps: operation, RD, CD and Z. */
const KEPT_FLAGS = 0x7950;

const TYPE_A = 1;
const TYPE_AAAA = 28;

/** How an answer of our own ends. */
export interface ReplyEnd {
  readonly rcode?: number;
  readonly authoritative?: boolean;
  readonly authentic?: boolean;
  /** Tell it in the OPT record, if the asker sent one. */
  readonly ede?: number | undefined;
}

/** Writes an answer of our own: names of owners point to what was written before, those of data never do. dnsmasq src/rfc1035.c, add_resource_record() */
export class ReplyWriter {
  readonly #query: Query;
  readonly #writer: Writer;
  #truncated = false;

  /** @param limit bytes that the asker takes */
  constructor(query: Query, limit: number) {
    this.#query = query;
    this.#writer = new MessageWriter({ limit, compression: 'owners' });
    if (query.question !== undefined) this.#writer.question(query.question);
  }

  /** Adds an answer; once one did not fit, no more are added. */
  answer(name: string, type: number, ttl: number, data: readonly FieldValue[]): void {
    if (this.#truncated) return;
    const record: DnsRecord = { name, type, class: CLASS_IN, ttl, data };
    this.#truncated = !this.#writer.record('answer', record);
  }

  address(name: string, ttl: number, addr: InetAddr): void {
    this.answer(name, typeof addr === 'number' ? TYPE_A : TYPE_AAAA, ttl, [addr]);
  }

  /** Adds an answer whose data is already bytes. */
  raw(name: string, type: number, cls: number, ttl: number, data: Uint8Array): void {
    if (this.#truncated) return;
    this.#truncated = !this.#writer.rawRecord('answer', { name, type, class: cls, ttl }, data);
  }

  /** Adds a record to the authority section. */
  authority(record: DnsRecord): void {
    if (!this.#truncated) this.#truncated = !this.#writer.record('authority', record, false);
  }

  /** Adds an address that the answer may make of use; without room it is left out. */
  additional(name: string, ttl: number, addr: InetAddr): void {
    const type = typeof addr === 'number' ? TYPE_A : TYPE_AAAA;
    this.#writer.record('additional', { name, type, class: CLASS_IN, ttl, data: [addr] });
  }

  /** @param ednsSize bytes that we take, told if the asker sent an OPT record */
  finish(end: ReplyEnd, ednsSize: number): Uint8Array {
    const { id, flags, ednsSize: asked, dnssecOk } = this.#query;
    if (asked !== undefined)
      this.#writer.edns({
        udpSize: ednsSize,
        extendedRcode: 0,
        version: 0,
        flags: dnssecOk ? EDNS_DO : 0,
        options: end.ede === undefined ? [] : [edeOption(end.ede)],
      });
    const bits =
      FLAG_QR |
      FLAG_RA |
      (end.authoritative === true ? FLAG_AA : 0) |
      (end.authentic === true ? FLAG_AD : 0) |
      (this.#truncated ? FLAG_TC : 0);
    return this.#writer.finish({
      id,
      flags: (flags & KEPT_FLAGS) | bits,
      opcode: (flags >>> 11) & 0xf,
      rcode: end.rcode ?? NOERROR,
    });
  }
}

/** The EDNS option that tells it. */
export function edeOption(ede: number): { readonly code: number; readonly data: Uint8Array } {
  return { code: OPTION_EDE, data: Uint8Array.from([ede >>> 8, ede & 0xff]) };
}
