import { get8, get16, get32, getU32, put8, put16, put32 } from '../bytes/index.ts';

/** Kinds. RFC 9293 section 3.1, RFC 7323, RFC 2018; Linux include/net/tcp.h. */
export const TCPOPT_EOL = 0;
export const TCPOPT_NOP = 1;
export const TCPOPT_MSS = 2;
export const TCPOPT_WINDOW = 3;
export const TCPOPT_SACK_PERM = 4;
export const TCPOPT_SACK = 5;
export const TCPOPT_TIMESTAMP = 8;

const MSS_LEN = 4;
const WINDOW_LEN = 3;
const SACK_PERM_LEN = 2;
const TIMESTAMP_LEN = 10;
const SACK_BASE_LEN = 2;
const SACK_BLOCK_LEN = 8;
/** Two NOPs and the beginning of a timestamp: all that most segments have. `tcp_parse_aligned_timestamp()` */
const TIMESTAMP_ALONE = 0x0101_080a;
/** Most blocks that fit into 40 bytes of options. */
export const TCP_MAX_SACKS = 4;

/** The options of a segment: a record to be reused, so that reading allocates nothing. */
export class TcpOptions {
  /** Maximum segment size in bytes; 0 if the option is absent. */
  mss = 0;
  /** Shift count of the window, as sent; -1 if the option is absent. */
  wscale = -1;
  sackPermitted = false;
  /** Whether tsVal and tsEcr are there. */
  timestamps = false;
  tsVal = 0;
  tsEcr = 0;
  /** How many blocks of {@link sacks} are in use. */
  sackCount = 0;
  /** Left and right edge of each SACK block, by turns. */
  readonly sacks: Uint32Array = new Uint32Array(2 * TCP_MAX_SACKS);

  /** Makes every option absent. */
  clear(): void {
    this.mss = 0;
    this.wscale = -1;
    this.sackPermitted = false;
    this.timestamps = false;
    this.tsVal = 0;
    this.tsEcr = 0;
    this.sackCount = 0;
  }
}

function readSacks(buf: Uint8Array, off: number, len: number, into: TcpOptions): void {
  if (len < SACK_BASE_LEN + SACK_BLOCK_LEN || (len - SACK_BASE_LEN) % SACK_BLOCK_LEN !== 0) return;
  const n = Math.min((len - SACK_BASE_LEN) / SACK_BLOCK_LEN, TCP_MAX_SACKS);
  for (let i = 0; i < 2 * n; i++) into.sacks[i] = getU32(buf, off + SACK_BASE_LEN + 4 * i);
  into.sackCount = n;
}

/** Reads one option of a known length; one whose length is not its kind's is passed over. */
function readOption(buf: Uint8Array, off: number, len: number, into: TcpOptions): void {
  switch (get8(buf, off)) {
    case TCPOPT_MSS:
      if (len === MSS_LEN) into.mss = get16(buf, off + 2);
      break;
    case TCPOPT_WINDOW:
      if (len === WINDOW_LEN) into.wscale = get8(buf, off + 2);
      break;
    case TCPOPT_SACK_PERM:
      if (len === SACK_PERM_LEN) into.sackPermitted = true;
      break;
    case TCPOPT_SACK:
      readSacks(buf, off, len, into);
      break;
    case TCPOPT_TIMESTAMP:
      if (len !== TIMESTAMP_LEN) break;
      into.timestamps = true;
      into.tsVal = getU32(buf, off + 2);
      into.tsEcr = getU32(buf, off + 6);
      break;
    default: // an unknown option is passed over
  }
}

/**
 * Reads the options in `[off, end)` into `into`; what follows a lying length is not read.
 * Linux net/ipv4/tcp_input.c, tcp_parse_options().
 */
export function readTcpOptions(buf: Uint8Array, off: number, end: number, into: TcpOptions): void {
  into.clear();
  if (end - off === TIMESTAMP_LEN + 2 && get32(buf, off) === TIMESTAMP_ALONE) {
    into.timestamps = true;
    into.tsVal = getU32(buf, off + 4);
    into.tsEcr = getU32(buf, off + 8);
    return;
  }
  for (let at = off; at < end; ) {
    const kind = get8(buf, at);
    if (kind === TCPOPT_EOL) return;
    if (kind === TCPOPT_NOP) {
      at++;
      continue;
    }
    const len = at + 1 < end ? get8(buf, at + 1) : 0;
    if (len < 2 || at + len > end) return;
    readOption(buf, at, len, into);
    at += len;
  }
}

/** Bytes that {@link writeTcpOptions} writes: a multiple of four, at most 40 for what a segment may carry. */
export function tcpOptionsLength(o: TcpOptions): number {
  let n = o.mss > 0 ? 4 : 0;
  if (o.timestamps) n += 12;
  else if (o.sackPermitted) n += 4;
  if (o.wscale >= 0) n += 4;
  if (o.sackCount > 0) n += 4 + o.sackCount * SACK_BLOCK_LEN;
  return n;
}

function putNops(buf: Uint8Array, off: number): void {
  put8(buf, off, TCPOPT_NOP);
  put8(buf, off + 1, TCPOPT_NOP);
}

/** SACK-permitted goes where a lone timestamp has its two NOPs. */
function writeTimestamps(buf: Uint8Array, off: number, o: TcpOptions): void {
  if (o.sackPermitted) put16(buf, off, (TCPOPT_SACK_PERM << 8) | SACK_PERM_LEN);
  else putNops(buf, off);
  put16(buf, off + 2, (TCPOPT_TIMESTAMP << 8) | TIMESTAMP_LEN);
  put32(buf, off + 4, o.tsVal);
  put32(buf, off + 8, o.tsEcr);
}

function writeSacks(buf: Uint8Array, off: number, o: TcpOptions): number {
  putNops(buf, off);
  put8(buf, off + 2, TCPOPT_SACK);
  put8(buf, off + 3, SACK_BASE_LEN + o.sackCount * SACK_BLOCK_LEN);
  for (let i = 0; i < 2 * o.sackCount; i++) put32(buf, off + 4 + 4 * i, o.sacks[i] as number);
  return off + 4 + o.sackCount * SACK_BLOCK_LEN;
}

/**
 * Writes options in the order and with the padding that Linux uses, so that a capture looks alike.
 * Linux net/ipv4/tcp_output.c, tcp_options_write(). @returns the bytes written
 */
export function writeTcpOptions(buf: Uint8Array, off: number, o: TcpOptions): number {
  let at = off;
  if (o.mss > 0) {
    put16(buf, at, (TCPOPT_MSS << 8) | MSS_LEN);
    put16(buf, at + 2, o.mss);
    at += 4;
  }
  if (o.timestamps) {
    writeTimestamps(buf, at, o);
    at += 12;
  } else if (o.sackPermitted) {
    putNops(buf, at);
    put16(buf, at + 2, (TCPOPT_SACK_PERM << 8) | SACK_PERM_LEN);
    at += 4;
  }
  if (o.wscale >= 0) {
    put8(buf, at, TCPOPT_NOP);
    put16(buf, at + 1, (TCPOPT_WINDOW << 8) | WINDOW_LEN);
    put8(buf, at + 3, o.wscale);
    at += 4;
  }
  if (o.sackCount > 0) at = writeSacks(buf, at, o);
  return at - off;
}
