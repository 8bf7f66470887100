/**
 * Puts fragments together: those for this machine (net/ipv6/reassembly.c), and, in queues of their own, those that connection
 * tracking wants whole (net/ipv6/netfilter/nf_conntrack_reasm.c). RFC 8200 section 4.5, RFC 5722.
 */
import { getIpv6, type Ipv6Addr, isLinkLocal6, isMulticast6, sameIpv6 } from '@labwire/core/addr';
import { get8, get16, getU32, put8, put16 } from '@labwire/core/bytes';
import { SEC, Timer, type TimerOwner } from '@labwire/core/sim';
import { allocSkb, type DropReason, freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  ICMPV6_EXC_FRAGTIME,
  ICMPV6_HDR_FIELD,
  ICMPV6_PARAMPROB,
  ICMPV6_TIME_EXCEED,
  IPPROTO_AH,
  IPPROTO_FRAGMENT,
  IPV6_FRAG_HLEN,
  IPV6_HLEN,
  Ipv6Chain,
  Ipv6Off,
  walkIpv6,
} from '@labwire/core/wire';
import { FragRuns, joinedEcn } from '../fragment/index.ts';
import { copyLinkHeader } from '../link/link-header.ts';
import { lacksHeaders } from './exthdrs.ts';
import type { Ipv6 } from './ipv6.ts';

/** Bytes of all fragments that wait. net.ipv6.ip6frag_high_thresh */
const HIGH_THRESH = 4_194_304;
/** How long a packet may stay incomplete. net.ipv6.ip6frag_time */
const FRAG_TIME = 60 * SEC;
const MAX_PAYLOAD = 65_535;
/** The code of RFC 7112. */
const ICMPV6_HDR_INCOMP = 3;
const MORE = 1;
const OFFSET = 0xfff8;

/** One piece: its payload is behind the fragment header at `skb.th`. */
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
  /** Where the payload ends as far as it is known, for good if the last piece has come. */
  total = 0;
  lastIn = false;
  /** Where the header before the fragment header names it, from the packet's begin on; of the first piece. */
  named = 0;
  ecn = 0;
  readonly #frags: Ip6Frags;
  readonly saddr: Ipv6Addr;
  readonly daddr: Ipv6Addr;
  readonly id: number;
  /** The device, where addresses mean something else on another; null where not. */
  readonly dev: unknown;

  constructor(frags: Ip6Frags, saddr: Ipv6Addr, daddr: Ipv6Addr, id: number, dev: unknown) {
    this.#frags = frags;
    this.saddr = saddr;
    this.daddr = daddr;
    this.id = id;
    this.dev = dev;
    this.timer = new Timer(frags.ip6.netns.sim, this, 0);
    this.timer.arm(FRAG_TIME);
  }

  onTimer(): void {
    this.#frags.expire(this);
  }
}

/** What is wrong with a piece. */
type Fault = 'too-long' | 'not-eights' | 'corrupt' | 'overlap' | 'duplicate' | 'nomem';

/** Filled in anew for each walk. */
const chain = new Ipv6Chain();

/** The incomplete packets of one namespace. */
export class Ip6Frags {
  readonly ip6: Ipv6;
  #queues: FragQueue[] = [];
  #bytes = 0;

  constructor(ip6: Ipv6) {
    this.ip6 = ip6;
  }

  /**
   * Takes in a fragment for this machine, its fragment header at `at`, which the byte at `named` names. Takes ownership.
   * @returns the packet, `th` being where to go on, if it is whole; else null. `ipv6_frag_rcv()`
   */
  receive(skb: SkBuff, at: number, named: number): SkBuff | null {
    const { buf, nh, tail } = skb;
    const length = get16(buf, nh + Ipv6Off.payloadLen);
    if (skb.fragMaxSize > 0 || length === 0 || at + IPV6_FRAG_HLEN > tail)
      return this.#problem(skb, ICMPV6_HDR_FIELD, at - nh);
    if ((get16(buf, at + 2) & (OFFSET | MORE)) === 0) {
      skb.fragMaxSize = length + IPV6_HLEN;
      skb.th = at + IPV6_FRAG_HLEN;
      return skb;
    }
    if (lacksHeaders(skb, nh + IPV6_HLEN, get8(buf, nh + Ipv6Off.nextHeader)))
      return this.#problem(skb, ICMPV6_HDR_INCOMP, 0);
    const q = this.#queue(skb, getU32(buf, at + 4));
    const fault = this.#add(q, skb, at, named);
    if (fault === undefined) return this.#joinIfWhole(q, skb);
    if (fault === 'too-long') return this.#problem(skb, ICMPV6_HDR_FIELD, at + 2 - nh);
    if (fault === 'not-eights') return this.#problem(skb, ICMPV6_HDR_FIELD, Ipv6Off.payloadLen);
    if (fault === 'corrupt' || fault === 'overlap') this.#remove(q);
    return this.#refuse(skb, fault);
  }

  /**
   * Takes in what may be a fragment, before routing. Takes ownership.
   * @returns the packet if it is whole, or is nothing to be put together; else null. `nf_ct_frag6_gather()`
   */
  gather(skb: SkBuff): SkBuff | null {
    const { buf, nh, tail } = skb;
    if (get16(buf, nh + Ipv6Off.payloadLen) === 0) return skb;
    // what is broken behind the fragment header is none of its business
    walkIpv6(buf, nh, tail, chain);
    const at = chain.fragment;
    if (at < 0 || lacksHeaders(skb, at, IPPROTO_FRAGMENT)) return skb;
    const q = this.#queue(skb, getU32(buf, at + 4));
    const fault = this.#add(q, skb, at, namedBefore(skb, at));
    if (fault === undefined) return this.#joinIfWhole(q, skb);
    if (fault === 'not-eights' || fault === 'overlap') this.#remove(q);
    if (fault === 'not-eights') return skb;
    return this.#refuse(skb, fault);
  }

  #add(q: FragQueue, skb: SkBuff, at: number, named: number): Fault | undefined {
    const { buf, nh, tail } = skb;
    const field = get16(buf, at + 2);
    const offset = field & OFFSET;
    const len = tail - at - IPV6_FRAG_HLEN;
    const end = offset + len;
    if (end > MAX_PAYLOAD) return 'too-long';
    if (this.#bytes + skb.len > HIGH_THRESH) return 'nomem';
    if ((field & MORE) === 0) {
      if (end < q.total || (q.lastIn && end !== q.total)) return 'corrupt';
      q.lastIn = true;
      q.total = end;
    } else {
      if (end % 8 !== 0) return 'not-eights';
      if (end > q.total) {
        if (q.lastIn) return 'corrupt';
        q.total = end;
      }
    }
    if (len === 0) return 'corrupt';
    const verdict = q.runs.insert(offset, end);
    if (verdict !== undefined) return verdict;
    if (offset === 0) q.named = named - nh;
    q.ecn |= 1 << ((get8(buf, nh + 1) >>> 4) & 3);
    skb.th = at;
    q.pieces.push({ skb, offset, len });
    q.bytes += len;
    this.#bytes += skb.len;
    return undefined;
  }

  #problem(skb: SkBuff, code: number, pointer: number): null {
    this.ip6.icmp.sendError(skb, ICMPV6_PARAMPROB, code, pointer);
    this.ip6.netns.drop(skb, 'ip_inhdr');
    return null;
  }

  #refuse(skb: SkBuff, fault: Fault): null {
    this.ip6.netns.drop(skb, DROPS[fault]);
    return null;
  }

  #queue(skb: SkBuff, id: number): FragQueue {
    const saddr = getIpv6(skb.buf, skb.nh + Ipv6Off.saddr);
    const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
    const dev = isMulticast6(daddr) || isLinkLocal6(daddr) ? skb.dev : null;
    let q = this.#queues.find(
      (x) => x.id === id && x.dev === dev && sameIpv6(x.saddr, saddr) && sameIpv6(x.daddr, daddr),
    );
    if (q === undefined) {
      q = new FragQueue(this, saddr, daddr, id, dev);
      this.#queues.push(q);
    }
    return q;
  }

  #joinIfWhole(q: FragQueue, last: SkBuff): SkBuff | null {
    return q.lastIn && q.bytes === q.total ? this.#join(q, last) : null;
  }

  /** `ip6_frag_reasm()` @param last the piece that came last */
  #join(q: FragQueue, last: SkBuff): SkBuff | null {
    q.pieces.sort((a, b) => a.offset - b.offset);
    const first = (q.pieces[0] as Piece).skb;
    const hlen = first.th - first.nh;
    const ecn = joinedEcn(q.ecn);
    if (hlen - IPV6_HLEN + q.total > MAX_PAYLOAD || ecn < 0) {
      this.#remove(q, ecn < 0 ? 'not_specified' : 'pkt_too_big');
      return null;
    }
    const whole = allocSkb(hlen + q.total);
    whole.nh = whole.put(hlen + q.total);
    whole.th = whole.nh + hlen;
    whole.buf.set(first.buf.subarray(first.nh, first.th), whole.nh);
    for (const { skb, offset, len } of q.pieces) {
      whole.fragMaxSize = Math.max(whole.fragMaxSize, skb.tail - skb.nh);
      const from = skb.th + IPV6_FRAG_HLEN;
      whole.buf.set(skb.buf.subarray(from, from + len), whole.th + offset);
    }
    whole.fragSizes = q.pieces.map((p) => p.len);
    put16(whole.buf, whole.nh + Ipv6Off.payloadLen, hlen - IPV6_HLEN + q.total);
    put8(whole.buf, whole.nh + 1, get8(whole.buf, whole.nh + 1) | (ecn << 4));
    put8(whole.buf, whole.nh + q.named, get8(first.buf, first.th));
    whole.dev = last.dev;
    whole.iif = first.iif;
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
      else this.ip6.netns.drop(skb, reason);
    }
    q.pieces.length = 0;
  }

  /** @internal A packet has stayed incomplete for too long. */
  expire(q: FragQueue): void {
    const first = q.pieces.find((p) => p.offset === 0);
    if (first !== undefined)
      this.ip6.icmp.sendError(first.skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_FRAGTIME, 0);
    this.#remove(q, 'frag_reasm_timeout');
  }
}

const DROPS: Readonly<Record<Fault, DropReason>> = {
  'too-long': 'ip_inhdr',
  'not-eights': 'ip_inhdr',
  corrupt: 'not_specified',
  overlap: 'dup_frag',
  duplicate: 'dup_frag',
  nomem: 'nomem',
};

/** Where the header before the one at `at` names it. */
function namedBefore({ buf, nh }: SkBuff, at: number): number {
  let named = nh + Ipv6Off.nextHeader;
  for (let off = nh + IPV6_HLEN; off < at; ) {
    const length =
      get8(buf, named) === IPPROTO_AH ? (get8(buf, off + 1) + 2) * 4 : (get8(buf, off + 1) + 1) * 8;
    named = off;
    off += length;
  }
  return named;
}
