/** The windows that both sides of a connection have shown. See proto-tcp.ts for what they mean. */
import { get8, get32, getU32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { after, before, seg } from './tcp-segment.ts';

export const F_WINDOW_SCALE = 0x01;
export const F_SACK_PERM = 0x02;
export const F_CLOSE_INIT = 0x04;
export const F_BE_LIBERAL = 0x08;
export const F_DATA_UNACKNOWLEDGED = 0x10;
export const F_MAXACK_SET = 0x20;
export const MAXACKWINCONST = 66_000;
/** The options of most segments: two NOPs and a timestamp. */
const TIMESTAMP_ALONE = 0x0101_080a;

/** What one side has sent and offered. `struct ip_ct_tcp_state` */
export class Side {
  tdEnd = 0;
  tdMaxend = 0;
  tdMaxwin = 0;
  tdMaxack = 0;
  tdScale = 0;
  flags = 0;
}

/** Window scale and SACK permission of a SYN; one without options changes nothing. `tcp_options()` */
export function readOptions(
  skb: SkBuff,
  th: number,
  into: { tdScale: number; flags: number },
): void {
  const { buf } = skb;
  const end = th + (get8(buf, th + 12) >>> 4) * 4;
  if (end === th + 20) return;
  into.tdScale = 0;
  into.flags &= F_BE_LIBERAL;
  for (let at = th + 20; at < end; ) {
    const kind = get8(buf, at);
    if (kind === 0) return;
    const len = kind === 1 ? 1 : at + 1 < end ? get8(buf, at + 1) : 0;
    if (kind !== 1 && (len < 2 || at + len > end)) return;
    if (kind === 4 && len === 2) into.flags |= F_SACK_PERM;
    else if (kind === 3 && len === 3) {
      into.tdScale = Math.min(14, get8(buf, at + 2));
      into.flags |= F_WINDOW_SCALE;
    }
    at += len;
  }
}

/** The highest right edge of a segment's SACK blocks, or its acknowledgement. `tcp_sack()` */
export function sackOf(skb: SkBuff, th: number, ack: number): number {
  const { buf } = skb;
  const end = th + (get8(buf, th + 12) >>> 4) * 4;
  if (end === th + 32 && get32(buf, th + 20) === TIMESTAMP_ALONE) return ack;
  let sack = ack;
  for (let at = th + 20; at + 1 < end; ) {
    const kind = get8(buf, at);
    if (kind === 0) break;
    const len = kind === 1 ? 1 : get8(buf, at + 1);
    if (kind !== 1 && (len < 2 || at + len > end)) break;
    if (kind === 5) {
      for (let b = at + 2; b + 8 <= at + len; b += 8) {
        const right = getU32(buf, b + 4);
        if (after(right, sack)) sack = right;
      }
    }
    at += len;
  }
  return sack;
}

/** `tcp_init_sender()` */
export function initSender(
  sender: Side,
  receiver: Side,
  skb: SkBuff,
  th: number,
  dir: number,
): void {
  sender.tdEnd = seg.end;
  sender.tdMaxend = seg.end;
  sender.tdMaxwin = seg.win === 0 ? 1 : seg.win;
  readOptions(skb, th, sender);
  const both = (sender.flags & receiver.flags & F_WINDOW_SCALE) !== 0;
  if (dir === 1 && !both) {
    sender.tdScale = 0;
    receiver.tdScale = 0;
  }
}

/** A connection whose beginning was not seen. */
export function pickUpSender(sender: Side, receiver: Side, sack: number): void {
  sender.tdEnd = seg.end;
  const win = (seg.win << sender.tdScale) >>> 0;
  sender.tdMaxwin = win === 0 ? 1 : win;
  sender.tdMaxend = (seg.end + sender.tdMaxwin) >>> 0;
  if (receiver.tdMaxwin === 0) {
    receiver.tdEnd = sack;
    receiver.tdMaxend = sack;
  } else if (sack === (receiver.tdEnd + 1) >>> 0) receiver.tdEnd = sack;
}

/** The four conditions. A segment that sends more than it may, but else is right, is noted though it changes nothing. */
export function judgeWindow(
  sender: Side,
  receiver: Side,
  seq: number,
  end: number,
  sack: number,
): 'accept' | 'ignore' | 'invalid' {
  const ackOk = after(sack, (receiver.tdEnd - Math.max(sender.tdMaxwin, MAXACKWINCONST) - 1) >>> 0);
  const endOk = receiver.tdMaxwin === 0 || after(end, (sender.tdEnd - receiver.tdMaxwin - 1) >>> 0);
  const seen = before(sack, (receiver.tdEnd + 1) >>> 0);
  if (!before(seq, (sender.tdMaxend + 1) >>> 0)) {
    const overshot = (end - sender.tdMaxend + 1) >>> 0;
    if (receiver.tdMaxwin !== 0 && endOk && ackOk && seen && overshot <= receiver.tdMaxwin) {
      sender.tdEnd = end;
      sender.flags |= F_DATA_UNACKNOWLEDGED;
      return 'ignore';
    }
    return 'invalid';
  }
  if (!seen) return 'invalid';
  return endOk && ackOk ? 'accept' : 'ignore';
}

export function updateWindow(
  sender: Side,
  receiver: Side,
  end: number,
  ack: number,
  sack: number,
  isSyn: boolean,
  hasAck: boolean,
): void {
  const win = isSyn ? seg.win : seg.win << sender.tdScale;
  const offered = win + ((sack - ack) >>> 0);
  if (sender.tdMaxwin < offered) sender.tdMaxwin = offered;
  if (after(end, sender.tdEnd)) {
    sender.tdEnd = end;
    sender.flags |= F_DATA_UNACKNOWLEDGED;
  }
  if (hasAck && ((sender.flags & F_MAXACK_SET) === 0 || after(ack, sender.tdMaxack))) {
    sender.tdMaxack = ack;
    sender.flags |= F_MAXACK_SET;
  }
  if (receiver.tdMaxwin !== 0 && after(end, sender.tdMaxend))
    receiver.tdMaxwin += (end - sender.tdMaxend) >>> 0;
  if (after((sack + win) >>> 0, (receiver.tdMaxend - 1) >>> 0)) {
    receiver.tdMaxend = (sack + win + (win === 0 ? 1 : 0)) >>> 0;
  }
  if (ack === receiver.tdEnd) receiver.flags &= ~F_DATA_UNACKNOWLEDGED;
}
