import { getU32, put32, utf8Decode, utf8Encode } from '@labwire/core/bytes';

/** Version 3.0 of the protocol, and the requests that stand in its place. PostgreSQL manual, chapter 55.7 */
export const PROTOCOL_3 = 196_608;
export const SSL_REQUEST = 80_877_103;
export const GSS_REQUEST = 80_877_104;
export const CANCEL_REQUEST = 80_877_102;
/** Bytes that a message may have. */
const MAX_LENGTH = 1 << 24;

/** Builds the body of one message. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];

  byte(value: number): this {
    return this.bytes(new Uint8Array([value & 0xff]));
  }

  int16(value: number): this {
    return this.bytes(new Uint8Array([(value >> 8) & 0xff, value & 0xff]));
  }

  int32(value: number): this {
    const data = new Uint8Array(4);
    put32(data, 0, value);
    return this.bytes(data);
  }

  /** A text with a zero behind it. */
  text(value: string): this {
    return this.bytes(utf8Encode(value)).byte(0);
  }

  bytes(data: Uint8Array): this {
    this.#parts.push(data);
    return this;
  }

  /** The whole message. @param type its first byte as a character; undefined for a start-up packet, which has none */
  build(type: string | undefined): Uint8Array {
    const body = this.#parts.reduce((sum, part) => sum + part.length, 0);
    const head = type === undefined ? 0 : 1;
    const message = new Uint8Array(head + 4 + body);
    if (type !== undefined) message[0] = type.charCodeAt(0);
    put32(message, head, body + 4);
    let at = head + 4;
    for (const part of this.#parts) {
      message.set(part, at);
      at += part.length;
    }
    return message;
  }
}

/** One message as it came. */
export interface Message {
  /** Empty for a start-up packet. */
  readonly type: string;
  readonly body: Uint8Array;
}

/** Thrown at bytes that are no message. */
export class ProtocolError extends Error {}

/** Cuts a stream of bytes into messages. */
export class MessageReader {
  #rest: Uint8Array = new Uint8Array(0);
  /** Whether the next message is a start-up packet. */
  startup: boolean;

  constructor(startup: boolean) {
    this.startup = startup;
  }

  feed(data: Uint8Array): void {
    const all = new Uint8Array(this.#rest.length + data.length);
    all.set(this.#rest);
    all.set(data, this.#rest.length);
    this.#rest = all;
  }

  /** Takes the next whole message. @returns undefined for none yet @throws ProtocolError */
  next(): Message | undefined {
    const head = this.startup ? 0 : 1;
    if (this.#rest.length < head + 4) return undefined;
    const length = getU32(this.#rest, head);
    if (length < 4 || length > MAX_LENGTH) throw new ProtocolError('invalid length of message');
    if (this.#rest.length < head + length) return undefined;
    const type = head === 0 ? '' : String.fromCharCode(this.#rest[0] as number);
    const body = this.#rest.slice(head + 4, head + length);
    this.#rest = this.#rest.slice(head + length);
    return { type, body };
  }
}

/** Reads the fields of a message's body; behind its end everything is 0 or empty. */
export class FieldReader {
  readonly #body: Uint8Array;
  #at = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  get atEnd(): boolean {
    return this.#at >= this.#body.length;
  }

  byte(): number {
    return this.#body[this.#at++] ?? 0;
  }

  int16(): number {
    return (this.byte() << 8) | this.byte();
  }

  int32(): number {
    return (this.int16() << 16) | this.int16();
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#at);
    const stop = end < 0 ? this.#body.length : end;
    const text = utf8Decode(this.#body.subarray(this.#at, stop));
    this.#at = stop + 1;
    return text;
  }

  bytes(length: number): Uint8Array {
    const data = this.#body.subarray(this.#at, this.#at + length);
    this.#at += length;
    return data;
  }
}
