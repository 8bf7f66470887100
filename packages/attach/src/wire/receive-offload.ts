import { get8, get16, get32, put8, put16 } from '@labwire/core/bytes';
import {
  checksum,
  checksumOk,
  ETH_HLEN,
  findTcp,
  IPPROTO_TCP,
  IPV6_HLEN,
  Ipv4Off,
  Ipv6Off,
  sum16,
  TCPHDR_ACK,
  TCPHDR_PSH,
  TcpOff,
  TcpPlace,
} from '@labwire/core/wire';

/** Longest packet, since its length has 16 bits. */
const MOST = 65_535;

const next = new TcpPlace();

/**
 * Joins frames of one TCP connection that follow each other to a super-segment, so that the reader's stack is paid for once: what a NIC's driver
 * does with what it has received (generic receive offload). Joined are segments alike but for their place, whose checks are
 * right; whoever cuts the result gets them back. Linux net/ipv4/tcp_offload.c, tcp_gro_receive(); net/ipv4/af_inet.c, inet_gro_receive()
 */
export class ReceiveOffload {
  /** The frame that is held begins at {@link from} and ends at {@link end}. */
  readonly buf: Uint8Array;
  readonly from: number;
  end: number;
  /** Frames in it. */
  frames = 0;
  /** Bytes of text of each of its segments. */
  gsoSize = 0;
  readonly #held = new TcpPlace();
  /** Nothing can follow: it ended with a push or a short segment. */
  #closed = false;

  constructor(buf: Uint8Array, from: number) {
    this.buf = buf;
    this.from = from;
    this.end = from;
  }

  /** Holds a frame that others may follow. @returns false if it is none; nothing may be held before */
  begin(frame: Uint8Array, off: number, len: number): boolean {
    const end = off + len;
    if (!findTcp(frame, off, end, next) || next.nh !== off + ETH_HLEN) return false;
    const { th, text } = next;
    const bytes = end - text;
    if (get8(frame, th + TcpOff.flags) !== TCPHDR_ACK || bytes === 0) return false;
    if (!fills(frame, end, next) || this.from + len > this.buf.length) return false;
    this.buf.set(frame.subarray(off, end), this.from);
    this.end = this.from + len;
    this.frames = 1;
    this.gsoSize = bytes;
    this.#closed = false;
    const move = this.from - off;
    const held = this.#held;
    [held.v6, held.nh, held.th, held.text] = [next.v6, next.nh + move, th + move, text + move];
    return true;
  }

  /** Adds the frame that comes next to the one that is held. @returns false if it does not follow it */
  add(frame: Uint8Array, off: number, len: number): boolean {
    if (this.frames === 0 || this.#closed) return false;
    const held = this.#held;
    const text = off + held.text - this.from;
    const bytes = off + len - text;
    if (bytes <= 0 || bytes > this.gsoSize || this.end - held.nh + bytes > MOST) return false;
    if (this.end + bytes > this.buf.length || !this.#follows(frame, off, off + len)) return false;
    if (this.frames === 1 && !this.#heldIsRight()) return false;
    this.buf.set(frame.subarray(text, off + len), this.end);
    this.end += bytes;
    this.frames++;
    const pushed = (get8(frame, off + held.th - this.from + TcpOff.flags) & TCPHDR_PSH) !== 0;
    if (pushed) put8(this.buf, held.th + TcpOff.flags, TCPHDR_ACK | TCPHDR_PSH);
    this.#closed = pushed || bytes < this.gsoSize;
    return true;
  }

  /** Whether the headers are those of the next segment, and its checks are right. */
  #follows(frame: Uint8Array, off: number, end: number): boolean {
    const held = this.#held;
    const move = off - this.from;
    [next.v6, next.nh, next.th, next.text] = [
      held.v6,
      held.nh + move,
      held.th + move,
      held.text + move,
    ];
    if (!equal(this.buf, this.from, frame, off, next.nh + 2)) return false;
    if (!(next.v6 ? this.#follows6(frame, move) : this.#follows4(frame, move))) return false;
    return this.#followsTcp(frame, move) && fills(frame, end, next) && isRight(frame, end, next);
  }

  #followsTcp(frame: Uint8Array, move: number): boolean {
    const { buf, end } = this;
    const { th, text } = next;
    const was = th - move;
    const seq = get32(buf, was + TcpOff.seq) + end - this.#held.text;
    return (
      get32(frame, th + TcpOff.seq) === (seq | 0) &&
      (get8(frame, th + TcpOff.flags) & ~TCPHDR_PSH) === TCPHDR_ACK &&
      equal(buf, was, frame, th, th + TcpOff.seq) &&
      equal(buf, was + TcpOff.ack, frame, th + TcpOff.ack, th + TcpOff.flags) &&
      equal(buf, was + TcpOff.window, frame, th + TcpOff.window, th + TcpOff.check) &&
      equal(buf, was + TcpOff.urgPtr, frame, th + TcpOff.urgPtr, text)
    );
  }

  #follows4(frame: Uint8Array, move: number): boolean {
    const { nh, th } = next;
    const id = get16(this.buf, nh - move + Ipv4Off.id) + this.frames;
    return (
      get16(frame, nh + Ipv4Off.id) === (id & 0xffff) &&
      equal(
        this.buf,
        nh - move + Ipv4Off.fragOff,
        frame,
        nh + Ipv4Off.fragOff,
        nh + Ipv4Off.check,
      ) &&
      equal(this.buf, nh - move + Ipv4Off.saddr, frame, nh + Ipv4Off.saddr, th)
    );
  }

  #follows6(frame: Uint8Array, move: number): boolean {
    const { nh, th } = next;
    return (
      equal(this.buf, nh - move, frame, nh, nh + Ipv6Off.payloadLen) &&
      equal(this.buf, nh - move + Ipv6Off.nextHeader, frame, nh + Ipv6Off.nextHeader, th)
    );
  }

  #heldIsRight(): boolean {
    if (isRight(this.buf, this.end, this.#held)) return true;
    this.#closed = true;
    return false;
  }

  /** Makes one packet of what is held; its TCP check is left to be filled in, if there is more than one segment. */
  finish(): void {
    if (this.frames < 2) return;
    const { buf, end } = this;
    const { nh, th, v6 } = this.#held;
    if (v6) {
      put16(buf, nh + Ipv6Off.payloadLen, end - nh - IPV6_HLEN);
      return;
    }
    put16(buf, nh + Ipv4Off.totLen, end - nh);
    put16(buf, nh + Ipv4Off.check, 0);
    put16(buf, nh + Ipv4Off.check, checksum(buf, nh, th - nh));
  }
}

function equal(a: Uint8Array, at: number, b: Uint8Array, from: number, to: number): boolean {
  const move = at - from;
  for (let i = from; i < to; i++) if (a[i + move] !== b[i]) return false;
  return true;
}

/** Whether a packet is whole and ends with its frame. */
function fills(buf: Uint8Array, end: number, { v6, nh }: TcpPlace): boolean {
  if (v6) return get16(buf, nh + Ipv6Off.payloadLen) === end - nh - IPV6_HLEN;
  const parts = get16(buf, nh + Ipv4Off.fragOff) & 0x3fff;
  return parts === 0 && get16(buf, nh + Ipv4Off.totLen) === end - nh;
}

function isRight(buf: Uint8Array, end: number, { v6, nh, th }: TcpPlace): boolean {
  const length = end - th;
  const rest = IPPROTO_TCP + length;
  if (v6) return checksumOk(buf, th, length, sum16(buf, nh + Ipv6Off.saddr, 32, rest));
  return (
    checksumOk(buf, nh, th - nh) &&
    checksumOk(buf, th, length, sum16(buf, nh + Ipv4Off.saddr, 8, rest))
  );
}
