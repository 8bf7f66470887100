/** Puts fragments together. RFC 8200 section 4.5, RFC 5722; Linux net/ipv6/reassembly.c. */
import { getIpv6, type Ipv6Addr, sameIpv6 } from '@labwire/core/addr';
import { get16, put8, put16 } from '@labwire/core/bytes';
import { SEC, Timer, type TimerOwner } from '@labwire/core/sim';
import { allocSkb, type DropReason, freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  ICMPV6_EXC_FRAGTIME,
  ICMPV6_TIME_EXCEED,
  IPV6_FRAG_HLEN,
  IPV6_HLEN,
  Ipv6Off,
  readIpv6Fragment,
} from '@labwire/core/wire';
import { FragRuns } from '../fragment/index.ts';
import { copyLinkHeader } from '../link/link-header.ts';
import type { Ipv6 } from './ipv6.ts';

/** Bytes of all fragments that wait. net.ipv6.ip6frag_high_thresh */
const HIGH_THRESH = 4_194_304;
/** How long a packet may stay incomplete. net.ipv6.ip6frag_time */
const FRAG_TIME = 60 * SEC;
const MAX_PAYLOAD = 65_535;

/** One piece: its payload is at `skb.data`. */
interface Piece {
  readonly skb: SkBuff;
  readonly offset: number;
  readonly len: number;
}

/** A packet of which some pieces have come. */
class FragQueue implements TimerOwner {
  readonly pieces: Piece[] = [];
  readonly runs: FragRuns = new FragRuns();
  readonly timer: Timer;
  bytes = 0;
  total = -1;
  nextHeader = 0;
  readonly #frags: Ip6Frags;
  readonly saddr: Ipv6Addr;
  readonly daddr: Ipv6Addr;
  readonly id: number;

  constructor(ip6: Ipv6, frags: Ip6Frags, saddr: Ipv6Addr, daddr: Ipv6Addr, id: number) {
    this.#frags = frags;
    this.saddr = saddr;
    this.daddr = daddr;
    this.id = id;
    this.timer = new Timer(ip6.netns.sim, this, 0);
    this.timer.arm(FRAG_TIME);
  }

  onTimer(): void {
    this.#frags.expire(this);
  }
}

/** The incomplete packets of one namespace. */
export class Ip6Frags {
  readonly #ip6: Ipv6;
  #queues: FragQueue[] = [];
  #bytes = 0;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  /**
   * Takes in a fragment whose fragment header is at `at`. Takes ownership.
   * @returns the whole packet once all of it is there, headers before the fragment header included; else null
   */
  add(skb: SkBuff, at: number): SkBuff | null {
    const f = readIpv6Fragment(skb.buf, at);
    const len = skb.tail - at - IPV6_FRAG_HLEN;
    const bad = (f.more && len % 8 !== 0) || f.offset + len > MAX_PAYLOAD || len === 0;
    if (bad) return this.#refuse(skb, 'ip_inhdr');
    const q = this.#queue(skb, f.id);
    if (this.#bytes + skb.len > HIGH_THRESH) return this.#refuse(skb, 'nomem');
    if (!agrees(q, f.offset + len, f.more)) {
      this.#remove(q);
      return this.#refuse(skb, 'not_specified');
    }
    const verdict = q.runs.insert(f.offset, f.offset + len);
    if (verdict === 'overlap') this.#remove(q);
    if (verdict !== undefined) return this.#refuse(skb, 'dup_frag');
    if (!f.more) q.total = f.offset + len;
    if (f.offset === 0) q.nextHeader = f.nextHeader;
    skb.th = at;
    q.pieces.push({ skb, offset: f.offset, len });
    q.bytes += len;
    this.#bytes += skb.len;
    return q.total >= 0 && q.bytes === q.total ? this.#join(q) : null;
  }

  #refuse(skb: SkBuff, reason: DropReason): null {
    this.#ip6.netns.drop(skb, reason);
    return null;
  }

  #queue(skb: SkBuff, id: number): FragQueue {
    const saddr = getIpv6(skb.buf, skb.nh + Ipv6Off.saddr);
    const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
    let q = this.#queues.find(
      (x) => x.id === id && sameIpv6(x.saddr, saddr) && sameIpv6(x.daddr, daddr),
    );
    if (q === undefined) {
      q = new FragQueue(this.#ip6, this, saddr, daddr, id);
      this.#queues.push(q);
    }
    return q;
  }

  #join(q: FragQueue): SkBuff | null {
    q.pieces.sort((a, b) => a.offset - b.offset);
    const first = (q.pieces[0] as Piece).skb;
    const hlen = first.th - first.nh;
    if (hlen - IPV6_HLEN + q.total > MAX_PAYLOAD) {
      this.#remove(q, 'pkt_too_big');
      return null;
    }
    const whole = allocSkb(hlen + q.total);
    whole.nh = whole.put(hlen + q.total);
    whole.buf.set(first.buf.subarray(first.nh, first.th), whole.nh);
    for (const { skb, offset, len } of q.pieces) {
      whole.fragMaxSize = Math.max(whole.fragMaxSize, skb.tail - skb.nh);
      const from = skb.th + IPV6_FRAG_HLEN;
      whole.buf.set(skb.buf.subarray(from, from + len), whole.nh + hlen + offset);
    }
    put16(whole.buf, whole.nh + Ipv6Off.payloadLen, hlen - IPV6_HLEN + q.total);
    put8(whole.buf, nextHeaderField(whole, hlen), q.nextHeader);
    whole.dev = first.dev;
    whole.pktType = first.pktType;
    whole.protocol = first.protocol;
    copyLinkHeader(whole, first);
    whole.mark = first.mark;
    whole.nfBridge = first.nfBridge;
    whole.tstamp = first.tstamp;
    this.#remove(q, undefined);
    return whole;
  }

  /** The namespace ends. */
  purge(): void {
    for (const q of this.#queues) this.#remove(q);
  }

  /** @param reason why its pieces are dropped; undefined if they have been put together */
  #remove(q: FragQueue, reason: DropReason | undefined = 'not_specified'): void {
    q.timer.cancel();
    this.#queues = this.#queues.filter((x) => x !== q);
    for (const { skb } of q.pieces) {
      this.#bytes -= skb.len;
      if (reason === undefined) freeSkb(skb);
      else this.#ip6.netns.drop(skb, reason);
    }
    q.pieces.length = 0;
  }

  /** @internal A packet has stayed incomplete for too long. */
  expire(q: FragQueue): void {
    const first = q.pieces.find((p) => p.offset === 0);
    if (first !== undefined)
      this.#ip6.icmp.sendError(first.skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_FRAGTIME, 0);
    this.#remove(q, 'frag_reasm_timeout');
  }
}

/** Whether a fragment agrees with what is known of the whole: nothing lies beyond its end, and it has but one. */
function agrees(q: FragQueue, end: number, more: boolean): boolean {
  if (more) return q.total < 0 || end <= q.total;
  const known = Math.max(0, ...q.pieces.map((p) => p.offset + p.len));
  return end >= known && (q.total < 0 || q.total === end);
}

/** Where the header before the fragment header names what follows. */
function nextHeaderField(skb: SkBuff, hlen: number): number {
  let at = skb.nh + Ipv6Off.nextHeader;
  for (
    let off = skb.nh + IPV6_HLEN;
    off < skb.nh + hlen;
    off += ((get16(skb.buf, off) & 0xff) + 1) * 8
  )
    at = off;
  return at;
}
