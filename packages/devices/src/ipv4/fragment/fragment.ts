/** Cutting packets to the size of their path. RFC 791 section 3.2; Linux net/ipv4/ip_output.c, ip_fragment(). */
import { get8, get16, put8, put16 } from '@labwire/core/bytes';
import { allocSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  ETH_P_IP,
  IP_DF,
  IP_MF,
  IP_OFFSET,
  IPPROTO_TCP,
  Ipv4Off,
  TCP_MIN_HLEN,
} from '@labwire/core/wire';
import { asItCame } from '../../fragment/index.ts';
import { copyLinkHeader } from '../../link/link-header.ts';
import type { Ipv4 } from '../ipv4.ts';
import type { Rtable } from '../rtable.ts';

const IPOPT_END = 0;
const IPOPT_NOOP = 1;
/** Options with this bit are in every fragment. */
const IPOPT_COPY = 0x80;

/** Sends a packet in fragments of at most `mtu` bytes, each by `output`, which takes it. Takes ownership of `skb`. */
export function ipFragment(
  ip: Ipv4,
  skb: SkBuff,
  rt: Rtable,
  mtu: number,
  output: (ip: Ipv4, fragment: SkBuff, rt: Rtable) => void,
): void {
  const { buf, nh } = skb;
  const hlen = (get8(buf, nh) & 0x0f) * 4;
  const whole = get16(buf, nh + Ipv4Off.fragOff);
  const room = (mtu - hlen) & ~7;
  const sizes = sizesOf(skb, mtu - hlen, skb.tail - nh - hlen);
  const df = sizes === null && skb.fragMaxSize > 0 ? whole & IP_DF : 0; // IPSKB_FRAG_PMTU
  let n = 0;
  let at = nh + hlen;
  let offset = whole & IP_OFFSET;
  while (at < skb.tail) {
    const len =
      sizes === null
        ? Math.min(skb.tail - at, skb.tail - at > mtu - hlen ? room : mtu - hlen)
        : (sizes[n++] as number);
    const last = at + len === skb.tail && (whole & IP_MF) === 0;
    const fragment = copyPart(skb, hlen, at, len);
    const fields = df | offset | (last ? 0 : IP_MF);
    finishHeader(fragment, hlen, fields, offset === (whole & IP_OFFSET));
    ip.mib.FragCreates++;
    output(ip, fragment, rt);
    at += len;
    offset += len >>> 3;
  }
  ip.mib.FragOKs++;
  freeSkb(skb);
}

/**
 * The sizes in which a message of so many bytes is put together for its first route: it leaves in them whatever way rules
 * then send it, if they fit. null if it is one. `__ip_append_data()`
 */
export function appendedSizes(length: number, room: number): readonly number[] | null {
  if (length <= room) return null;
  const sizes: number[] = [];
  for (let left = length; left > 0; left -= sizes.at(-1) as number)
    sizes.push(left > room ? room & ~7 : left);
  return sizes;
}

/** The input path wants all of a TCP header in one piece. `tcp_v4_early_demux()` */
const isTcp = (skb: SkBuff): boolean => get8(skb.buf, skb.nh + Ipv4Off.protocol) === IPPROTO_TCP;

/** {@link asItCame}, but for segments whose first fragment ends in the header. */
function sizesOf(skb: SkBuff, most: number, length: number): readonly number[] | null {
  const sizes = asItCame(skb, most, length);
  return sizes !== null && (sizes[0] as number) < TCP_MIN_HLEN && isTcp(skb) ? null : sizes;
}

/** A packet of the header and a part of the payload. `ip_copy_metadata()` */
function copyPart(skb: SkBuff, hlen: number, at: number, len: number): SkBuff {
  const part = allocSkb(hlen + len);
  part.nh = part.put(hlen + len);
  part.th = part.nh + hlen;
  part.buf.set(skb.buf.subarray(skb.nh, skb.nh + hlen), part.nh);
  part.buf.set(skb.buf.subarray(at, at + len), part.nh + hlen);
  part.pktType = skb.pktType;
  part.priority = skb.priority;
  part.protocol = ETH_P_IP;
  part.mark = skb.mark;
  part.dst = skb.dst;
  part.dev = skb.dev;
  part.sk = skb.sk;
  part.ct = skb.ct;
  part.ctinfo = skb.ctinfo;
  part.nfBridge = skb.nfBridge;
  copyLinkHeader(part, skb);
  return part;
}

function finishHeader(skb: SkBuff, hlen: number, fragOff: number, first: boolean): void {
  const { buf, nh } = skb;
  if (!first && hlen > 20) blankOptions(buf, nh + 20, nh + hlen);
  put16(buf, nh + Ipv4Off.totLen, skb.len);
  put16(buf, nh + Ipv4Off.fragOff, fragOff);
  put16(buf, nh + Ipv4Off.check, 0);
  put16(buf, nh + Ipv4Off.check, checksum(buf, nh, hlen));
}

/** Only options with the copy bit are in fragments behind the first. `ip_options_fragment()` */
function blankOptions(buf: Uint8Array, from: number, end: number): void {
  let at = from;
  while (at < end) {
    const type = get8(buf, at);
    if (type === IPOPT_END) return;
    if (type === IPOPT_NOOP) {
      at++;
      continue;
    }
    const len = get8(buf, at + 1);
    if (len < 2 || at + len > end) return;
    if ((type & IPOPT_COPY) === 0) for (let i = 0; i < len; i++) put8(buf, at + i, IPOPT_NOOP);
    at += len;
  }
}
