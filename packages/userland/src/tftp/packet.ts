import { utf8Decode, utf8Encode } from '@labwire/core/bytes';

/** What a packet is. RFC 1350 section 5, RFC 2347. */
export const TftpOp = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;

/** Why a transfer fails. RFC 1350 appendix I. */
export const TftpError = { other: 0, notFound: 1, access: 2, illegal: 4, unknownId: 5 } as const;

/** Bytes of an error's text. dnsmasq src/tftp.c, MAXMESSAGE */
const MAX_MESSAGE = 500;

/** A request to read a file, with its options in the order they came. */
export interface ReadRequest {
  readonly file: string;
  readonly netascii: boolean;
  readonly options: readonly (readonly [name: string, value: string])[];
}

/** Bytes 0 and 1: a {@link TftpOp}; bytes 2 and 3: a block's or an error's number; 0 where they are missing. */
export function word(packet: Uint8Array, at: number): number {
  return ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0);
}

/** The texts that end in a zero byte, up to an empty one; none if the last one does not end. next() */
export function texts(packet: Uint8Array, off: number): string[] {
  const found: string[] = [];
  if (packet.at(-1) !== 0) return found;
  for (let at = off; at < packet.length; ) {
    const end = packet.indexOf(0, at);
    if (end <= at) break;
    found.push(utf8Decode(packet.subarray(at, end)));
    at = end + 1;
  }
  return found;
}

/** @returns undefined for all but a request to read, in a mode that there is */
export function readRequest(packet: Uint8Array): ReadRequest | undefined {
  const [file, mode, ...rest] = texts(packet, 2);
  if (word(packet, 0) !== TftpOp.rrq || file === undefined || mode === undefined) return undefined;
  const kind = mode.toLowerCase();
  if (kind !== 'octet' && kind !== 'netascii') return undefined;
  const options: [string, string][] = [];
  for (let i = 0; i + 1 < rest.length; i += 2)
    options.push([(rest[i] as string).toLowerCase(), rest[i + 1] as string]);
  return { file, netascii: kind === 'netascii', options };
}

function packetOf(op: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 2));
  out[1] = op;
  let at = 2;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function number16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value);
}

/** One block of a file. @param block its number, which wraps at 16 bits */
export function dataPacket(block: number, data: Uint8Array): Uint8Array {
  return packetOf(TftpOp.data, number16(block), data);
}

/** The options that are granted. RFC 2347 section 2. */
export function oackPacket(options: readonly (readonly [string, number])[]): Uint8Array {
  return packetOf(TftpOp.oack, utf8Encode(options.map(([k, v]) => `${k}\0${v}\0`).join('')));
}

/** An error that ends a transfer. */
export function errorPacket(code: number, message: string): Uint8Array {
  const text = utf8Encode(`${message}\0`).subarray(0, MAX_MESSAGE);
  return packetOf(TftpOp.error, number16(code), text);
}

/** A text without what a log cannot show. sanitise() */
export function sanitise(text: string): string {
  return text.replace(/[^ -~]/g, '');
}
