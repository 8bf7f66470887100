/**
 * The header of GRE. RFC 2784, with key and sequence number of RFC 2890
 *
 *      0                   1                   2                   3
 *     |C| |K|S| Reserved        | Ver | protocol type                 |
 *     | checksum (optional)           | reserved (optional)           |
 *     | key (optional)                                                |
 *     | sequence number (optional)                                    |
 */
import { get16, getU32, put16, put32 } from '@labwire/core/bytes';
import { checksum, checksumOk } from '@labwire/core/wire';
import { GRE_CSUM, GRE_KEY, GRE_SEQ, greHlen } from './parms.ts';

const GRE_VERSION = 0x0007;
/** Routing, strict source route and recursion, which RFC 2784 has no more. */
const GRE_OLD = 0x4ff8;

/** What a received header says; used again for the next one. */
export class GreHeader {
  flags = 0;
  protocol = 0;
  key = 0;
  seq = 0;
  length = 0;

  /** Reads a header. @returns whether it is one that can be understood. `gre_parse_header()` */
  read(buf: Uint8Array, at: number, end: number): boolean {
    if (end - at < 4) return false;
    const word = get16(buf, at);
    if ((word & (GRE_VERSION | GRE_OLD)) !== 0) return false;
    this.flags = word & (GRE_CSUM | GRE_KEY | GRE_SEQ);
    this.length = greHlen(this.flags);
    if (end - at < this.length) return false;
    this.protocol = get16(buf, at + 2);
    let next = at + 4;
    if ((word & GRE_CSUM) !== 0) {
      if (!checksumOk(buf, at, end - at, 0)) return false;
      next += 4;
    }
    this.key = 0;
    if ((word & GRE_KEY) !== 0) {
      this.key = getU32(buf, next);
      next += 4;
    }
    this.seq = (word & GRE_SEQ) !== 0 ? getU32(buf, next) : 0;
    return true;
  }
}

/** Writes a header before what it carries. `gre_build_header()` @param end of what it carries */
export function writeGre(
  buf: Uint8Array,
  at: number,
  end: number,
  header: Pick<GreHeader, 'flags' | 'protocol' | 'key' | 'seq'>,
): void {
  const { flags, protocol, key, seq } = header;
  put16(buf, at, flags);
  put16(buf, at + 2, protocol);
  let next = at + 4;
  if ((flags & GRE_CSUM) !== 0) {
    put32(buf, next, 0);
    next += 4;
  }
  if ((flags & GRE_KEY) !== 0) {
    put32(buf, next, key);
    next += 4;
  }
  if ((flags & GRE_SEQ) !== 0) put32(buf, next, seq);
  if ((flags & GRE_CSUM) !== 0) put16(buf, at + 4, checksum(buf, at, end - at));
}
