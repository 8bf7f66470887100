import { get16, get32, getU32 } from '@labwire/core/bytes';

/** A captured frame as filters see it: where its headers are. Reading past the end makes a filter fail. */
export class PacketView {
  readonly buf: Uint8Array;
  /** Bytes that the frame had. */
  readonly length: number;
  /** Where the network header is. */
  readonly net: number;
  readonly etherType: number;
  /** Whether addresses of an Ethernet header are there. */
  readonly hasEther: boolean;
  readonly outgoing: boolean;

  constructor(buf: Uint8Array, length: number, linkType: number, outgoing: boolean, skip = 0) {
    this.buf = buf;
    this.length = length;
    this.outgoing = outgoing;
    this.hasEther = linkType === 1;
    if (linkType === 276) {
      this.net = 20;
      this.etherType = get16(buf, 0);
    } else {
      this.net = 14 + skip;
      this.etherType = buf.length >= 14 + skip ? get16(buf, 12 + skip) : -1;
    }
  }

  /** The same frame, its outermost VLAN tag taken for the link header's. */
  untagged(): PacketView {
    return new PacketView(this.buf, this.length, 1, this.outgoing, this.net - 14 + 4);
  }

  has(off: number, n: number): boolean {
    return off >= 0 && off + n <= this.buf.length;
  }

  u8(off: number): number {
    return this.has(off, 1) ? (this.buf[off] as number) : Number.NaN;
  }

  u16(off: number): number {
    return this.has(off, 2) ? get16(this.buf, off) : Number.NaN;
  }

  u32(off: number): number {
    return this.has(off, 4) ? getU32(this.buf, off) : Number.NaN;
  }

  /** As IPv4 addresses travel. */
  s32(off: number): number {
    return this.has(off, 4) ? get32(this.buf, off) : Number.NaN;
  }

  get isIp4(): boolean {
    return this.etherType === 0x0800;
  }

  get isIp6(): boolean {
    return this.etherType === 0x86dd;
  }

  /** The protocol above IP; NaN for other packets. */
  get ipProto(): number {
    if (this.isIp4) return this.u8(this.net + 9);
    return this.isIp6 ? this.u8(this.net + 6) : Number.NaN;
  }

  /** Where the transport header is, if this is no later fragment; NaN otherwise. */
  get transport(): number {
    if (this.isIp6) return this.net + 40;
    if (!this.isIp4 || (this.u16(this.net + 6) & 0x1fff) !== 0) return Number.NaN;
    return this.net + (this.u8(this.net) & 15) * 4;
  }
}

/** Decides whether a packet passes. */
export type Filter = (p: PacketView) => boolean;
