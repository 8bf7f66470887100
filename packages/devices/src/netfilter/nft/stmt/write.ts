/** Writing to the packet. Linux net/netfilter/nft_payload.c, nft_payload_set_eval(); nft_exthdr.c */
import { get8, get16, put16 } from '@labwire/core/bytes';
import { updateCheck16 } from '@labwire/core/wire';
import type { NftExpr, NftExthdr, NftPayload } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import { findTcp, tcpEnd } from '../expr/exthdr.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { baseOf } from '../expr/payload.ts';
import { NFT_BREAK, NFT_CONTINUE } from '../verdict.ts';

const IPV4_CHECK = 10;
/** Where the checksum of a transport header is, by protocol. */
const CHECKS: Readonly<Record<number, number>> = { 1: 2, 2: 2, 6: 16, 17: 6, 33: 6, 58: 2 };
const WITH_PSEUDO: readonly number[] = [6, 17, 33, 58];
const UDP = 17;

/** Mends a checksum for 16 bits that change; a UDP checksum of 0 stands for none. */
function mend(p: NftPacket, at: number, from: number, to: number, isUdp: boolean): void {
  const { buf, tail } = p.skb;
  if (at + 2 > tail) return;
  const check = get16(buf, at);
  if (isUdp && check === 0) return;
  put16(buf, at, updateCheck16(check, from, to));
}

/** Whether a word of the network header is part of what transport checksums cover. */
function inPseudoHeader(p: NftPacket, off: number): boolean {
  return p.isIpv6 ? off >= 8 && off < 40 : off >= 12 && off < 20;
}

/** Writes an aligned word of a header and mends the checksums that cover it. */
function putWord(
  p: NftPacket,
  base: NftPayload['base'],
  header: number,
  off: number,
  to: number,
): void {
  const { buf } = p.skb;
  const from = get16(buf, header + off);
  if (from === to) return;
  const at = CHECKS[p.proto];
  const hasCheck = at !== undefined && p.hasL4 && p.fragOff === 0;
  if (base === 'network') {
    if (!p.isIpv6 && off !== IPV4_CHECK) mend(p, header + IPV4_CHECK, from, to, false);
    if (hasCheck && WITH_PSEUDO.includes(p.proto) && inPseudoHeader(p, off))
      mend(p, p.thoff + at, from, to, p.proto === UDP);
  } else if (base === 'transport' && hasCheck && off !== at)
    mend(p, p.thoff + at, from, to, p.proto === UDP);
  put16(buf, header + off, to);
}

/** A word with one of its bits set or cleared. @param at counted from the header's start */
function withBit(word: number, at: number, set: boolean): number {
  const mask = 0x8000 >>> (at & 15);
  return set ? word | mask : word & ~mask;
}

/** Writes bits of the packet, word by word. */
function writeBits(p: NftPacket, e: NftPayload, header: number, value: Uint8Array): void {
  const { buf } = p.skb;
  const first = e.offset >>> 4;
  const last = (e.offset + e.bits - 1) >>> 4;
  const lead = value.length * 8 - e.bits;
  for (let w = first; w <= last; w++) {
    let word = get16(buf, header + w * 2);
    for (let i = Math.max(w * 16, e.offset); i < Math.min((w + 1) * 16, e.offset + e.bits); i++) {
      const n = i - e.offset + lead;
      word = withBit(word, i, (((value[n >>> 3] as number) >>> (7 - (n & 7))) & 1) === 1);
    }
    putWord(p, e.base, header, w * 2, word);
  }
}

/** `nft_payload_set_eval()` */
export function payloadSetStep(e: NftPayload, value: NftExpr, env: CompileEnv): Step {
  const load = env.loader(value);
  const scratch = new Uint8Array(Math.max(load.size, Math.ceil(e.bits / 8)));
  const size = Math.ceil(e.bits / 8);
  const end = (e.offset + e.bits + 15) >>> 4;
  return (p) => {
    const header = baseOf(p, e.base);
    if (header < 0 || header + end * 2 > p.skb.tail + 1) return NFT_BREAK;
    if (!load.bytes(p, scratch, 0)) return NFT_BREAK;
    writeBits(p, e, header, scratch.subarray(0, size));
    if (p.hasL4) p.reload();
    return NFT_CONTINUE;
  };
}

/** `nft_exthdr_tcp_set_eval()`; an MSS is never made larger. */
export function optionSetStep(e: NftExthdr, value: NftExpr, env: CompileEnv): Step {
  const load = env.loader(value);
  const find = findTcp(e.header);
  const read = load.number;
  return (p) => {
    const from = find(p);
    const v = read === undefined ? -1 : read(p);
    if (from < 0 || v < 0) return NFT_BREAK;
    const at = from + (e.offset >>> 3);
    if (e.bits === 16) {
      const old = get16(p.skb.buf, at);
      if (e.header === 2 && old <= v) return NFT_CONTINUE;
      writeOption(p, at, v >>> 8);
      writeOption(p, at + 1, v & 0xff);
    } else if (e.bits === 8) writeOption(p, at, v);
    else
      for (let i = 0; i < 4; i++) writeOption(p, at + i, Math.floor(v / 2 ** (8 * (3 - i))) & 0xff);
    return NFT_CONTINUE;
  };
}

/** Writes a byte of the TCP header and mends its checksum. */
function writeOption(p: NftPacket, at: number, byte: number): void {
  const { buf } = p.skb;
  const even = ((at - p.thoff) & 1) === 0;
  const word = even ? at : at - 1;
  const from = get16(buf, word);
  const to = even ? (byte << 8) | (from & 0xff) : (from & 0xff00) | byte;
  mend(p, p.thoff + 16, from, to, false);
  put16(buf, word, to);
}

const NOP = 1;

/** `reset tcp option`: no-operations in its place. `nft_exthdr_tcp_strip_eval()` */
export function optstripStep(e: NftExthdr): Step {
  const find = findTcp(e.header);
  return (p) => {
    const from = find(p);
    const end = tcpEnd(p);
    if (from < 0) return NFT_CONTINUE;
    const length = from + 1 < end ? get8(p.skb.buf, from + 1) : 1;
    for (let i = 0; i < length && from + i < end; i++) writeOption(p, from + i, NOP);
    return NFT_CONTINUE;
  };
}
