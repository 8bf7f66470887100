import type { DropReason, SkBuff } from '@labwire/core/skb';
import { after, before, distance } from '../buffer/index.ts';
import { enterTimeWait } from '../lifecycle.ts';
import { enterQuickAck, noteDataReceived } from '../output/delayed-ack.ts';
import { sendAck } from '../output/output.ts';
import { growWindow, measureSegment, receiveWindow } from '../output/window.ts';
import type { Tcb } from '../tcb.ts';
import { noteDuplicate, noteSpuriousRetransmission } from './challenge.ts';
import type { Segment } from './segment.ts';
import { TIMEWAIT_LEN } from './timewait.ts';

/*
 * The receive queue: RFC 9293 section 3.10.7.4, seventh and eighth step. Text goes straight to its place in
 * the ring, in order or not; `reassembly` knows which places behind RCV.NXT are filled. Linux tcp_data_queue().
 */

/** Takes in the text of a segment. @returns why it was of no use */
export function processText(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
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
  let next = textEnd;
  if (tcb.reassembly.count > 0) {
    next = tcb.reassembly.advance(textEnd);
    if (next !== textEnd || tcb.reassembly.count > 0) tcb.quick |= 1; // a hole was filled: tell at once
    if (tcb.finSeen && after(next, tcb.finSeq)) next = tcb.finSeq;
  }
  tcb.fastPath = tcb.reassembly.count === 0;
  tcb.bytesReceived += distance(tcb.rcvNxt, next);
  tcb.rcvNxt = next;
  noteDataReceived(tcb, seg.textLen, skb.gsoSize);
  if (tcb.finSeen) processFin(tcb, tcb.finSeq);
  tcb.socket?.onReadable();
  return undefined;
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
  } else {
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

/** The peer has finished: a FIN at `finSeq`, which counts when RCV.NXT gets there. `tcp_fin()` */
export function processFin(tcb: Tcb, finSeq: number): DropReason | undefined {
  if (tcb.finReceived) {
    if (before(finSeq, tcb.rcvNxt)) return answerNow(tcb, 'tcp_old_data');
    return undefined;
  }
  if (before(finSeq, tcb.rcvNxt)) return answerNow(tcb, 'tcp_old_data');
  if (finSeq !== tcb.rcvNxt) return finAhead(tcb, finSeq);
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
function finAhead(tcb: Tcb, finSeq: number): DropReason | undefined {
  if (tcb.finSeen) return tcb.finSeq === finSeq ? undefined : 'tcp_invalid_sequence';
  if (distance(tcb.rcvNxt, finSeq) > receiveWindow(tcb)) return 'tcp_overwindow';
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
