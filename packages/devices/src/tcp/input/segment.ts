import { get8, get16, get32 } from '@labwire/core/bytes';
import type { DropReason, SkBuff } from '@labwire/core/skb';
import {
  checkTcp,
  readTcpOptions,
  TCPHDR_FIN,
  TCPHDR_SYN,
  TcpOff,
  TcpOptions,
} from '@labwire/core/wire';

/** A received segment as numbers: one record that is filled anew for each. Names as in RFC 9293 section 3.3.1. */
export class Segment {
  sport = 0;
  dport = 0;
  /** SEG.SEQ, signed 32-bit. */
  seq = 0;
  /** SEG.ACK, signed 32-bit; means nothing without the ACK bit. */
  ack = 0;
  flags = 0;
  /** The window field, unscaled. */
  window = 0;
  urgPtr = 0;
  /** Where the text starts in the skb's buffer. */
  dataOff = 0;
  /** Bytes of text, without SYN and FIN. */
  textLen = 0;
  /** The sequence number behind the segment: SEG.SEQ + SEG.LEN. */
  end = 0;
  /** It is just what was expected: header prediction counts it apart. */
  predicted = false;
  readonly options: TcpOptions = new TcpOptions();

  /** Reads the segment at `skb.data`. @returns why it is none */
  read(skb: SkBuff): DropReason | undefined {
    const buf = skb.buf;
    const off = skb.data;
    const bad = checkTcp(buf, off, skb.tail);
    if (bad !== undefined) return bad;
    this.sport = get16(buf, off + TcpOff.sport);
    this.dport = get16(buf, off + TcpOff.dport);
    this.seq = get32(buf, off + TcpOff.seq);
    this.ack = get32(buf, off + TcpOff.ack);
    this.flags = get8(buf, off + TcpOff.flags);
    this.window = get16(buf, off + TcpOff.window);
    this.urgPtr = get16(buf, off + TcpOff.urgPtr);
    this.dataOff = off + (get8(buf, off + TcpOff.dataOffset) >>> 4) * 4;
    this.textLen = skb.tail - this.dataOff;
    const syn = (this.flags & TCPHDR_SYN) !== 0 ? 1 : 0;
    const fin = (this.flags & TCPHDR_FIN) !== 0 ? 1 : 0;
    this.end = (this.seq + this.textLen + syn + fin) | 0;
    readTcpOptions(buf, off + TcpOff.options, this.dataOff, this.options);
    return undefined;
  }

  /** Whether any of `flags` is set. */
  has(flags: number): boolean {
    return (this.flags & flags) !== 0;
  }
}
