/** Putting fragments together. RFC 791 section 3.2, RFC 5722; Linux net/ipv4/ip_fragment.c, inet_fragment.c. */
import { get8, get16, get32, put8, put16 } from '@labwire/core/bytes';
import { SEC, Timer, type TimerOwner } from '@labwire/core/sim';
import { allocSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  ICMP_EXC_FRAGTIME,
  ICMP_TIME_EXCEEDED,
  IP_DF,
  IP_MF,
  IP_OFFSET,
  Ipv4Off,
} from '@labwire/core/wire';
import { FragRuns, joinedEcn } from '../../fragment/index.ts';
import { copyLinkHeader } from '../../link/link-header.ts';
import type { Ipv4 } from '../ipv4.ts';

/** Largest packet that may come of it. */
const MAX_PACKET = 65_535;
/** Bookkeeping that a waiting fragment counts beside its bytes: `skb->truesize` */
const TRUESIZE_OVERHEAD = 704;

/** One fragment that waits: bytes `[start, end)` of the payload. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly skb: SkBuff;
}

/** A packet of which only parts have come. Linux `struct ipq`. */
class FragQueue implements TimerOwner {
  readonly owner: FragmentQueues;
  readonly key: string;
  readonly pieces: Piece[] = [];
  readonly runs: FragRuns = new FragRuns();
  /** Bytes of the whole payload as far as it is known. `q.len` */
  total = 0;
  /** The last fragment has come: {@link total} is final. INET_FRAG_LAST_IN */
  lastIn = false;
  /** The largest fragment, and the largest of those that must not be cut, in bytes. */
  maxSize = 0;
  maxDfSize = 0;
  /** A bit for each value of the ECN bits that a fragment had. */
  ecn = 0;
  bytes = 0;
  readonly timer: Timer;

  constructor(owner: FragmentQueues, key: string) {
    this.owner = owner;
    this.key = key;
    this.timer = new Timer(owner.ip.netns.sim, this, 0);
    this.timer.arm(owner.ip.conf.ipfrag_time * SEC);
  }

  onTimer(): void {
    this.owner.expire(this);
  }
}

/** The incomplete packets of one namespace; made with its first fragment. */
export class FragmentQueues {
  readonly ip: Ipv4;
  readonly #queues = new Map<string, FragQueue>();
  /** Bytes of all that waits. */
  #memory = 0;

  constructor(ip: Ipv4) {
    this.ip = ip;
  }

  /**
   * Takes in a fragment.
   * @returns the whole packet once its last part is there, else null. `ip_defrag()`
   */
  defrag(skb: SkBuff): SkBuff | null {
    this.ip.mib.ReasmReqds++;
    if (this.#memory > this.ip.conf.ipfrag_high_thresh) return this.#fail(skb, null);
    const queue = this.#find(skb);
    const fragOff = get16(skb.buf, skb.nh + Ipv4Off.fragOff);
    const start = (fragOff & IP_OFFSET) * 8;
    const more = (fragOff & IP_MF) !== 0;
    const end = start + skb.tail - payloadOf(skb);
    // all parts but the last are multiples of eight bytes
    const cut = more ? (end - start) % 8 : 0;
    if (cut > 0) skb.tail -= cut;
    const piece: Piece = { start, end: end - cut, skb };
    if (!fits(queue, piece, more)) return this.#fail(skb, queue);
    const place = queue.pieces.findIndex((p) => p.start >= piece.start);
    const at = place < 0 ? queue.pieces.length : place;
    const verdict = queue.runs.insert(piece.start, piece.end);
    if (verdict === 'duplicate') {
      this.ip.netns.drop(skb, 'dup_frag');
      return null;
    }
    if (verdict === 'overlap') {
      this.ip.mib.ReasmOverlaps++;
      return this.#fail(skb, queue);
    }
    noteSize(queue, skb, (fragOff & IP_DF) !== 0);
    queue.ecn |= 1 << (get8(skb.buf, skb.nh + Ipv4Off.tos) & 3);
    queue.pieces.splice(at, 0, piece);
    this.#charge(queue, skb.len + TRUESIZE_OVERHEAD);
    return isComplete(queue) ? this.#reassemble(queue) : null;
  }

  #find(skb: SkBuff): FragQueue {
    const { buf, nh } = skb;
    const ids = [get32(buf, nh + 12), get32(buf, nh + 16), get16(buf, nh + 4), get8(buf, nh + 9)];
    const key = ids.join(' ');
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new FragQueue(this, key);
      this.#queues.set(key, queue);
    }
    return queue;
  }

  #charge(queue: FragQueue, bytes: number): void {
    queue.bytes += bytes;
    this.#memory += bytes;
  }

  /** Drops a fragment that cannot be, and what it was to be part of. */
  #fail(skb: SkBuff, queue: FragQueue | null): null {
    this.ip.mib.ReasmFails++;
    this.ip.netns.drop(skb, 'not_specified');
    if (queue !== null) {
      this.#forget(queue);
      for (const p of queue.pieces) this.ip.netns.drop(p.skb, 'not_specified');
    }
    return null;
  }

  /** The namespace ends. `inet_frags_exit_net()` */
  purge(): void {
    for (const queue of this.#queues.values()) {
      this.#forget(queue);
      for (const p of queue.pieces) this.ip.netns.drop(p.skb, 'not_specified');
    }
  }

  #forget(queue: FragQueue): void {
    queue.timer.cancel();
    this.#queues.delete(queue.key);
    this.#memory -= queue.bytes;
  }

  /** Its time is over: tells the sender, if the first fragment has come. `ip_expire()` */
  expire(queue: FragQueue): void {
    const { mib, icmp, netns } = this.ip;
    this.#forget(queue);
    mib.ReasmFails++;
    mib.ReasmTimeout++;
    const first = queue.pieces[0];
    if (first?.start === 0) icmp.send(first.skb, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
    for (const p of queue.pieces) netns.drop(p.skb, 'frag_reasm_timeout');
  }

  /** `ip_frag_reasm()` */
  #reassemble(queue: FragQueue): SkBuff | null {
    this.#forget(queue);
    const first = (queue.pieces[0] as Piece).skb;
    const hlen = (get8(first.buf, first.nh) & 0x0f) * 4;
    const ecn = joinedEcn(queue.ecn);
    if (hlen + queue.total > MAX_PACKET || ecn < 0) {
      this.ip.mib.ReasmFails++;
      for (const p of queue.pieces) this.ip.netns.drop(p.skb, 'pkt_too_big');
      return null;
    }
    const whole = allocSkb(hlen + queue.total);
    whole.nh = whole.put(hlen + queue.total);
    whole.th = whole.nh + hlen;
    whole.buf.set(first.buf.subarray(first.nh, first.nh + hlen), whole.nh);
    takeMetadata(whole, first);
    whole.fragMaxSize = queue.maxSize;
    for (const { skb, start } of queue.pieces) {
      whole.buf.set(skb.buf.subarray(payloadOf(skb), skb.tail), whole.th + start);
      freeSkb(skb);
    }
    put16(whole.buf, whole.nh + Ipv4Off.totLen, whole.len);
    put8(whole.buf, whole.nh + Ipv4Off.tos, get8(whole.buf, whole.nh + Ipv4Off.tos) | ecn);
    // the largest fragment could not have been cut: so is what it was part of
    const df = queue.maxDfSize === queue.maxSize;
    whole.fragSizes = queue.pieces.map((p) => p.end - p.start);
    put16(whole.buf, whole.nh + Ipv4Off.fragOff, df ? IP_DF : 0);
    put16(whole.buf, whole.nh + Ipv4Off.check, 0);
    put16(whole.buf, whole.nh + Ipv4Off.check, checksum(whole.buf, whole.nh, hlen));
    this.ip.mib.ReasmOKs++;
    return whole;
  }
}

function takeMetadata(whole: SkBuff, first: SkBuff): void {
  whole.protocol = first.protocol;
  whole.pktType = first.pktType;
  whole.dev = first.dev;
  whole.dst = first.dst;
  whole.ipOptions = first.ipOptions;
  whole.mark = first.mark;
  whole.priority = first.priority;
  whole.tstamp = first.tstamp;
  whole.ct = first.ct;
  whole.ctinfo = first.ctinfo;
  whole.nfBridge = first.nfBridge;
  copyLinkHeader(whole, first);
}

/** Offset of the payload behind the IPv4 header. */
function payloadOf(skb: SkBuff): number {
  return skb.nh + (get8(skb.buf, skb.nh) & 0x0f) * 4;
}

/** Notes how large a fragment came, its header included. */
function noteSize(queue: FragQueue, skb: SkBuff, df: boolean): void {
  const size = skb.tail - skb.nh;
  queue.maxSize = Math.max(queue.maxSize, size);
  if (df) queue.maxDfSize = Math.max(queue.maxDfSize, size);
}

/** Whether a fragment agrees with what is known of the whole, which it adds to. `ip_frag_queue()` */
function fits(queue: FragQueue, piece: Piece, more: boolean): boolean {
  const { end } = piece;
  if (!more) {
    if (end < queue.total || (queue.lastIn && end !== queue.total)) return false;
    queue.lastIn = true;
    queue.total = end;
  } else if (end > queue.total) {
    if (queue.lastIn) return false;
    queue.total = end;
  }
  return end > piece.start;
}

function isComplete(queue: FragQueue): boolean {
  if (!queue.lastIn) return false;
  let next = 0;
  for (const p of queue.pieces) {
    if (p.start !== next) return false;
    next = p.end;
  }
  return next === queue.total;
}
