/**
 * STUN messages. RFC 8489 section 5, RFC 5389, and RFC 3489, whose transaction id takes the cookie's place too
 *
 *      0                   1                   2                   3
 *     |0 0| type (14 bits)            | length, without this header   |
 *     | magic cookie 0x2112a442                                       |
 *     | transaction id (96 bits) ...                                  |
 *     | attribute type                | attribute length              |
 *     | value, padded to 32 bits ...                                  |
 */
import { get16, getU32, put16 } from '../../bytes/index.ts';

/** Bytes before the first attribute. */
export const STUN_HLEN = 20;
/** Bytes of an attribute before its value. */
const ATTRIBUTE_HLEN = 4;
/** Bytes of the magic cookie and the transaction id, which RFC 3489 has as one. */
export const STUN_ID_LENGTH = 16;
/** What tells a message of RFC 5389 and later from one of RFC 3489. */
export const STUN_MAGIC_COOKIE = 0x2112_a442;
/** The port of a server. RFC 8489 section 18.6 */
export const STUN_PORT = 3478;

/** Message types: the method Binding with each class. RFC 8489 section 5 */
export const STUN_BINDING_REQUEST = 0x0001;
export const STUN_BINDING_RESPONSE = 0x0101;
export const STUN_BINDING_ERROR = 0x0111;

/** One attribute, with its value as it is on the wire, without padding. */
export interface StunAttribute {
  /** STUN_ATTR_* */
  readonly type: number;
  readonly value: Uint8Array;
}

/** A message. */
export interface StunMessage {
  /** STUN_BINDING_* */
  readonly type: number;
  /** The magic cookie and the transaction id: {@link STUN_ID_LENGTH} bytes. */
  readonly id: Uint8Array;
  readonly attributes: readonly StunAttribute[];
}

const padded = (n: number): number => (n + 3) & ~3;

/** Bytes of a message. */
export function stunLength({ attributes }: StunMessage): number {
  return attributes.reduce((n, a) => n + ATTRIBUTE_HLEN + padded(a.value.length), STUN_HLEN);
}

/** Writes a message; padding is zeros. */
export function writeStun(buf: Uint8Array, off: number, message: StunMessage): void {
  const length = stunLength(message);
  buf.fill(0, off, off + length);
  put16(buf, off, message.type);
  put16(buf, off + 2, length - STUN_HLEN);
  buf.set(message.id, off + 4);
  let at = off + STUN_HLEN;
  for (const { type, value } of message.attributes) {
    put16(buf, at, type);
    put16(buf, at + 2, value.length);
    buf.set(value, at + ATTRIBUTE_HLEN);
    at += ATTRIBUTE_HLEN + padded(value.length);
  }
}

/** Whether a message of RFC 5389 or later. */
export function hasMagicCookie({ id }: StunMessage): boolean {
  return getU32(id, 0) === STUN_MAGIC_COOKIE;
}

/** Reads a message, of either kind. @returns undefined for what is none: RFC 8489 section 6.3 */
export function readStun(buf: Uint8Array, off: number, end: number): StunMessage | undefined {
  if (end - off < STUN_HLEN) return undefined;
  const type = get16(buf, off);
  const length = get16(buf, off + 2);
  if ((type & 0xc000) !== 0 || (length & 3) !== 0 || end - off !== STUN_HLEN + length)
    return undefined;
  const attributes = readAttributes(buf, off + STUN_HLEN, end);
  if (attributes === undefined) return undefined;
  return { type, id: buf.slice(off + 4, off + 4 + STUN_ID_LENGTH), attributes };
}

function readAttributes(buf: Uint8Array, off: number, end: number): StunAttribute[] | undefined {
  const attributes: StunAttribute[] = [];
  for (let at = off; at < end; ) {
    const length = get16(buf, at + 2);
    const value = at + ATTRIBUTE_HLEN;
    if (value + length > end) return undefined;
    attributes.push({ type: get16(buf, at), value: buf.slice(value, value + length) });
    at = value + padded(length);
  }
  return attributes;
}
