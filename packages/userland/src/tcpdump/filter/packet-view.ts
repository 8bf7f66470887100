import { get16, getU32 } from '@labwire/core/bytes';

/** A frame as filters see it. What reads past its end is rejected whole, whatever the rest of the filter says. */
export class PacketView {
  readonly buf: Uint8Array;
  /** Bytes that the frame had on the wire. */
  readonly length: number;
  readonly outgoing: boolean;
  readonly ifindex: number;
  /** The outermost VLAN tag, where it is not in the bytes; -1 without one. */
  readonly vlanTci: number;
  /** Set once something past the end was read, or divided by zero. */
  rejected = false;

  constructor(
    buf: Uint8Array,
    length: number,
    meta: {
      readonly outgoing: boolean;
      readonly ifindex: number;
      readonly vlanTci: number;
    } = { outgoing: false, ifindex: 0, vlanTci: -1 },
  ) {
    this.buf = buf;
    this.length = length;
    this.outgoing = meta.outgoing;
    this.ifindex = meta.ifindex;
    this.vlanTci = meta.vlanTci;
  }

  /** Reads 1, 2 or 4 bytes, most significant first. */
  load(off: number, size: number): number {
    if (off < 0 || off + size > this.buf.length) {
      this.rejected = true;
      return 0;
    }
    if (size === 1) return this.buf[off] as number;
    return size === 2 ? get16(this.buf, off) : getU32(this.buf, off);
  }
}

/** Decides whether a packet passes. */
export type Filter = (p: PacketView) => boolean;
