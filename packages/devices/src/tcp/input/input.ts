import type { DropReason, SkBuff } from '@labwire/core/skb';
import {
  TCPHDR_ACK,
  TCPHDR_FIN,
  TCPHDR_PSH,
  TCPHDR_RST,
  TCPHDR_SYN,
  TCPHDR_URG,
} from '@labwire/core/wire';
import { after, before } from '../buffer/index.ts';
import { done, enterOrphanFinWait2, enterTimeWait, resetReceived } from '../lifecycle.ts';
import { mayUpdateWindow, processAck } from '../loss/ack.ts';
import { checkAck } from '../output/delayed-ack.ts';
import { pushPending } from '../output/transmit.ts';
import { measureReceiveRtt, receiveWindow } from '../output/window.ts';
import type { Tcb } from '../tcb.ts';
import { answerUnacceptable, challengeAck } from './challenge.ts';
import { handshakeDone } from './listen.ts';
import { pawsPasses } from './paws.ts';
import { isRequest, requestArrives } from './request.ts';
import { replyReset } from './reset.ts';
import type { Segment } from './segment.ts';
import { synSentArrives } from './syn-sent.ts';
import { processFin, processText } from './text.ts';
import { TIMEWAIT_LEN } from './timewait.ts';

/*
 * Read first: RFC 9293 section 3.10.7, RFC 5961, RFC 7323 section 5; Linux net/ipv4/tcp_input.c,
 * tcp_rcv_state_process() and tcp_validate_incoming().
 *
 * Theory of operation
 *
 * Purpose. A segment has been matched to a connection (tcp-layer.ts); this file takes it through the steps of
 * RFC 9293 section 3.10.7.4, one function per step and in the RFC's order. Each step either says why the
 * segment is dropped, which ends its way, or lets it through to the next. Segments for no connection are in
 * reset.ts, for listeners in listen.ts, for SYN-SENT in syn-sent.ts, for TIME-WAIT in timewait.ts.
 *
 * What is modelled. All states, PAWS, challenge ACKs, simultaneous open and close, half-close, resets for data
 * that nobody will read. Not modelled: security and precedence (third step, gone from practice), urgent data
 * (sixth step: the pointer is reported on the layer's `urgentTrace` and its byte stays in the stream, as with
 * SO_OOBINLINE), ECN, TCP Fast Open.
 *
 * Ownership. The skb stays the caller's: text is copied into the receive ring, nothing else outlives the call.
 *
 * Order of answers. Processing the acknowledgement may send retransmissions; after the last step new data goes
 * out, and only then is it decided whether an acknowledgement must still be sent: it may have left with data.
 *
 * Timers. Entering a state arms what it needs: SYN-SENT and SYN-RECEIVED the retransmission timer (timers.ts),
 * TIME-WAIT its own record's (timewait.ts), FIN-WAIT-2 of a closed socket the same or, if it may last
 * longer, the keepalive timer. Leaving for CLOSED cancels all (lifecycle.ts, done()).
 */

/** A segment arrives for a connection. @returns why it, or what was left of it, was dropped */
export function segmentArrives(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  const segments = Math.max(1, skb.gsoSegs);
  tcb.segsIn += segments;
  if (seg.textLen > 0) tcb.dataSegsIn += segments;
  seg.predicted = predict(tcb, seg);
  if (tcb.state === 'SYN-SENT') return synSentArrives(tcb, skb, seg);
  const bad =
    (isRequest(tcb) ? requestArrives(tcb, skb, seg) : undefined) ??
    checkFlags(seg) ??
    checkSequence(tcb, seg) ??
    checkReset(tcb, seg) ??
    checkSyn(tcb, seg) ??
    checkAckField(tcb, skb, seg);
  if (bad !== undefined) return bad;
  checkUrgent(tcb, seg);
  const dropped = textStep(tcb, skb, seg) ?? finStep(tcb, seg);
  if (tcb.state === 'CLOSED') return dropped;
  pushPending(tcb);
  checkAck(tcb);
  return dropped;
}

/** Whether a segment is what an undisturbed connection expects. `tcp_rcv_established()` */
function predict(tcb: Tcb, seg: Segment): boolean {
  if (tcb.state !== 'ESTABLISHED' || !tcb.fastPath || seg.seq !== tcb.rcvNxt) return false;
  if ((seg.flags & ~TCPHDR_PSH) !== TCPHDR_ACK || after(seg.ack, tcb.sndNxt)) return false;
  const { options } = seg;
  if (options.sackCount > 0 || options.timestamps !== tcb.tsOk) return false;
  if (tcb.tsOk && before(options.tsVal | 0, tcb.tsRecent)) return false;
  if (seg.window << tcb.sndWscale !== tcb.sndWnd) return false;
  if (seg.textLen > 0 && tcb.unreadBytes > 0) tcb.layer.ext.TCPHPHits++;
  return true;
}

/** Before all: what neither acknowledges nor opens nor resets is nobody's. `tcp_rcv_established()` */
function checkFlags(seg: Segment): DropReason | undefined {
  return seg.has(TCPHDR_ACK | TCPHDR_RST | TCPHDR_SYN) ? undefined : 'tcp_flags';
}

/** First step: is the segment new enough (RFC 7323 section 5, PAWS) and in the window? `tcp_validate_incoming()` */
function checkSequence(tcb: Tcb, seg: Segment): DropReason | undefined {
  const old = checkTimestamp(tcb, seg);
  if (old !== undefined) return old;
  const bad = outsideWindow(tcb, seg);
  if (bad === undefined) return undefined;
  if (seg.has(TCPHDR_RST)) {
    if (finishedReset(tcb, seg)) resetReceived(tcb);
  } else if (seg.has(TCPHDR_SYN)) challengeSyn(tcb);
  else {
    if (bad === 'tcp_overwindow') tcb.layer.ext.BeyondWindow++;
    answerUnacceptable(tcb, seg);
  }
  return bad;
}

/** PAWS: a reset passes, and an old acknowledgement is not answered. */
function checkTimestamp(tcb: Tcb, seg: Segment): DropReason | undefined {
  if (!tcb.tsOk || !seg.options.timestamps || pawsPasses(tcb, seg, tcb.now, 1)) return undefined;
  if (seg.has(TCPHDR_RST) || disorderedAck(tcb, seg)) return undefined;
  const { ext } = tcb.layer;
  if (seg.has(TCPHDR_SYN)) challengeSyn(tcb);
  else if (pureAck(seg) && before(seg.seq, tcb.rcvNxt)) ext.PAWSOldAck++;
  else {
    ext.PAWSEstab++;
    answerUnacceptable(tcb, seg, true);
  }
  return 'tcp_rfc7323_paws';
}

function pureAck(seg: Segment): boolean {
  return seg.has(TCPHDR_ACK) && seg.end === seg.seq;
}

/** An empty acknowledgement that was overtaken on its way does no harm. `tcp_disordered_ack_check()` */
function disorderedAck(tcb: Tcb, seg: Segment): boolean {
  return (
    pureAck(seg) &&
    seg.seq === tcb.rcvNxt &&
    seg.ack === tcb.sndUna &&
    !mayUpdateWindow(tcb, seg, seg.window << tcb.sndWscale) &&
    ((tcb.tsRecent - seg.options.tsVal) | 0) <= Math.floor((tcb.rtoUs * 1.2) / 1000)
  );
}

/** What ends behind the window is taken only while nothing waits to be read. `tcp_sequence()` */
function outsideWindow(tcb: Tcb, seg: Segment): DropReason | undefined {
  if (before(seg.end, tcb.rcvWup)) return 'tcp_old_data';
  const end = (tcb.rcvNxt + receiveWindow(tcb)) | 0;
  if (!after(seg.end, end)) return undefined;
  return after(seg.seq, end) || tcb.unreadBytes > 0 ? 'tcp_overwindow' : undefined;
}

/** A reset by a peer that counts our half of the close differently. `tcp_reset_check()` */
function finishedReset(tcb: Tcb, seg: Segment): boolean {
  if (seg.seq !== ((tcb.rcvNxt - 1) | 0)) return false;
  return tcb.state === 'CLOSE-WAIT' || tcb.state === 'LAST-ACK' || tcb.state === 'CLOSING';
}

/** Second step: RST, which must hit RCV.NXT, or the end of what SACK has told, exactly. RFC 5961 section 3.2 */
function checkReset(tcb: Tcb, seg: Segment): DropReason | undefined {
  if (!seg.has(TCPHDR_RST)) return undefined;
  const told = tcb.sackOk && tcb.reassembly.highestToldEndsAt(seg.seq);
  if (seg.seq === tcb.rcvNxt || finishedReset(tcb, seg) || told) resetReceived(tcb);
  else challengeAck(tcb);
  return 'tcp_reset';
}

/** Fourth step: SYN. RFC 5961 section 4.2; in a simultaneous open the peer's SYN-ACK is welcome. */
function checkSyn(tcb: Tcb, seg: Segment): DropReason | undefined {
  if (!seg.has(TCPHDR_SYN)) return undefined;
  const crossing =
    tcb.state === 'SYN-RECEIVED' &&
    seg.has(TCPHDR_ACK) &&
    seg.seq === tcb.irs &&
    seg.ack === tcb.sndNxt;
  if (crossing && tcb.listener === null) return undefined;
  challengeSyn(tcb);
  return 'tcp_invalid_syn';
}

function challengeSyn(tcb: Tcb): void {
  if (tcb.state === 'ESTABLISHED') tcb.layer.mib.InErrs++;
  tcb.layer.ext.TCPSYNChallenge++;
  challengeAck(tcb);
}

/** Fifth step: ACK. */
function checkAckField(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  if (!seg.has(TCPHDR_ACK)) return 'tcp_flags';
  if (tcb.state === 'SYN-RECEIVED') {
    if (!after(seg.ack, tcb.sndUna) || after(seg.ack, tcb.sndNxt)) {
      replyReset(tcb.layer, tcb.flow.inet, skb, seg);
      return 'tcp_invalid_sequence';
    }
    const refused = handshakeDone(tcb, skb, seg);
    if (refused !== undefined) return refused;
  }
  const bad = processAck(tcb, seg);
  if (bad !== undefined) return bad;
  return afterAck(tcb, skb, seg);
}

/** What the acknowledgement of our FIN changes. */
function afterAck(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  const finAcked = tcb.finQueued && tcb.sndUna === tcb.sendEnd;
  if (!finAcked) return undefined;
  switch (tcb.state) {
    case 'FIN-WAIT-1':
      tcb.setState('FIN-WAIT-2', 'ACK of FIN');
      if (tcb.socket === null) return orphanFinWait2(tcb, skb, seg);
      tcb.socket.wq.wake();
      return undefined;
    case 'CLOSING':
      enterTimeWait(tcb, 'TIME-WAIT', TIMEWAIT_LEN);
      return 'tcp_close';
    case 'LAST-ACK':
      done(tcb, 'ACK of FIN');
      return 'tcp_close';
    case 'CLOSED':
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
    case 'FIN-WAIT-2':
    case 'CLOSE-WAIT':
    case 'TIME-WAIT':
      return undefined;
  }
}

function orphanFinWait2(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  if (unreadable(tcb, seg)) return refuseData(tcb, skb, seg);
  if (seg.has(TCPHDR_FIN)) return undefined; // goes on to TIME-WAIT at once
  enterOrphanFinWait2(tcb);
  return 'tcp_close';
}

/** Sixth step: URG. Reported, and otherwise taken for data. */
function checkUrgent(tcb: Tcb, seg: Segment): void {
  if (!seg.has(TCPHDR_URG)) return;
  const { urgentTrace } = tcb.layer;
  if (urgentTrace.active) urgentTrace.emit(tcb, seg.urgPtr);
}

/** Whether a segment brings data that the user has said not to want. */
function unreadable(tcb: Tcb, seg: Segment): boolean {
  return seg.textLen > 0 && after((seg.seq + seg.textLen) | 0, tcb.rcvNxt);
}

/** RFC 1122 section 4.2.2.13: data after close(), or behind a FIN, is answered with a reset, so that the peer does not think it read. */
function refuseData(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason {
  tcb.layer.ext.TCPAbortOnData++;
  replyReset(tcb.layer, tcb.flow.inet, skb, seg);
  if (tcb.socket !== null)
    tcb.socket.pendingError = tcb.state === 'CLOSE-WAIT' ? 'EPIPE' : 'ECONNRESET';
  done(tcb, 'data after CLOSE');
  return 'tcp_close';
}

/** Seventh step: the text. */
function textStep(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  switch (tcb.state) {
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
      if (tcb.rcvShutdown && unreadable(tcb, seg)) return refuseData(tcb, skb, seg);
      break;
    case 'ESTABLISHED':
      break;
    case 'CLOSE-WAIT':
    case 'CLOSING':
    case 'LAST-ACK':
      // behind the peer's FIN nothing is looked at; what begins before it must end there
      if (!before(seg.seq, tcb.rcvNxt)) return 'not_specified';
      if (unreadable(tcb, seg)) return refuseData(tcb, skb, seg);
      break;
    case 'CLOSED':
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
    case 'TIME-WAIT':
      return 'tcp_close';
  }
  if (seg.textLen === 0 && !(tcb.finReceived && seg.has(TCPHDR_FIN))) return undefined;
  if (tcb.tsOk && seg.textLen >= tcb.rcvMss) measureReceiveRtt(tcb, seg.options.tsEcr);
  return processText(tcb, skb, seg);
}

/** Eighth step: FIN, which counts once all before it has arrived. */
function finStep(tcb: Tcb, seg: Segment): DropReason | undefined {
  if (seg.has(TCPHDR_FIN)) return processFin(tcb, (seg.end - 1) | 0, seg.textLen === 0);
  return undefined;
}
