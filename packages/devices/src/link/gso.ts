/** Super-segments cut into the frames of a wire. Read beside Linux net/core/gso.c and net/ipv4/tcp_offload.c. */
import { get8, get16, get32, put8, put16, put32 } from '@labwire/core/bytes';
import { allocSkb, copySkbHeader, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  findTcp,
  IPPROTO_TCP,
  Ipv4Off,
  Ipv6Off,
  sum16,
  TCPHDR_CWR,
  TCPHDR_FIN,
  TCPHDR_PSH,
  TcpOff,
  TcpPlace,
} from '@labwire/core/wire';

/** Where the headers of the super-segment that is being cut are. */
const at = new TcpPlace();

/**
 * Cuts a TCP super-segment with its Ethernet header into frames of at most `gsoSize` bytes of text each. The
 * super-segment stays the caller's. `skb_gso_segment()`, `tcp_gso_segment()`
 * @returns the first frame, the others behind it as `next`; null if the bytes are no TCP segment
 */
export function gsoSegment(skb: SkBuff): SkBuff | null {
  if (!findTcp(skb.buf, skb.data, skb.tail, at)) return null;
  let first: SkBuff | null = null;
  let last: SkBuff | null = null;
  for (let from = at.text, i = 0; from < skb.tail; from += skb.gsoSize, i++) {
    const seg = cut(skb, from, Math.min(skb.gsoSize, skb.tail - from), i);
    if (last === null) first = seg;
    else last.next = seg;
    last = seg;
  }
  return first;
}

/** The i-th frame: the headers, and `len` bytes of text that are at `from`. */
function cut(skb: SkBuff, from: number, len: number, i: number): SkBuff {
  const hlen = at.text - skb.data;
  const seg = allocSkb(hlen + len);
  copySkbHeader(seg, skb);
  const to = seg.put(hlen + len);
  seg.buf.set(skb.buf.subarray(skb.data, at.text), to);
  seg.buf.set(skb.buf.subarray(from, from + len), to + hlen);
  seg.mac = to;
  seg.nh = to + at.nh - skb.data;
  seg.th = to + at.th - skb.data;
  sealIp(seg, i);
  sealTcp(seg, from - at.text, from + len === skb.tail);
  return seg;
}

/** `inet_gso_segment()`, `ipv6_gso_segment()` */
function sealIp({ buf, nh, th, tail }: SkBuff, i: number): void {
  if (at.v6) {
    put16(buf, nh + Ipv6Off.payloadLen, tail - th);
    return;
  }
  put16(buf, nh + Ipv4Off.totLen, tail - nh);
  put16(buf, nh + Ipv4Off.id, (get16(buf, nh + Ipv4Off.id) + i) & 0xffff);
  put16(buf, nh + Ipv4Off.check, 0);
  put16(buf, nh + Ipv4Off.check, checksum(buf, nh, th - nh));
}

/** FIN and PSH are for the last one, CWR for the first. */
function sealTcp({ buf, nh, th, tail }: SkBuff, offset: number, isLast: boolean): void {
  let flags = get8(buf, th + TcpOff.flags);
  if (!isLast) flags &= ~(TCPHDR_FIN | TCPHDR_PSH);
  if (offset > 0) flags &= ~TCPHDR_CWR;
  put8(buf, th + TcpOff.flags, flags);
  put32(buf, th + TcpOff.seq, (get32(buf, th + TcpOff.seq) + offset) | 0);
  put16(buf, th + TcpOff.check, 0);
  const pseudo = at.v6 ? sum16(buf, nh + Ipv6Off.saddr, 32) : sum16(buf, nh + Ipv4Off.saddr, 8);
  const len = tail - th;
  put16(buf, th + TcpOff.check, checksum(buf, th, len, pseudo + IPPROTO_TCP + len));
}
