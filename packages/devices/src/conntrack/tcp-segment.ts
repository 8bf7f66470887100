import { get8, get16, getU32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';

/** What a segment is to the table: `enum tcp_bit_set`. */
export const SYN_SET = 0;
export const SYNACK_SET = 1;
export const FIN_SET = 2;
export const ACK_SET = 3;
export const RST_SET = 4;
export const NONE_SET = 5;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;
const URG = 0x20;
/** Flags that may stand together, PSH, ECE and CWR left out. tcp_valid_flags[] */
const VALID_FLAGS = new Uint8Array(64);
for (const flags of [
  SYN,
  SYN | URG,
  SYN | ACK,
  RST,
  RST | ACK,
  FIN | ACK,
  FIN | ACK | URG,
  ACK,
  ACK | URG,
])
  VALID_FLAGS[flags] = 1;
const FLAG_MASK = FIN | SYN | RST | ACK | URG;

/** The fields of the segment at hand; one object for all. */
export class Seg {
  flags = 0;
  index: number = NONE_SET;
  seq = 0;
  ack = 0;
  win = 0;
  end = 0;

  /** @returns false if there is no whole header, or the flags make no sense. `tcp_error()` */
  read(skb: SkBuff, th: number): boolean {
    const { buf, tail } = skb;
    if (th + 20 > tail) return false;
    const doff = (get8(buf, th + 12) >>> 4) * 4;
    if (doff < 20 || th + doff > tail) return false;
    this.flags = get8(buf, th + 13);
    if (VALID_FLAGS[this.flags & FLAG_MASK] === 0) return false;
    this.index = indexOf(this.flags);
    this.seq = getU32(buf, th + 4);
    this.ack = getU32(buf, th + 8);
    this.win = get16(buf, th + 14);
    const syn = (this.flags & SYN) !== 0 ? 1 : 0;
    const fin = (this.flags & FIN) !== 0 ? 1 : 0;
    this.end = (this.seq + tail - th - doff + syn + fin) >>> 0;
    return true;
  }
}

/** `get_conntrack_index()` */
function indexOf(flags: number): number {
  if ((flags & RST) !== 0) return RST_SET;
  if ((flags & SYN) !== 0) return (flags & ACK) !== 0 ? SYNACK_SET : SYN_SET;
  if ((flags & FIN) !== 0) return FIN_SET;
  return (flags & ACK) !== 0 ? ACK_SET : NONE_SET;
}

/** Whether sequence number `a` comes before `b`. */
export const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;
/** Whether sequence number `a` comes after `b`. */
export const after = (a: number, b: number): boolean => ((b - a) | 0) < 0;
/** The segment at hand: nothing is tracked while another one is. */
export const seg: Seg = new Seg();
