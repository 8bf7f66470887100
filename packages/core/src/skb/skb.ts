import { InvariantError } from '../error/index.ts';

/** Bytes before the frame in a fresh buffer: room for encapsulation, and 2 mod 4, so that L3 headers behind 14 bytes of Ethernet are word-aligned. */
export const HEADROOM = 62;
/** Bytes of a tiny buffer: ARP, neighbour discovery, acknowledgements. All hosts of a lab may send one at the same instant. */
const TINY = 384;
/** Bytes of a small buffer: a frame of 1500 bytes, with room to spare. */
const SMALL = 2048;
/** Bytes of a large buffer: a 64 KiB super-segment and its headers. */
const LARGE = 65_536 + 512;

/** Whom a received frame is addressed to. Linux include/uapi/linux/if_packet.h, PACKET_*. */
export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
export const PACKET_OUTGOING = 4;
/** Comes back in from a device that stands for a layer 3 domain: taps have seen it going out. */
export const PACKET_LOOPBACK = 5;

/** How far the transport checksum in the bytes can be relied on. Linux include/linux/skbuff.h. */
export const CHECKSUM_NONE = 0;
export const CHECKSUM_UNNECESSARY = 1;
/** Not yet filled in: only the pseudo-header's sum is there; complete it before the bytes leave. */
export const CHECKSUM_PARTIAL = 3;

/**
 * A packet in flight: the counterpart of Linux `struct sk_buff`. Bytes `[data, tail)` of `buf` are the packet
 * as the present layer sees it; `mac`, `nh` and `th` are offsets of the headers in `buf`, -1 while unknown.
 * Whoever holds an skb owns it, and hands it on or frees it exactly once.
 *
 *     |<- headroom ->|<------ len ------>|<- tailroom ->|
 *     0              data                tail           buf.length
 */
export class SkBuff {
  readonly buf: Uint8Array;
  /** `buf` as 32-bit words in the platform's byte order: what long checksums are summed from. */
  readonly words: Int32Array;
  data: number = HEADROOM;
  tail: number = HEADROOM;
  mac = -1;
  nh = -1;
  th = -1;
  /** EtherType of the payload, host order. */
  protocol = 0;
  pktType: number = PACKET_HOST;
  ipSummed: number = CHECKSUM_NONE;
  mark = 0;
  priority = 0;
  /** VLAN tag taken out of the frame (TCI), -1 if none. */
  vlanTci = -1;
  /** EtherType of that tag: 0x8100 or, of a provider's, 0x88a8. */
  vlanProto = 0x8100;
  /** Payload bytes of each segment of a super-segment; 0 for an ordinary packet. */
  gsoSize = 0;
  /** How many segments a super-segment is; 0 for an ordinary packet. */
  gsoSegs = 0;
  /** The device it came in through, or goes out of. */
  dev: unknown = null;
  /** Index of the device of a layer 3 domain that it came in through, when {@link dev} is what stands for the domain; 0 otherwise. `inet_sdif()` */
  sdif = 0;
  /** Index of the device that an IPv6 packet came in by, wherever it is by now; 0 if it was made here. `IP6CB(skb)->iif` */
  iif = 0;
  /** The route found for it: a dst entry of `fib`, null while unrouted. */
  dst: unknown = null;
  /** The socket that sent it. */
  sk: unknown = null;
  /** IPv4 may cut it though DF is set. `ignore_df` */
  ignoreDf = false;
  /** The connection it belongs to, and its direction and state there; owned by conntrack. */
  ct: unknown = null;
  ctinfo = 0;
  /** What IPv4 makes of the header's options; null if there are none. `IPCB(skb)->opt` */
  ipOptions: unknown = null;
  /** What bridge netfilter remembers of the ports; null outside of it. */
  nfBridge: unknown = null;
  /** Rules that it meets are told of. `nf_trace` */
  nfTrace = false;
  /** Bytes of the largest fragment that it was put together of on its way; 0 if it was not. `frag_max_size` */
  fragMaxSize = 0;
  /** The device that `mirred` took it from, and whether it was coming in there; null unless it was taken. `skb_set_redirected()` */
  redirectedFrom: unknown = null;
  fromIngress = false;
  /** The next action of a filter leaves it alone. `tc_skip_classify` */
  tcSkipClassify = false;
  /** Bytes of payload of each of those fragments, in order; null if it was not. `frag_list` */
  fragSizes: readonly number[] | null = null;
  /** Simulated time of arrival, Nanos; 0 if not stamped. */
  tstamp = 0;
  /** Link in whatever queue holds it. */
  next: SkBuff | null = null;
  #free = false;

  constructor(size: number) {
    this.buf = new Uint8Array(size);
    this.words = new Int32Array(this.buf.buffer);
  }

  /** Bytes of the packet as the present layer sees it. */
  get len(): number {
    return this.tail - this.data;
  }

  /** Bytes free before the packet. */
  get headroom(): number {
    return this.data;
  }

  /** Bytes free behind the packet. */
  get tailroom(): number {
    return this.buf.length - this.tail;
  }

  /** Whether {@link freeSkb} has taken it back. @internal */
  get freed(): boolean {
    return this.#free;
  }

  /** @internal */
  setFreed(free: boolean): void {
    this.#free = free;
  }

  /** Makes room for `n` bytes of header before the packet. @returns the header's offset. */
  push(n: number): number {
    if (n > this.data) throw new InvariantError('skb without headroom'); // skb_under_panic()
    this.data -= n;
    return this.data;
  }

  /** Takes `n` bytes of header off the front. @returns the offset of what is now first. */
  pull(n: number): number {
    this.data += n;
    return this.data;
  }

  /** Makes room for `n` bytes behind the packet. @returns the offset of the first of them. */
  put(n: number): number {
    const at = this.tail;
    if (at + n > this.buf.length) throw new InvariantError('skb without tailroom'); // skb_over_panic()
    this.tail += n;
    return at;
  }

  /** Cuts the packet to `n` bytes. */
  trim(n: number): void {
    this.tail = this.data + n;
  }
}

/** The free skbs of one size. It keeps only so many: a burst does not hold its memory for ever. */
class SkbPool {
  readonly #size: number;
  readonly #keep: number;
  #free: SkBuff | null = null;
  #count = 0;

  constructor(size: number, keep: number) {
    this.#size = size;
    this.#keep = keep;
  }

  take(): SkBuff {
    const skb = this.#free;
    if (skb === null) return new SkBuff(this.#size);
    this.#free = skb.next;
    this.#count--;
    skb.next = null;
    skb.setFreed(false);
    return skb;
  }

  give(skb: SkBuff): void {
    if (this.#count === this.#keep) return;
    skb.next = this.#free;
    this.#free = skb;
    this.#count++;
  }
}

const tiny = new SkbPool(TINY, 4096);
const small = new SkbPool(SMALL, 4096);
const large = new SkbPool(LARGE, 128);

/** The pool of buffers that have so many bytes. */
function poolOf(bytes: number): SkbPool {
  if (bytes <= TINY) return tiny;
  return bytes <= SMALL ? small : large;
}

/**
 * Takes an empty skb that has room for `size` bytes behind the headroom; its bytes are whatever was there before.
 * @throws InvariantError if that is more than a super-segment
 */
export function allocSkb(size: number): SkBuff {
  if (size > LARGE - HEADROOM) throw new InvariantError(`an skb of ${size} bytes`);
  const skb = poolOf(size + HEADROOM).take();
  skb.data = HEADROOM;
  skb.tail = HEADROOM;
  skb.mac = -1;
  skb.nh = -1;
  skb.th = -1;
  skb.protocol = 0;
  skb.pktType = PACKET_HOST;
  skb.ipSummed = CHECKSUM_NONE;
  skb.mark = 0;
  skb.priority = 0;
  skb.vlanTci = -1;
  skb.vlanProto = 0x8100;
  skb.gsoSize = 0;
  skb.gsoSegs = 0;
  skb.tstamp = 0;
  skb.fragMaxSize = 0;
  skb.fragSizes = null;
  skb.ctinfo = 0;
  skb.fromIngress = false;
  skb.tcSkipClassify = false;
  skb.sdif = 0;
  skb.ignoreDf = false;
  skb.iif = 0;
  return skb;
}

/** A copy with bytes of its own: what flooding and captures use. */
export function cloneSkb(from: SkBuff): SkBuff {
  const skb = poolOf(from.buf.length).take();
  if (from.buf.length <= SMALL) skb.buf.set(from.buf);
  else skb.buf.set(from.buf.subarray(0, from.tail)); // the view is garbage, the whole would be a long copy
  skb.data = from.data;
  skb.tail = from.tail;
  skb.mac = from.mac;
  skb.nh = from.nh;
  skb.th = from.th;
  skb.gsoSize = from.gsoSize;
  skb.gsoSegs = from.gsoSegs;
  copySkbHeader(skb, from);
  return skb;
}

/** Takes over what is known of a packet beside its bytes and where its headers are. `__copy_skb_header()` */
export function copySkbHeader(skb: SkBuff, from: SkBuff): void {
  skb.protocol = from.protocol;
  skb.pktType = from.pktType;
  skb.ipSummed = from.ipSummed;
  skb.mark = from.mark;
  skb.priority = from.priority;
  skb.vlanTci = from.vlanTci;
  skb.vlanProto = from.vlanProto;
  skb.dev = from.dev;
  skb.sdif = from.sdif;
  skb.iif = from.iif;
  skb.dst = from.dst;
  skb.sk = from.sk;
  skb.ignoreDf = from.ignoreDf;
  skb.ct = from.ct;
  skb.ctinfo = from.ctinfo;
  skb.ipOptions = from.ipOptions;
  skb.nfBridge = from.nfBridge;
  skb.nfTrace = from.nfTrace;
  skb.redirectedFrom = from.redirectedFrom;
  skb.fromIngress = from.fromIngress;
  skb.tcSkipClassify = from.tcSkipClassify;
  skb.tstamp = from.tstamp;
  skb.fragMaxSize = from.fragMaxSize;
  skb.fragSizes = from.fragSizes;
}

/**
 * The packet with at least `n` bytes free before it: itself, or a copy in place of it. Takes ownership. `skb_cow_head()`
 */
export function withHeadroom(from: SkBuff, n: number): SkBuff {
  if (from.data >= n) return from;
  const shift = n - from.data;
  const skb = allocSkb(from.len + n);
  copySkbHeader(skb, from);
  skb.data = from.data + shift;
  skb.tail = from.tail + shift;
  skb.buf.set(from.buf.subarray(from.data, from.tail), skb.data);
  if (from.mac >= 0) skb.mac = from.mac + shift;
  if (from.nh >= 0) skb.nh = from.nh + shift;
  if (from.th >= 0) skb.th = from.th + shift;
  freeSkb(from);
  return skb;
}

/** Gives an skb back to its pool. It was delivered, or its drop has been counted and traced. */
export function freeSkb(skb: SkBuff): void {
  if (skb.freed) throw new InvariantError('skb freed twice');
  skb.setFreed(true);
  skb.dev = null;
  skb.dst = null;
  skb.sk = null;
  skb.ct = null;
  skb.ipOptions = null;
  skb.nfBridge = null;
  skb.nfTrace = false;
  skb.redirectedFrom = null;
  poolOf(skb.buf.length).give(skb);
}
