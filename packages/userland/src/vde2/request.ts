import { get32, put32, utf8Decode, utf8Encode } from '@labwire/core/bytes';

/** What a client says first, and where its frames go. vde2 src/lib/libvdeplug.c, struct request_v3, on x86 */
export interface PlugRequest {
  /** The port that is asked for; 0: any. */
  readonly port: number;
  /** Path of the client's socket for frames. */
  readonly path: string;
  readonly description: string;
}

const MAGIC = 0xfeed_face;
const VERSION = 3;
const ADDRESS = 12;
const PATH = ADDRESS + 2;
const PATH_LEN = 108;
const DESCRIPTION = PATH + PATH_LEN;
export const REQUEST_LEN: number = DESCRIPTION + 128;
/** Bytes of the answer: a `struct sockaddr_un`. */
const REPLY_LEN = 2 + PATH_LEN;

function text(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return utf8Decode(field.subarray(0, end < 0 ? length : end));
}

export function writeRequest({ port, path, description }: PlugRequest): Uint8Array {
  const bytes = new Uint8Array(REQUEST_LEN);
  put32(bytes, 0, MAGIC);
  put32(bytes, 4, VERSION);
  put32(bytes, 8, port << 8);
  bytes.set(utf8Encode(path).subarray(0, PATH_LEN - 1), PATH);
  bytes.set(utf8Encode(description).subarray(0, 127), DESCRIPTION);
  return bytes;
}

/** @returns undefined if it is no request */
export function readRequest(bytes: Uint8Array): PlugRequest | undefined {
  if (bytes.length < REQUEST_LEN || get32(bytes, 0) >>> 0 !== MAGIC) return undefined;
  return {
    port: get32(bytes, 8) >>> 8,
    path: text(bytes, PATH, PATH_LEN),
    description: text(bytes, DESCRIPTION, 128),
  };
}

export function writeReply(path: string): Uint8Array {
  const bytes = new Uint8Array(REPLY_LEN);
  bytes.set(utf8Encode(path).subarray(0, PATH_LEN - 1), 2);
  return bytes;
}

export function readReply(bytes: Uint8Array): string {
  return text(bytes, 2, PATH_LEN);
}
