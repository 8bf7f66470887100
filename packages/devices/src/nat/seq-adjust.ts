/** Texts of another length in a TCP stream, and the sequence numbers behind them. Linux net/netfilter/nf_conntrack_seqadj.c, nf_nat_helper.c */
import { getIpv6 } from '@labwire/core/addr';
import { get8, get16, get32, getU32, put8, put16, put32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import {
  checksum,
  IPPROTO_TCP,
  Ipv6Off,
  pseudoSum4,
  pseudoSum6,
  updateCheck16,
  updateCheck32,
} from '@labwire/core/wire';
import { IPS_SEQ_ADJUST, type NfConn } from '../conntrack/nf-conn.ts';

const ACK = 0x10;
const TCP_CHECK = 16;
const OPT_SACK = 5;

/** How far the numbers of one direction are moved. `struct nf_ct_seqadj` */
class Moved {
  /** Where the last change was. */
  at = 0;
  before = 0;
  after = 0;

  /** The shift of a number. */
  of(seq: number): number {
    return ((this.at - seq) | 0) < 0 ? this.after : this.before;
  }

  /** The shift of a number that is already moved. */
  ofMoved(seq: number): number {
    return ((this.at - (seq - this.before)) | 0) < 0 ? this.after : this.before;
  }
}

/** Both directions of a connection. */
class Shifts {
  readonly dirs: readonly [Moved, Moved] = [new Moved(), new Moved()];
}

/** Changes texts and mends what follows. */
export class SeqAdjust {
  /** The shift of a number that a side sent. `nf_ct_seq_offset()` */
  offset(ct: NfConn, dir: 0 | 1, seq: number): number {
    return ct.nat instanceof Shifts ? ct.nat.dirs[dir].of(seq) : 0;
  }

  /**
   * Puts `text` in the place of `length` bytes at `at` in a segment whose header is at `th`. `nf_nat_mangle_tcp_packet()`
   * @returns false if the packet has no room for it
   */
  replace(
    ct: NfConn,
    dir: 0 | 1,
    skb: SkBuff,
    th: number,
    at: number,
    length: number,
    text: string,
  ): boolean {
    const grown = text.length - length;
    if (grown > skb.tailroom) return false;
    const { buf } = skb;
    buf.copyWithin(at + text.length, at + length, skb.tail);
    for (let i = 0; i < text.length; i++) put8(buf, at + i, text.charCodeAt(i));
    skb.tail += grown;
    if (grown !== 0) {
      lengthen(skb, grown);
      note(ct, dir, getU32(buf, th + 4), grown);
    }
    putChecksum(skb, th);
    return true;
  }

  /** Moves the numbers of a segment. `nf_ct_seq_adjust()` */
  adjust(ct: NfConn, dir: 0 | 1, skb: SkBuff, th: number): void {
    if ((ct.status & IPS_SEQ_ADJUST) === 0 || !(ct.nat instanceof Shifts)) return;
    const own = ct.nat.dirs[dir];
    const other = ct.nat.dirs[dir === 0 ? 1 : 0];
    const { buf } = skb;
    const seq = getU32(buf, th + 4);
    putWord(buf, th, th + 4, (seq + own.of(seq)) | 0);
    if ((get8(buf, th + 13) & ACK) === 0) return;
    const ack = getU32(buf, th + 8);
    putWord(buf, th, th + 8, (ack - other.ofMoved(ack)) | 0);
    adjustSack(skb, th, other);
  }
}

function note(ct: NfConn, dir: 0 | 1, seq: number, grown: number): void {
  const shifts = ct.nat instanceof Shifts ? ct.nat : new Shifts();
  ct.nat = shifts;
  ct.status |= IPS_SEQ_ADJUST;
  const moved = shifts.dirs[dir];
  if (moved.before !== moved.after && ((moved.at - seq) | 0) >= 0) return;
  moved.at = seq;
  moved.before = moved.after;
  moved.after += grown;
}

/** Writes a word of a TCP header, mending its checksum. */
function putWord(buf: Uint8Array, th: number, at: number, value: number): void {
  const old = get32(buf, at);
  if (old === value) return;
  put32(buf, at, value);
  const check = th + TCP_CHECK;
  put16(buf, check, updateCheck32(get16(buf, check), old, value));
}

/** `nf_ct_sack_adjust()` */
function adjustSack(skb: SkBuff, th: number, other: Moved): void {
  const { buf } = skb;
  const end = Math.min(skb.tail, th + (get8(buf, th + 12) >>> 4) * 4);
  let changed = false;
  for (let at = th + 20; at + 1 < end; ) {
    const kind = get8(buf, at);
    if (kind === 0) break;
    const len = kind === 1 ? 1 : get8(buf, at + 1);
    if (len < 1 || (kind !== 1 && len < 2) || at + len > end) break;
    for (let b = at + 2; kind === OPT_SACK && b + 4 <= at + len; b += 4) {
      const edge = getU32(buf, b);
      put32(buf, b, (edge - other.ofMoved(edge)) | 0);
      changed = true;
    }
    at += len;
  }
  if (changed) putChecksum(skb, th);
}

/** Tells the IP header how long its packet has become. */
function lengthen({ buf, nh }: SkBuff, grown: number): void {
  const isV4 = get8(buf, nh) >>> 4 === 4;
  const at = nh + (isV4 ? 2 : 4);
  const old = get16(buf, at);
  put16(buf, at, old + grown);
  if (isV4) put16(buf, nh + 10, updateCheck16(get16(buf, nh + 10), old, old + grown));
}

function putChecksum({ buf, nh, tail }: SkBuff, th: number): void {
  const len = tail - th;
  const pseudo =
    get8(buf, nh) >>> 4 === 4
      ? pseudoSum4(get32(buf, nh + 12) as never, get32(buf, nh + 16) as never, IPPROTO_TCP, len)
      : pseudoSum6(
          getIpv6(buf, nh + Ipv6Off.saddr),
          getIpv6(buf, nh + Ipv6Off.daddr),
          IPPROTO_TCP,
          len,
        );
  put16(buf, th + TCP_CHECK, 0);
  put16(buf, th + TCP_CHECK, checksum(buf, th, len, pseudo));
}
