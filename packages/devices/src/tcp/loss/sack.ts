import { after, before, EVER_RETRANS, LOST, RETRANS, SACKED } from '../buffer/index.ts';
import type { Segment } from '../input/segment.ts';
import type { Tcb } from '../tcb.ts';

/*
 * The sender's side of SACK: RFC 2018 and 2883 for what the blocks mean, RFC 6675 for what they make of the
 * segments in flight, RFC 8985 (RACK) for retransmissions that were lost again.
 */

/** Reordering is never believed to be worse. `tcp_max_reordering` */
const MAX_REORDERING = 300;

/** Marks what the blocks of `seg` cover. @returns segments newly SACKed. `tcp_sacktag_write_queue()` */
export function tagSacks(tcb: Tcb, seg: Segment): number {
  const { sacks, sackCount } = seg.options;
  let tagged = 0;
  for (let b = 0; b < sackCount; b++) {
    const start = (sacks[2 * b] as number) | 0;
    const end = (sacks[2 * b + 1] as number) | 0;
    if (b === 0 && isDuplicate(seg, start, end)) {
      tcb.dsackDups++;
      countDuplicate(tcb, before(start, seg.ack));
      if (tcb.undoMarker && tcb.undoRetrans > 0) tcb.undoRetrans--;
      continue;
    }
    if (!after(end, start) || before(start, tcb.sndUna) || after(end, tcb.sndNxt)) continue;
    tagged += tagBlock(tcb, start, end);
  }
  return tagged;
}

function countDuplicate(tcb: Tcb, old: boolean): void {
  const { ext } = tcb.layer;
  if (old) ext.TCPDSACKRecv++;
  else ext.TCPDSACKOfoRecv++;
  ext.TCPDSACKRecvSegs++;
}

/** A first block that tells of data which arrived twice. RFC 2883 section 4; `tcp_check_dsack()` */
function isDuplicate(seg: Segment, start: number, end: number): boolean {
  if (before(start, seg.ack)) return true;
  if (seg.options.sackCount < 2) return false;
  const s1 = (seg.options.sacks[2] as number) | 0;
  const e1 = (seg.options.sacks[3] as number) | 0;
  return !after(end, e1) && !before(start, s1);
}

function tagBlock(tcb: Tcb, start: number, end: number): number {
  const { rtx } = tcb;
  let tagged = 0;
  for (let i = rtx.find(start); i < rtx.count && before(rtx.seq(i), end); i++) {
    const flags = rtx.flags(i);
    if ((flags & SACKED) !== 0 || !rtx.within(i, start, end)) continue;
    if ((flags & EVER_RETRANS) === 0) noteReordering(tcb, i);
    rtx.unmark(i, LOST | RETRANS);
    rtx.mark(i, SACKED);
    noteDelivered(tcb, i, flags);
    if (after(rtx.end(i), tcb.highSacked)) tcb.highSacked = rtx.end(i);
    tagged++;
  }
  return tagged;
}

/** An original that arrives behind later ones was not lost but overtaken: be more patient. RFC 4653's idea; `tcp_check_sack_reordering()` */
function noteReordering(tcb: Tcb, i: number): void {
  if (!before(tcb.rtx.end(i), tcb.highSacked)) return;
  const behind = tcb.rtx.find((tcb.highSacked - 1) | 0) - i;
  tcb.layer.ext.TCPSACKReorder++;
  tcb.reordering = Math.min(MAX_REORDERING, Math.max(tcb.reordering, behind));
}

/** Remembers when the latest segment that arrived was sent. RFC 8985 section 6.2, step 2; `tcp_rack_advance()` */
export function noteDelivered(tcb: Tcb, i: number, flags: number): void {
  const sentAt = tcb.rtx.sentAt(i);
  const us = Math.floor((tcb.now - sentAt) / 1000);
  if ((flags & EVER_RETRANS) !== 0 && us < tcb.minRttUs) return; // the original, most likely
  if (sentAt < tcb.rackTime) return;
  tcb.rackTime = sentAt;
}

/**
 * Marks as lost what has at least `reordering` SACKed segments behind it.
 * RFC 6675 section 4, IsLost() and Update()
 * @returns whether anything was
 */
export function markLost(tcb: Tcb): boolean {
  const { rtx } = tcb;
  const had = rtx.toResend;
  if (rtx.sackedOut >= tcb.reordering) markBelow(tcb);
  if (rtx.retransOut > 0) markLostRetransmissions(tcb);
  return rtx.toResend > had;
}

function markBelow(tcb: Tcb): void {
  const { rtx } = tcb;
  let i = Math.min(rtx.find((tcb.highSacked - 1) | 0), rtx.count - 1);
  for (let seen = 0; i >= 0; i--) {
    if ((rtx.flags(i) & SACKED) !== 0 && ++seen === tcb.reordering) break;
  }
  if (i <= 0) return;
  const limit = rtx.seq(i);
  if (before(tcb.lostCursor, tcb.sndUna)) tcb.lostCursor = tcb.sndUna;
  for (let k = rtx.find(tcb.lostCursor); k < i; k++) {
    if ((rtx.flags(k) & (SACKED | LOST)) === 0) lose(tcb, k);
  }
  if (after(limit, tcb.lostCursor)) tcb.lostCursor = limit;
}

/** A retransmission is lost if something that was sent well after it has arrived. RFC 8985 section 6.2, step 5 */
function markLostRetransmissions(tcb: Tcb): void {
  const { rtx } = tcb;
  const patience = (Math.max(tcb.minRttUs, 0) / 4) * 1000;
  let left = rtx.retransOut;
  for (let i = 0; i < rtx.count && left > 0; i++) {
    const flags = rtx.flags(i);
    if ((flags & RETRANS) === 0) continue;
    left--;
    if (rtx.sentAt(i) + patience >= tcb.rackTime) continue;
    rtx.unmark(i, RETRANS);
    tcb.layer.ext.TCPLostRetransmit++;
    lose(tcb, i);
  }
}

/** Takes the i-th segment for lost. */
export function lose(tcb: Tcb, i: number): void {
  tcb.rtx.mark(i, LOST);
  if (before(tcb.rtx.seq(i), tcb.resendCursor)) tcb.resendCursor = tcb.rtx.seq(i);
}

/** Takes all that is not SACKed for lost, after a time-out; a peer that reneged is not believed. RFC 2018 section 8; `tcp_enter_loss()` */
export function loseAll(tcb: Tcb): void {
  const { rtx } = tcb;
  const reneged = rtx.count > 0 && (rtx.flags(0) & SACKED) !== 0;
  for (let i = 0; i < rtx.count; i++) {
    if (reneged) rtx.unmark(i, SACKED);
    if ((rtx.flags(i) & RETRANS) !== 0) tcb.layer.ext.TCPLostRetransmit++;
    rtx.unmark(i, RETRANS);
    if ((rtx.flags(i) & SACKED) === 0) rtx.mark(i, LOST);
  }
  tcb.resendCursor = tcb.sndUna;
  tcb.lostCursor = tcb.sndNxt;
}

/** Nothing is lost after all. */
export function unloseAll(tcb: Tcb): void {
  for (let i = 0; i < tcb.rtx.count; i++) tcb.rtx.unmark(i, LOST);
  tcb.lostCursor = tcb.sndUna;
}
