import type { DropReason, SkBuff } from '@labwire/core/skb';
import { after, before, distance, minSeq } from '../buffer/index.ts';
import { enterTimeWait } from '../lifecycle.ts';
import { enterQuickAck, noteDataReceived } from '../output/delayed-ack.ts';
import { sendAck } from '../output/output.ts';
import { growWindow, measureSegment, receiveWindow } from '../output/window.ts';
import type { Tcb } from '../tcb.ts';
import { noteDuplicate, noteMoreDuplicate, noteSpuriousRetransmission } from './challenge.ts';
import type { Segment } from './segment.ts';
import { TIMEWAIT_LEN } from './timewait.ts';

/*
 * The receive queue: RFC 9293 section 3.10.7.4, seventh and eighth step. Text goes straight to its place in
 * the ring, in order or not; `reassembly` knows which places behind RCV.NXT are filled. Linux tcp_data_queue().
 */

/** Takes in the text of a segment. @returns why it was of no use */
export function processText(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  tcb.dsackPending = false;
  const textEnd = (seg.seq + seg.textLen) | 0;
  if (!after(textEnd, tcb.rcvNxt)) {
    if (seg.end !== textEnd && !tcb.finReceived) return undefined; // old text with a new FIN
    noteSpuriousRetransmission(tcb, seg.seq);
    noteDuplicate(tcb, seg.seq, seg.end);
    return answerNow(tcb, 'tcp_old_data');
  }
  const window = receiveWindow(tcb);
  if (!before(seg.seq, (tcb.rcvNxt + window) | 0)) {
    if (window === 0) tcb.layer.ext.TCPZeroWindowDrop++;
    return answerNow(tcb, window === 0 ? 'tcp_zerowindow' : 'tcp_overwindow');
  }
  if (before(seg.seq, tcb.rcvNxt)) noteDuplicate(tcb, seg.seq, tcb.rcvNxt);
  return after(seg.seq, tcb.rcvNxt)
    ? queueAhead(tcb, skb, seg, textEnd)
    : queueInOrder(tcb, skb, seg, textEnd);
}

/** The peer has to hear where we stand. */
function answerNow(tcb: Tcb, reason: DropReason): DropReason {
  enterQuickAck(tcb);
  tcb.ackPending = true;
  return reason;
}

function queueInOrder(
  tcb: Tcb,
  skb: SkBuff,
  seg: Segment,
  textEnd: number,
): DropReason | undefined {
  const { ext } = tcb.layer;
  const skip = distance(seg.seq, tcb.rcvNxt);
  if (tcb.unreadBytes > 0 && skip === 0) ext.TCPRcvCoalesce++;
  const len = seg.textLen - skip;
  store(tcb, tcb.rcvNxt, skb, seg.dataOff + skip, len);
  moveOn(tcb, textEnd);
  if (tcb.reassembly.count > 0) {
    const next = takeAhead(tcb, textEnd);
    moveOn(tcb, tcb.finSeen && after(next, tcb.finSeq) ? tcb.finSeq : next);
  }
  tcb.fastPath = tcb.reassembly.count === 0;
  noteDataReceived(tcb, seg.textLen, skb.gsoSize);
  if (tcb.finSeen) processFin(tcb, tcb.finSeq);
  tcb.socket?.onReadable();
  return undefined;
}

/** `tcp_rcv_nxt_update()` */
function moveOn(tcb: Tcb, next: number): void {
  tcb.bytesReceived += distance(tcb.rcvNxt, next);
  tcb.rcvNxt = next;
}

/** The hole before what came ahead is filled, or grows smaller. @returns the end of what is in order now. `tcp_ofo_queue()` */
function takeAhead(tcb: Tcb, textEnd: number): number {
  const { reassembly } = tcb;
  let i = 0;
  for (; i < reassembly.count && before(reassembly.startOf(i), textEnd); i++)
    noteMoreDuplicate(tcb, reassembly.startOf(i), minSeq(reassembly.endOf(i), textEnd));
  if (i < reassembly.count && reassembly.startOf(i) === textEnd) tcb.layer.ext.TCPRcvCoalesce++;
  const next = reassembly.advance(textEnd);
  tcb.ackNow ||= reassembly.count === 0;
  return next;
}

/** What a segment ahead shares with others is told, unless it just goes on where one ends. `tcp_data_queue_ofo()` */
function noteShared(tcb: Tcb, seq: number, end: number): void {
  const { reassembly } = tcb;
  const { ext } = tcb.layer;
  if (reassembly.endsAt(seq)) {
    ext.TCPRcvCoalesce++;
    return;
  }
  let i = reassembly.overlapping(seq, end, 0);
  while (i >= 0) {
    const start = reassembly.startOf(i);
    const last = reassembly.endOf(i);
    if (before(start, seq)) noteDuplicate(tcb, seq, last);
    else noteMoreDuplicate(tcb, start, minSeq(last, end));
    if (!before(start, seq) && !after(last, end)) ext.TCPOFOMerge++;
    i = reassembly.overlapping(seq, end, i + 1);
  }
}

/** There is a hole before the segment. `tcp_data_queue_ofo()` */
function queueAhead(tcb: Tcb, skb: SkBuff, seg: Segment, textEnd: number): DropReason | undefined {
  const { reassembly } = tcb;
  const { ext } = tcb.layer;
  measureSegment(tcb, skb.gsoSize === 0 ? seg.textLen : skb.gsoSize);
  tcb.fastPath = false;
  ext.TCPOFOQueue++;
  if (reassembly.has(seg.seq, textEnd)) {
    ext.TCPOFOMerge++;
    noteDuplicate(tcb, seg.seq, textEnd);
    reassembly.add(seg.seq, textEnd); // is told first from now on
  } else {
    noteShared(tcb, seg.seq, seg.end);
    if (!reassembly.add(seg.seq, seg.end)) return answerNow(tcb, 'tcp_ofomerge');
    if (seg.end !== textEnd) rememberFin(tcb, textEnd);
    store(tcb, seg.seq, skb, seg.dataOff, seg.textLen);
    if (tcb.sackOk) growWindow(tcb, seg.textLen); // else each acknowledgement must look like the last
  }
  sendAck(tcb);
  return undefined;
}

function store(tcb: Tcb, seq: number, skb: SkBuff, from: number, len: number): void {
  tcb.rx.write(distance(tcb.copiedSeq, seq), skb.buf, from, len);
}

/** The peer has finished: a FIN at `finSeq`, which counts when RCV.NXT gets there; `alone` if no text came with it. `tcp_fin()` */
export function processFin(
  tcb: Tcb,
  finSeq: number,
  alone: boolean = false,
): DropReason | undefined {
  if (tcb.finReceived) {
    if (before(finSeq, tcb.rcvNxt)) return answerNow(tcb, 'tcp_old_data');
    return undefined;
  }
  if (before(finSeq, tcb.rcvNxt)) return answerNow(tcb, 'tcp_old_data');
  if (finSeq !== tcb.rcvNxt) return finAhead(tcb, finSeq, alone);
  rememberFin(tcb, finSeq);
  tcb.rcvNxt = (finSeq + 1) | 0;
  tcb.finReceived = true;
  tcb.reassembly.clear();
  tcb.ackPending = true;
  changeStateOnFin(tcb);
  return undefined;
}

function rememberFin(tcb: Tcb, finSeq: number): void {
  tcb.finSeen = true;
  tcb.finSeq = finSeq;
}

/** Data is missing before the FIN: the FIN is told by SACK, as if it were a byte. */
function finAhead(tcb: Tcb, finSeq: number, alone: boolean): DropReason | undefined {
  if (tcb.finSeen && !alone) return undefined; // its text has taken it along
  const { ext } = tcb.layer;
  if (!before(finSeq, (tcb.rcvNxt + receiveWindow(tcb)) | 0))
    return answerNow(tcb, 'tcp_overwindow');
  ext.TCPOFOQueue++;
  if (tcb.finSeen) {
    if (tcb.finSeq !== finSeq) return 'tcp_invalid_sequence';
    ext.TCPOFOMerge++;
    noteDuplicate(tcb, finSeq, (finSeq + 1) | 0);
    sendAck(tcb);
    return 'tcp_ofomerge';
  }
  if (!tcb.reassembly.add(finSeq, (finSeq + 1) | 0)) return answerNow(tcb, 'tcp_ofomerge');
  rememberFin(tcb, finSeq);
  sendAck(tcb);
  return undefined;
}

function changeStateOnFin(tcb: Tcb): void {
  switch (tcb.state) {
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
      tcb.setState('CLOSE-WAIT', 'FIN');
      tcb.pingpong = true; // our own FIN may carry the acknowledgement
      break;
    case 'FIN-WAIT-1':
      sendAck(tcb);
      tcb.setState('CLOSING', 'FIN');
      break;
    case 'FIN-WAIT-2':
      sendAck(tcb);
      enterTimeWait(tcb, 'TIME-WAIT', TIMEWAIT_LEN);
      break;
    case 'CLOSED':
    case 'SYN-SENT':
    case 'CLOSE-WAIT':
    case 'CLOSING':
    case 'LAST-ACK':
    case 'TIME-WAIT':
      break;
  }
  tcb.socket?.onReadable();
}
