import { put16 } from '@labwire/core/bytes';
import {
  DNS_HLEN,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  type Edns,
  FLAG_TC,
} from './message.ts';
import { nameLabels } from './name.ts';
import { type FieldSink, layoutOf, writeField } from './rdata.ts';

const TYPE_OPT = 41;
/** How far a pointer reaches. */
const MAX_POINTER = 0x3fff;
const MAX_MESSAGE = 65_535;
/** Where the counts of the sections are in the header. */
const COUNT_AT = { question: 4, answer: 6, authority: 8, additional: 10 } as const;

/** A part of a message. */
export type DnsSection = keyof typeof COUNT_AT;

/**
 * Which names may end in a pointer: all that may and any part of them (BIND and most servers), only whole names of
 * owners (dnsmasq), or none.
 */
export type NameCompression = 'all' | 'owners' | 'none';

/** How a message is written. */
export interface WriteOptions {
  /** Bytes that it may have. Default: 65535. */
  readonly limit?: number;
  /** Default: all. */
  readonly compression?: NameCompression;
}

/** Writes a message section by section, as much as there is room for. */
export class MessageWriter implements FieldSink {
  #limit: number;
  readonly #compression: NameCompression;
  #buf = new Uint8Array(512);
  #at = DNS_HLEN;
  /** Where names begin, by their lower-case text. */
  readonly #names = new Map<string, number>();
  /** Names that the record which is being written has added. */
  #added: string[] = [];
  readonly #counts = { question: 0, answer: 0, authority: 0, additional: 0 };
  /** A record did not fit. */
  truncated = false;

  constructor(options: WriteOptions = {}) {
    this.#limit = Math.min(options.limit ?? MAX_MESSAGE, MAX_MESSAGE);
    this.#compression = options.compression ?? 'all';
  }

  /** Gives it more room. */
  allow(bytes: number): this {
    this.#limit = Math.min(this.#limit + bytes, MAX_MESSAGE);
    return this;
  }

  /** Bytes written. */
  get length(): number {
    return this.#at;
  }

  bytes(data: Uint8Array): void {
    this.#grow(data.length);
    this.#buf.set(data, this.#at);
    this.#at += data.length;
  }

  #grow(n: number): void {
    if (this.#at + n <= this.#buf.length) return;
    const bigger = new Uint8Array(Math.max(2 * this.#buf.length, this.#at + n));
    bigger.set(this.#buf);
    this.#buf = bigger;
  }

  #u16(value: number): void {
    this.#grow(2);
    put16(this.#buf, this.#at, value);
    this.#at += 2;
  }

  /** A name of a record's data. */
  name(name: string, compress: boolean): void {
    this.#name(name, compress && this.#compression === 'all');
  }

  #name(name: string, compress: boolean): void {
    const found = nameLabels(name);
    const labels = typeof found === 'string' ? [] : found;
    const keys = labels.map((_, i) => suffixKey(labels, i));
    for (const [i, label] of labels.entries()) {
      const key = keys[i] as string;
      const known = i === 0 || this.#compression === 'all' ? this.#names.get(key) : undefined;
      if (compress && known !== undefined) {
        this.#u16(0xc000 | known);
        return;
      }
      const pointable = (i === 0 || this.#compression === 'all') && this.#at <= MAX_POINTER;
      if (known === undefined && pointable) this.#remember(key);
      this.bytes(Uint8Array.from([label.length, ...label]));
    }
    this.bytes(Uint8Array.from([0]));
  }

  #remember(key: string): void {
    this.#names.set(key, this.#at);
    this.#added.push(key);
  }

  /** Adds a question. */
  question(q: DnsQuestion): void {
    this.#name(q.name, this.#compression !== 'none');
    this.#u16(q.type);
    this.#u16(q.class);
    this.#counts.question++;
  }

  /**
   * Adds a record.
   * @param compress whether its owner's name may end in a pointer
   * @returns false if there is no room: nothing was added
   */
  record(section: Exclude<DnsSection, 'question'>, record: DnsRecord, compress = true): boolean {
    return this.#whole(section, () => {
      this.#head(record, compress);
      this.#data(() => {
        for (const [i, kind] of layoutOf(record.type).entries()) {
          const value = record.data[i];
          if (value !== undefined) writeField(this, kind, value);
        }
      });
    });
  }

  /** Adds a record whose data is bytes already. @returns false if there is no room */
  rawRecord(
    section: Exclude<DnsSection, 'question'>,
    head: Omit<DnsRecord, 'data'>,
    data: Uint8Array,
  ): boolean {
    return this.#whole(section, () => {
      this.#head(head, true);
      this.#data(() => this.bytes(data));
    });
  }

  #head({ name, type, class: cls, ttl }: Omit<DnsRecord, 'data'>, compress: boolean): void {
    this.#name(name, compress && this.#compression !== 'none');
    this.#u16(type);
    this.#u16(cls);
    this.#u16(ttl >>> 16);
    this.#u16(ttl & 0xffff);
  }

  #data(write: () => void): void {
    const lengthAt = this.#at;
    this.#u16(0);
    write();
    put16(this.#buf, lengthAt, this.#at - lengthAt - 2);
  }

  /** Writes something whole, or not at all. */
  #whole(section: DnsSection, write: () => void): boolean {
    const start = this.#at;
    this.#added = [];
    write();
    if (this.#at <= this.#limit) {
      this.#counts[section]++;
      return true;
    }
    for (const key of this.#added) this.#names.delete(key);
    this.#at = start;
    this.truncated = true;
    return false;
  }

  /** Adds the OPT record. @returns false if there is no room */
  edns(edns: Edns): boolean {
    return this.#whole('additional', () => {
      this.bytes(Uint8Array.from([0]));
      this.#u16(TYPE_OPT);
      this.#u16(edns.udpSize);
      this.bytes(Uint8Array.from([edns.extendedRcode, edns.version]));
      this.#u16(edns.flags);
      this.#data(() => {
        for (const { code, data } of edns.options) {
          this.#u16(code);
          this.#u16(data.length);
          this.bytes(data);
        }
      });
    });
  }

  /** Completes the header. @returns the message */
  finish(header: Pick<DnsMessage, 'id' | 'flags' | 'opcode' | 'rcode'>): Uint8Array {
    const buf = this.#buf;
    const { id, flags, opcode, rcode } = header;
    put16(buf, 0, id);
    put16(buf, 2, (flags & ~0x780f) | ((opcode & 0xf) << 11) | (rcode & 0xf));
    for (const section of ['question', 'answer', 'authority', 'additional'] as const)
      put16(buf, COUNT_AT[section], this.#counts[section]);
    return buf.slice(0, this.#at);
  }
}

function suffixKey(labels: readonly (readonly number[])[], from: number): string {
  let key = '';
  for (let i = from; i < labels.length; i++)
    key += `${String.fromCharCode(...(labels[i] as readonly number[]).map(foldCase))}\u0100`;
  return key;
}

/** Case is that of ASCII alone. RFC 4343 section 3 */
function foldCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/**
 * Writes a message. What does not fit into the limit is left out, and the message marked as truncated; room for the
 * OPT record is kept.
 */
export function writeMessage(message: DnsMessage, options: WriteOptions = {}): Uint8Array {
  const { edns } = message;
  const limit = (options.limit ?? MAX_MESSAGE) - (edns === undefined ? 0 : ednsLength(edns));
  const writer = new MessageWriter({ ...options, limit });
  for (const q of message.questions) writer.question(q);
  const sections = [
    ['answer', message.answers],
    ['authority', message.authorities],
    ['additional', message.additionals],
  ] as const;
  for (const [section, records] of sections)
    for (const record of records) {
      if (!writer.record(section, record)) break;
    }
  return finishWith(writer, message);
}

function ednsLength(edns: Edns): number {
  return edns.options.reduce((n, o) => n + 4 + o.data.length, 11);
}

function finishWith(writer: MessageWriter, message: DnsMessage): Uint8Array {
  const flags = writer.truncated ? message.flags | FLAG_TC : message.flags;
  if (message.edns !== undefined) writer.allow(ednsLength(message.edns)).edns(message.edns);
  return writer.finish({ ...message, flags });
}

/** The data of a record as bytes, names written whole. */
export function rdataBytes(record: DnsRecord): Uint8Array {
  const writer = new MessageWriter({ compression: 'none' });
  const start = writer.length;
  writer.record('answer', { ...record, name: '' });
  return writer.finish({ id: 0, flags: 0, opcode: 0, rcode: 0 }).slice(start + 1 + 10);
}
