import { after, before, LOST, RETRANS, SACKED } from '../buffer/index.ts';
import { retransmit } from '../output/output.ts';
import { INFINITE_SSTHRESH, inReduction, type Tcb } from '../tcb.ts';
import { armRtx } from './rtx-timer.ts';
import { lose, loseAll, markLost, unloseAll } from './sack.ts';

/*
 * Loss recovery and congestion control, RFC 5681, 6582 (NewReno), 6675 (SACK), 6937 (PRR).
 *
 * `caState` says where a connection stands. Open: nothing unusual. Disorder: duplicate acknowledgements or
 * SACKs, not enough to call anything lost. CWR: the window comes down without a loss. Recovery: something was
 * lost (fast retransmit); the window comes down to `ssthresh` in proportion to what arrives. Loss: a time-out;
 * everything not SACKed is sent again in slow start. Recovery and Loss end when `highSeq`, the end of what was
 * in flight when they began, is acknowledged.
 *
 * Without SACK, duplicate acknowledgements are counted as if each had SACKed one segment (`renoSacked`), and
 * the first segment in flight is the one that is lost.
 */

/** What one acknowledgement brought, for the machine below. */
export class AckSummary {
  /** SND.UNA moved. */
  advanced = false;
  /** Segments acknowledged by it, in all. */
  acked = 0;
  /** Segments that it tells to have arrived, by either way: what PRR counts. */
  delivered = 0;
  /** It repeats the last one, or brings new SACKs: something was overtaken or lost. */
  dubious = false;
  /** TSecr came from before the first retransmission: the original had arrived. */
  fromOriginal = false;
}

/** Takes one acknowledgement to the state machine. `tcp_fastretrans_alert()` */
export function onAckInTrouble(tcb: Tcb, ack: AckSummary): void {
  if (tcb.caState !== 'Open' && !before(tcb.sndUna, tcb.highSeq)) leaveState(tcb, ack);
  switch (tcb.caState) {
    case 'Recovery':
      inRecovery(tcb, ack);
      break;
    case 'Loss':
      inLoss(tcb, ack);
      break;
    case 'Open':
    case 'Disorder':
    case 'CWR':
      inOrder(tcb, ack);
      break;
  }
}

/** All that was in flight when trouble began has been acknowledged. */
function leaveState(tcb: Tcb, ack: AckSummary): void {
  switch (tcb.caState) {
    case 'CWR':
      if (tcb.sndUna === tcb.highSeq) return; // something sent since must arrive, too
      endReduction(tcb);
      break;
    case 'Recovery':
      tcb.renoSacked = 0;
      if (mayUndo(tcb, ack)) {
        tcb.layer.ext.TCPFullUndo++;
        undo(tcb);
      }
      // Without SACK, duplicates of retransmissions must not start all over: RFC 6582 section 6.
      if (!tcb.sackOk && tcb.sndUna === tcb.highSeq) return;
      endReduction(tcb);
      break;
    case 'Loss':
      tcb.renoSacked = 0;
      if (mayUndo(tcb, ack)) {
        tcb.layer.ext.TCPLossUndo++;
        undo(tcb);
      }
      break;
    case 'Disorder':
    case 'Open':
      break;
  }
  tcb.caState = 'Open';
  tcb.undoMarker = false;
}

function inOrder(tcb: Tcb, ack: AckSummary): void {
  if (!tcb.sackOk) {
    if (ack.advanced) tcb.renoSacked = 0;
    if (ack.dubious) countDuplicate(tcb);
  } else markLost(tcb);
  const lost = tcb.rtx.lostOut > 0 || tcb.renoSacked >= tcb.reordering;
  if (lost) {
    enterRecovery(tcb);
    return;
  }
  if (tcb.rtx.retransOut === 0) tcb.retransStamp = 0;
  if (tcb.caState !== 'CWR') tcb.caState = tcb.sackedOut > 0 ? 'Disorder' : 'Open';
}

function inRecovery(tcb: Tcb, ack: AckSummary): void {
  if (!tcb.sackOk) {
    if (!ack.advanced && ack.dubious) countDuplicate(tcb);
    if (ack.advanced) {
      tcb.renoSacked = Math.max(0, tcb.renoSacked - Math.max(0, ack.acked - 1));
      if (tcb.rtx.count > 0 && (tcb.rtx.flags(0) & (LOST | RETRANS)) === 0) lose(tcb, 0); // partial: RFC 6582
    }
    return;
  }
  if (ack.advanced && ack.fromOriginal && mayUndo(tcb, ack)) {
    tcb.layer.ext.TCPPartialUndo++;
    undo(tcb);
    unloseAll(tcb);
    tcb.caState = 'Open';
    return;
  }
  markLost(tcb);
}

function inLoss(tcb: Tcb, ack: AckSummary): void {
  if (ack.advanced && mayUndo(tcb, ack)) {
    unloseAll(tcb);
    tcb.layer.ext.TCPLossUndo++;
    undo(tcb);
    tcb.caState = 'Open';
    tcb.retransmits = 0;
    return;
  }
  if (!tcb.sackOk && ack.advanced) tcb.renoSacked = 0;
  if (tcb.sackOk) markLost(tcb);
}

function countDuplicate(tcb: Tcb): void {
  const most = tcb.rtx.count - tcb.rtx.lostOut;
  tcb.renoSacked = Math.min(tcb.renoSacked + 1, Math.max(0, most));
}

/** Fast retransmit. RFC 6675 section 5 step 4, RFC 6582 section 3.2 step 2; `tcp_enter_recovery()` */
function enterRecovery(tcb: Tcb): void {
  if (tcb.sackOk) tcb.layer.ext.TCPSackRecovery++;
  else tcb.layer.ext.TCPRenoRecovery++;
  if (tcb.caState !== 'CWR') startReduction(tcb);
  tcb.highSeq = tcb.sndNxt;
  tcb.undoMarker = true;
  tcb.undoRetrans = tcb.rtx.retransOut || -1;
  tcb.caState = 'Recovery';
  if (!tcb.sackOk) lose(tcb, 0);
}

function startReduction(tcb: Tcb): void {
  tcb.priorSsthresh = Math.max(tcb.ssthresh, (tcb.cwnd >> 1) + (tcb.cwnd >> 2));
  tcb.tlpOut = false;
  tcb.cwndCnt = 0;
  tcb.priorCwnd = tcb.cwnd;
  tcb.prrDelivered = 0;
  tcb.prrOut = 0;
  tcb.ssthresh = tcb.congestion.ssthresh(tcb);
  tcb.highSeq = tcb.sndNxt;
}

/** Brings the window down without a loss, as after a local drop or a tail loss probe that mended one. `tcp_enter_cwr()` */
export function enterCwr(tcb: Tcb): void {
  if (tcb.caState !== 'Open' && tcb.caState !== 'Disorder') return;
  tcb.undoMarker = false;
  startReduction(tcb);
  tcb.caState = 'CWR';
}

function endReduction(tcb: Tcb): void {
  if (tcb.ssthresh < INFINITE_SSTHRESH && (tcb.caState === 'CWR' || tcb.undoMarker)) {
    tcb.cwnd = tcb.ssthresh;
    tcb.cwndStamp = tcb.now;
  }
}

/** A time-out: slow start from one segment. RFC 5681 section 3.1, RFC 6298 section 5; `tcp_enter_loss()` */
export function enterLoss(tcb: Tcb): void {
  const fresh = tcb.caState !== 'Recovery' && tcb.caState !== 'Loss';
  if (
    fresh ||
    !after(tcb.highSeq, tcb.sndUna) ||
    (tcb.caState === 'Loss' && tcb.retransmits === 0)
  ) {
    tcb.priorSsthresh = Math.max(tcb.ssthresh, (tcb.cwnd >> 1) + (tcb.cwnd >> 2));
    tcb.priorCwnd = tcb.cwnd;
    tcb.ssthresh = tcb.congestion.ssthresh(tcb);
    tcb.congestion.onLoss();
    tcb.undoMarker = true;
    tcb.undoRetrans = tcb.rtx.retransOut || -1;
  }
  tcb.renoSacked = 0;
  tcb.tlpOut = false;
  loseAll(tcb);
  tcb.cwnd = tcb.inFlight + 1;
  tcb.cwndCnt = 0;
  tcb.cwndStamp = tcb.now;
  tcb.caState = 'Loss';
  tcb.highSeq = tcb.sndNxt;
}

/** Whether the reduction was for nothing: every retransmission was a duplicate, or the originals came. `tcp_may_undo()` */
function mayUndo(tcb: Tcb, ack: AckSummary): boolean {
  return tcb.undoMarker && (tcb.undoRetrans === 0 || ack.fromOriginal);
}

function undo(tcb: Tcb): void {
  tcb.cwnd = tcb.congestion.undoCwnd(tcb);
  if (tcb.priorSsthresh > tcb.ssthresh) tcb.ssthresh = tcb.priorSsthresh;
  tcb.undoMarker = false;
  tcb.cwndStamp = tcb.now;
}

/** Sets the window after an acknowledgement. `tcp_cong_control()` */
export function controlCwnd(tcb: Tcb, ack: AckSummary, newlyLost: boolean): void {
  if (inReduction(tcb)) {
    reduceProportionally(tcb, ack, newlyLost);
    return;
  }
  if (ack.acked === 0 || !isCwndLimited(tcb)) return;
  tcb.congestion.congAvoid(tcb, ack.acked);
  tcb.cwndStamp = tcb.now;
}

/** RFC 6937: sends in proportion to what arrives; `tcp_cwnd_reduction()` */
function reduceProportionally(tcb: Tcb, ack: AckSummary, newlyLost: boolean): void {
  if (ack.delivered <= 0 || tcb.priorCwnd === 0) return;
  const { inFlight } = tcb;
  const delta = tcb.ssthresh - inFlight;
  tcb.prrDelivered += ack.delivered;
  let count: number;
  if (delta < 0) {
    count = Math.ceil((tcb.ssthresh * tcb.prrDelivered) / tcb.priorCwnd) - tcb.prrOut;
  } else {
    count = Math.max(tcb.prrDelivered - tcb.prrOut, ack.delivered);
    if (ack.advanced && !newlyLost) count++;
    count = Math.min(delta, count);
  }
  count = Math.max(count, tcb.prrOut > 0 ? 0 : 1);
  tcb.cwnd = inFlight + count;
}

/** Growing a window that is not used would promise what was never tried. RFC 7661; `tcp_is_cwnd_limited()` */
function isCwndLimited(tcb: Tcb): boolean {
  if (tcb.isCwndLimited) return true;
  return tcb.cwnd < tcb.ssthresh && tcb.cwnd < 2 * tcb.maxPacketsOut;
}

/** Sends lost segments again, as far as the window lets. `tcp_xmit_retransmit_queue()` */
export function resendLost(tcb: Tcb): void {
  const { rtx } = tcb;
  if (rtx.toResend === 0) return;
  if (before(tcb.resendCursor, tcb.sndUna)) tcb.resendCursor = tcb.sndUna;
  for (let i = rtx.find(tcb.resendCursor); i < rtx.count && rtx.toResend > 0; i++) {
    if (tcb.inFlight >= tcb.cwnd) return;
    if ((rtx.flags(i) & (LOST | SACKED | RETRANS)) === LOST) {
      if (tcb.caState === 'Loss') tcb.layer.ext.TCPSlowStartRetrans++;
      else tcb.layer.ext.TCPFastRetrans++;
      retransmit(tcb, i);
      if (i === 0) armRtx(tcb);
    }
    tcb.resendCursor = rtx.end(i);
  }
}
