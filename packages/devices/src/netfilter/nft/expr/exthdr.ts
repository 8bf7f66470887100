/** Extension headers and options. Linux net/netfilter/nft_exthdr.c */
import { get8 } from '@labwire/core/bytes';
import type { NftExthdr } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import { BREAK, bytesLoader, type Loader, NUMBER_BITS, numberLoader, readBits } from './loader.ts';

/** Where a header or option begins in the buffer; -1 if it is not there. */
type Finder = (p: NftPacket) => number;

const IPPROTO_TCP = 6;
const FRAGMENT = 44;
const AH = 51;
const SKIPPED: readonly number[] = [0, 43, 60, FRAGMENT, AH, 135];

/** `ipv6_find_hdr()` */
function findIpv6(header: number): Finder {
  return (p) => {
    if (!p.isIpv6) return -1;
    const { buf, nh, tail } = p.skb;
    let next = get8(buf, nh + 6);
    let at = nh + 40;
    while (at + 8 <= tail) {
      if (next === header) return at;
      if (!SKIPPED.includes(next)) return -1;
      const length =
        next === FRAGMENT
          ? 8
          : next === AH
            ? (get8(buf, at + 1) + 2) * 4
            : (get8(buf, at + 1) + 1) * 8;
      next = get8(buf, at);
      at += length;
    }
    return -1;
  };
}

function findOption(buf: Uint8Array, from: number, end: number, kind: number): number {
  for (let i = from; i < end; ) {
    const k = get8(buf, i);
    if (k === kind) return i;
    if (k === 0) return -1;
    const length = k === 1 ? 1 : i + 1 < end ? get8(buf, i + 1) : 0;
    if (length === 0 || (k !== 1 && length < 2)) return -1;
    i += length;
  }
  return -1;
}

/** Where the options of a TCP header end; -1 if there is none. `nft_tcp_header_pointer()` */
export function tcpEnd(p: NftPacket): number {
  if (!p.hasL4 || p.proto !== IPPROTO_TCP || p.fragOff !== 0 || p.thoff + 20 > p.skb.tail)
    return -1;
  const length = (get8(p.skb.buf, p.thoff + 12) >>> 4) * 4;
  return length < 20 || p.thoff + length > p.skb.tail ? -1 : p.thoff + length;
}

/** Where a TCP option begins. */
export function findTcp(kind: number): Finder {
  return (p) => {
    const end = tcpEnd(p);
    return end < 0 ? -1 : findOption(p.skb.buf, p.thoff + 20, end, kind);
  };
}

function findIpv4(kind: number): Finder {
  return (p) => {
    if (p.isIpv6) return -1;
    const { buf, nh } = p.skb;
    return findOption(buf, nh + 20, nh + (get8(buf, nh) & 15) * 4, kind);
  };
}

/** The first chunk of a type. `nft_exthdr_sctp_eval()` */
function findChunk(type: number): Finder {
  return (p) => {
    if (!p.hasL4 || p.proto !== 132 || p.fragOff !== 0) return -1;
    const { buf, tail } = p.skb;
    for (let at = p.thoff + 12; at + 4 <= tail; ) {
      if (get8(buf, at) === type) return at;
      const length = get8(buf, at + 2) * 256 + get8(buf, at + 3);
      if (length < 4) return -1;
      at += (length + 3) & ~3;
    }
    return -1;
  };
}

function finder(e: NftExthdr): Finder {
  switch (e.op) {
    case 'ipv6':
      return findIpv6(e.header);
    case 'tcpopt':
      return findTcp(e.header);
    case 'ipopt':
      return findIpv4(e.header);
    case 'sctp':
      return findChunk(e.header);
  }
}

/** `nft_exthdr_ipv6_eval()`, `nft_exthdr_tcp_eval()`, `nft_exthdr_ipv4_eval()` */
export function exthdrLoader(e: NftExthdr): Loader {
  const find = finder(e);
  if (e.present) return numberLoader(1, (p) => (find(p) >= 0 ? 1 : 0));
  const end = (e.offset + e.bits + 7) >>> 3;
  if (e.bits > NUMBER_BITS)
    return bytesLoader(e.bits, (p, to, at) => {
      const from = find(p);
      if (from < 0 || from + end > p.skb.tail) return false;
      for (let i = 0; i < e.bits / 8; i++)
        to[at + i] = get8(p.skb.buf, from + (e.offset >>> 3) + i);
      return true;
    });
  return numberLoader(e.bits, (p) => {
    const from = find(p);
    if (from < 0 || from + end > p.skb.tail) return BREAK;
    return readBits(p.skb.buf, from, e.offset, e.bits);
  });
}
