import { get8, get16, put8, put16 } from '@labwire/core/bytes';
import { updateCheck16 } from '@labwire/core/wire';
import type { Action } from '../compile-chain.ts';
import type { XtPacket } from '../packet.ts';
import type { TcpmssTarget, TcpoptstripTarget } from '../target.ts';
import { NF_DROP, XT_CONTINUE } from '../verdict.ts';

const TCP_HLEN = 20;
const TCP_CHECK = 16;
const OPT_NOP = 1;
const OPT_MSS = 2;
/** Bytes of the MSS option, and of the longest header. */
const MSS_LEN = 4;
const MAX_HLEN = 60;
const DEFAULT_MSS4 = 536;
const DEFAULT_MSS6 = 1220;

/** Writes 16 bits of a TCP header at `off` from its start, mending the checksum wherever the two bytes lie. */
function putTcpBytes(p: XtPacket, at: number, value: number): void {
  const { buf } = p.skb;
  const old = get16(buf, at);
  const odd = ((at - p.thoff) & 1) === 1;
  const swap = (v: number): number => (odd ? ((v & 0xff) << 8) | (v >>> 8) : v);
  const check = p.thoff + TCP_CHECK;
  put16(buf, at, value);
  put16(buf, check, updateCheck16(get16(buf, check), swap(old), swap(value)));
}

/** Bytes of the option at `at`; of one that has no length, 1. `optlen()` */
function optionLength(buf: Uint8Array, at: number): number {
  return get8(buf, at) <= OPT_NOP ? 1 : get8(buf, at + 1) || 1;
}

/** Bytes of a TCP header that is all there; -1 of one that is not. */
function headerLength(p: XtPacket): number {
  const there = p.skb.tail - p.thoff;
  if (there < TCP_HLEN) return -1;
  const length = (get8(p.skb.buf, p.thoff + 12) >>> 4) * 4;
  return length > there ? -1 : length;
}

/**
 * `tcpmss_mangle_packet()`: lowers the MSS of a SYN; one without gets it as an option, if nothing stands behind its header.
 * @param pathMtu the smaller of the MTUs of the routes there and back, for --clamp-mss-to-pmtu
 */
export function tcpmssAction(t: TcpmssTarget, pathMtu: (p: XtPacket) => number): Action {
  return (p) => {
    if (p.fragOff !== 0) return XT_CONTINUE;
    p.skb.fragSizes = null; // skb_ensure_writable()
    const hlen = headerLength(p);
    if (hlen < TCP_HLEN) return NF_DROP;
    const headers = p.isIpv6 ? 60 : 40;
    const mtu = t.mss === undefined ? pathMtu(p) : 0;
    if (t.mss === undefined && mtu <= headers) return NF_DROP;
    const wanted = t.mss ?? mtu - headers;
    const { buf } = p.skb;
    for (let at = p.thoff + TCP_HLEN; at <= p.thoff + hlen - MSS_LEN; at += optionLength(buf, at)) {
      if (get8(buf, at) !== OPT_MSS || get8(buf, at + 1) !== MSS_LEN) continue;
      if (wanted < get16(buf, at + 2)) putTcpBytes(p, at + 2, wanted);
      return XT_CONTINUE;
    }
    if (p.skb.tail - p.thoff === hlen && hlen < MAX_HLEN && p.skb.tailroom >= MSS_LEN)
      addMss(p, Math.min(wanted, p.isIpv6 ? DEFAULT_MSS6 : DEFAULT_MSS4));
    return XT_CONTINUE;
  };
}

/** Puts the option in as the first one. RFC 9293 section 3.7.1 says what a SYN without it means. */
function addMss(p: XtPacket, mss: number): void {
  const { skb, thoff } = p;
  const { buf } = skb;
  const length = skb.tail - thoff;
  const first = thoff + TCP_HLEN;
  skb.put(MSS_LEN);
  buf.copyWithin(first + MSS_LEN, first, thoff + length);
  put8(buf, first, OPT_MSS);
  put8(buf, first + 1, MSS_LEN);
  put16(buf, first + 2, mss);
  const check = thoff + TCP_CHECK;
  const words = updateCheck16(get16(buf, check), 0, (OPT_MSS << 8) | MSS_LEN);
  put16(buf, check, updateCheck16(updateCheck16(words, 0, mss), length, length + MSS_LEN));
  putTcpBytes(p, thoff + 12, get16(buf, thoff + 12) + 0x1000);
  growIp(p, MSS_LEN);
}

/** The IP header tells of more bytes. */
function growIp(p: XtPacket, by: number): void {
  const { skb, isIpv6 } = p;
  p.len += by;
  const { buf, nh } = skb;
  const at = nh + (isIpv6 ? 4 : 2);
  const length = get16(buf, at);
  put16(buf, at, length + by);
  if (!isIpv6) put16(buf, nh + 10, updateCheck16(get16(buf, nh + 10), length, length + by));
}

/** `tcpoptstrip_mangle_packet()`: overwrites options with NOPs. */
export function tcpoptstripAction(t: TcpoptstripTarget): Action {
  return (p) => {
    if (p.fragOff !== 0) return XT_CONTINUE;
    const hlen = headerLength(p);
    if (hlen < TCP_HLEN) return NF_DROP;
    const { fragSizes } = p.skb;
    if (fragSizes !== null && (fragSizes[0] as number) < hlen) p.skb.fragSizes = null; // skb_ensure_writable()
    const { buf } = p.skb;
    const end = p.thoff + hlen;
    for (let at = p.thoff + TCP_HLEN; at < end - 1; ) {
      const length = optionLength(buf, at);
      if (at + length > end) break;
      if (t.options.includes(get8(buf, at))) blank(p, at, length);
      at += length;
    }
    return XT_CONTINUE;
  };
}

/** Byte by byte, as the sum is kept: an option may begin at an odd place. */
function blank(p: XtPacket, from: number, length: number): void {
  const { buf } = p.skb;
  const check = p.thoff + TCP_CHECK;
  for (let at = from; at < from + length; at++) {
    const shift = ((at - p.thoff) & 1) === 0 ? 8 : 0;
    const sum = updateCheck16(get16(buf, check), get8(buf, at) << shift, OPT_NOP << shift);
    put16(buf, check, sum);
    put8(buf, at, OPT_NOP);
  }
}
