import { get8, get16 } from '@labwire/core/bytes';
import type { DccpMatch, SctpMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';
import { portIn } from './port-range.ts';

const SCTP_HLEN = 12;
const CHUNK_HLEN = 4;

type Chunks = NonNullable<SctpMatch['chunks']>;

function flagsHold(flags: Chunks['flags'], type: number, value: number): boolean {
  for (let i = 0; i < flags.length; i++) {
    const f = flags[i] as Chunks['flags'][number];
    if (f.type === type) return (value & f.mask) === f.value;
  }
  return true;
}

/** What `match_packet()` says of the chunks of a packet. */
function chunksHold(p: XtPacket, c: Chunks, wanted: Uint8Array): boolean {
  const { buf, tail } = p.skb;
  let found = 0;
  for (let at = p.thoff + SCTP_HLEN; at + CHUNK_HLEN <= tail; ) {
    const type = get8(buf, at);
    const hit = wanted[type] === 1 && flagsHold(c.flags, type, get8(buf, at + 1));
    if (c.mode === 'any' && hit) return true;
    if (c.mode === 'only' && !hit) return false;
    if (hit) found |= 1;
    at += (get16(buf, at + 2) + 3) & ~3 || CHUNK_HLEN;
  }
  return c.mode === 'only' || (c.mode === 'all' && hasAll(p, c, found));
}

/** Whether every chunk that is asked for is there. */
function hasAll(p: XtPacket, c: Chunks, found: number): boolean {
  if (c.types.length > 0 && found === 0) return false;
  for (let i = 0; i < c.types.length; i++) {
    if (!hasChunk(p, c, c.types[i] as number)) return false;
  }
  return true;
}

function hasChunk(p: XtPacket, c: Chunks, wanted: number): boolean {
  const { buf, tail } = p.skb;
  for (let at = p.thoff + SCTP_HLEN; at + CHUNK_HLEN <= tail; ) {
    if (get8(buf, at) === wanted && flagsHold(c.flags, wanted, get8(buf, at + 1))) return true;
    at += (get16(buf, at + 2) + 3) & ~3 || CHUNK_HLEN;
  }
  return false;
}

/** `sctp_mt()` */
export function sctpMatcher(m: SctpMatch): Matcher {
  const { chunks } = m;
  const wanted = new Uint8Array(256);
  for (const type of chunks?.types ?? []) wanted[type] = 1;
  return (p) => {
    if (!p.hasTransport(SCTP_HLEN)) return false;
    if (!portIn(p.sport, m.sports) || !portIn(p.dport, m.dports)) return false;
    return chunks === undefined || chunksHold(p, chunks, wanted) !== chunks.invert;
  };
}

const DCCP_HLEN = 12;
const FIRST_INVALID = 10;

/** Bytes before the options, by packet type. RFC 4340 section 5 */
function dccpHeader(type: number, extended: boolean): number {
  const base = extended ? 16 : DCCP_HLEN;
  const ack = extended ? 8 : 4;
  if (type === 0) return base + 4;
  if (type === 1) return base + ack + 4;
  if (type === 2) return base;
  return type === 7 ? base + ack + 4 : base + ack;
}

/** Whether a packet has an option. `dccp_find_option()` */
function hasDccpOption(p: XtPacket, kind: number): boolean {
  const { buf, tail } = p.skb;
  const type = (get8(buf, p.thoff + 8) >>> 1) & 0xf;
  const end = p.thoff + get8(buf, p.thoff + 4) * 4;
  const from = p.thoff + dccpHeader(type, (get8(buf, p.thoff + 8) & 1) !== 0);
  if (end < from || end > tail) {
    p.hotdrop = true;
    return false;
  }
  for (let at = from; at < end; ) {
    const option = get8(buf, at);
    if (option === kind) return true;
    at += option < 32 || at + 1 >= end ? 1 : get8(buf, at + 1) || 1;
  }
  return false;
}

/** `dccp_mt()` */
export function dccpMatcher(m: DccpMatch): Matcher {
  const { types, option } = m;
  return (p) => {
    if (!p.hasTransport(DCCP_HLEN)) return false;
    if (!portIn(p.sport, m.sports) || !portIn(p.dport, m.dports)) return false;
    if (types !== undefined) {
      const type = (get8(p.skb.buf, p.thoff + 8) >>> 1) & 0xf;
      if (types.in.includes(Math.min(type, FIRST_INVALID)) === types.invert) return false;
    }
    return option === undefined || hasDccpOption(p, option.kind) !== option.invert;
  };
}
