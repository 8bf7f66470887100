import { put16 } from '@labwire/core/bytes';
import { type Nanos, SEC, type Simulator } from '@labwire/core/sim';
import { allocSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import { checksum, ETH_HLEN, IP_DF, IP_MF, Ipv4Header, Ipv4Off } from '@labwire/core/wire';

/** How long pieces are kept. IPFRAGTTL, 60 half seconds */
const LIFE: Nanos = 30 * SEC;
/** Packets whose pieces are kept; the oldest goes for one more. */
const MOST = 64;

/** Bytes that one packet can carry at most. */
const MAX_PAYLOAD = 65_535 - 20;

interface Piece {
  readonly off: number;
  readonly data: Uint8Array;
  readonly more: boolean;
}

interface Queue {
  readonly pieces: Piece[];
  readonly until: Nanos;
}

/**
 * Puts packets together that the guest sends in pieces. slirp src/ip_input.c, ip_reass()
 *
 * A packet whose last piece comes before all others is lost: so it is with libslirp 4.7.
 */
export class UserFragments {
  readonly #sim: Simulator;
  readonly #queues = new Map<string, Queue>();

  constructor(sim: Simulator) {
    this.#sim = sim;
  }

  /** Takes a frame with a piece, its IPv4 header at `at`. Takes ownership. @returns the whole packet's frame, once it is there */
  add(skb: SkBuff, at: number): SkBuff | undefined {
    const ip = new Ipv4Header(skb.buf, at);
    const { saddr, daddr, id, protocol, hlen, totLen, fragOff } = ip;
    const key = `${saddr} ${daddr} ${id} ${protocol}`;
    const more = (fragOff & IP_MF) !== 0;
    const queue = this.#queue(key, more);
    if (queue === undefined) {
      freeSkb(skb);
      return undefined;
    }
    const off = (fragOff & 0x1fff) * 8;
    if (!queue.pieces.some((p) => p.off === off))
      queue.pieces.push({ off, data: skb.buf.slice(at + hlen, at + totLen), more });
    const data = joined(queue.pieces);
    const head = skb.buf.slice(at - ETH_HLEN, at + hlen);
    freeSkb(skb);
    if (data === undefined) return undefined;
    this.#queues.delete(key);
    return frameOf(head, data);
  }

  #queue(key: string, mayBegin: boolean): Queue | undefined {
    const { now } = this.#sim;
    const known = this.#queues.get(key);
    if (known !== undefined && known.until > now) return known;
    this.#queues.delete(key);
    if (!mayBegin) return undefined;
    const [oldest] = this.#queues.keys();
    if (this.#queues.size >= MOST && oldest !== undefined) this.#queues.delete(oldest);
    const queue = { pieces: [], until: now + LIFE };
    this.#queues.set(key, queue);
    return queue;
  }
}

/** What the pieces carry, if none is missing and none overlaps. */
function joined(pieces: readonly Piece[]): Uint8Array | undefined {
  const sorted = [...pieces].sort((a, b) => a.off - b.off);
  let end = 0;
  for (const { off, data } of sorted) {
    if (off !== end) return undefined;
    end += data.length;
  }
  if (sorted.at(-1)?.more !== false || end > MAX_PAYLOAD) return undefined;
  const whole = new Uint8Array(end);
  for (const { off, data } of sorted) whole.set(data, off);
  return whole;
}

/** A frame with the header of a piece's and everything that the pieces carried. */
function frameOf(head: Uint8Array, data: Uint8Array): SkBuff {
  const length = head.length + data.length;
  const skb = allocSkb(length);
  const start = skb.put(length);
  const { buf } = skb;
  buf.set(head, start);
  buf.set(data, start + head.length);
  const at = start + ETH_HLEN;
  const { fragOff, hlen } = new Ipv4Header(buf, at);
  put16(buf, at + Ipv4Off.totLen, length - ETH_HLEN);
  put16(buf, at + Ipv4Off.fragOff, fragOff & IP_DF);
  put16(buf, at + Ipv4Off.check, 0);
  put16(buf, at + Ipv4Off.check, checksum(buf, at, hlen));
  return skb;
}
