import type { DropReason } from '@labwire/core/skb';
import { TCPHDR_FIN, TCPHDR_SYN } from '@labwire/core/wire';
import { after, before, distance, EVER_RETRANS, SACKED } from '../buffer/index.ts';
import { challengeAck } from '../input/challenge.ts';
import { pawsPasses } from '../input/paws.ts';
import type { Segment } from '../input/segment.ts';
import { syncMss } from '../output/output.ts';
import { burstDelayUs } from '../output/tso.ts';
import { expandSendBuffer } from '../output/window.ts';
import type { Tcb } from '../tcb.ts';
import { AckSummary, controlCwnd, enterCwr, onAckInTrouble, resendLost } from './recovery.ts';
import { sampleRtt, timestampRtt, updateRto } from './rtt.ts';
import { armProbe, cancelRtx, rearmRtx } from './rtx-timer.ts';
import { noteDelivered, tagSacks } from './sack.ts';

/*
 * What an acknowledgement does to the sender, RFC 9293 section 3.10.7.4, fifth step, in the order of Linux'
 * tcp_ack(): is it acceptable; the peer's window; segments that it takes off the queue, with their round trip;
 * losses that it shows; the congestion window; what is sent again. New data is sent by the caller.
 */

const summary = new AckSummary();

/** What came off the queue: filled by {@link cleanQueue}. */
let sawRetransmitted = false;
let rttUs = -1;
/** Of the latest segment that came off; -1 if it had been sent again. */
let latestRttUs = -1;

/**
 * Takes in SEG.ACK of a segment that lies in the window.
 * @returns why the segment is not worth looking at further; undefined if it is
 */
export function processAck(tcb: Tcb, seg: Segment): DropReason | undefined {
  if (before(seg.ack, tcb.sndUna)) return processOldAck(tcb, seg);
  if (after(seg.ack, tcb.sndNxt)) {
    challengeAck(tcb);
    return 'tcp_invalid_sequence';
  }
  takeTimestamp(tcb, seg);
  const inFlight = tcb.rtx.count;
  const advanced = after(seg.ack, tcb.sndUna);
  if (advanced) {
    tcb.retransmits = 0;
    tcb.progressTime = tcb.now;
  }
  countAck(tcb, seg, advanced);
  const windowMoved = updateWindow(tcb, seg);
  acknowledge(tcb, seg.ack);
  tcb.softError = undefined;
  tcb.probesOut = 0;
  tcb.keepProbesOut = 0;
  tcb.lastHeard = tcb.now;
  if (inFlight === 0) {
    probeAnswered(tcb);
    return undefined;
  }
  summary.advanced = advanced;
  const newlySacked = tcb.sackOk && seg.options.sackCount > 0 ? tagSacks(tcb, seg) : 0;
  cleanQueue(tcb, seg.ack);
  takeRtt(tcb, seg);
  if (latestRttUs >= 0) tellCongestion(tcb);
  summary.delivered += newlySacked;
  const plain = !windowMoved && seg.textLen === 0 && !seg.has(TCPHDR_SYN | TCPHDR_FIN);
  summary.dubious = newlySacked > 0 || (!advanced && plain && !tcb.sackOk);
  finishAck(tcb, seg, plain);
  return undefined;
}

/** RFC 7323 section 4.3: TS.Recent follows segments that do not come after what was last acknowledged. `tcp_replace_ts_recent()` */
function takeTimestamp(tcb: Tcb, seg: Segment): void {
  if (!tcb.tsOk || !seg.options.timestamps || after(seg.seq, tcb.rcvWup)) return;
  if (!pawsPasses(tcb, seg, tcb.now, 0)) return;
  tcb.tsRecent = seg.options.tsVal | 0;
  tcb.tsRecentTime = tcb.now;
}

/** Header prediction's share. `tcp_ack()` */
function countAck(tcb: Tcb, seg: Segment, advanced: boolean): void {
  const { ext } = tcb.layer;
  if (seg.predicted) {
    if (advanced) ext.TCPHPAcks++;
    else if (seg.textLen === 0) ext.TCPPureAcks++;
  } else if (seg.end === seg.seq) ext.TCPPureAcks++;
}

/** An acknowledgement from before: only its SACKs are news. RFC 5961 section 5.2, and not of what was never sent. */
function processOldAck(tcb: Tcb, seg: Segment): DropReason | undefined {
  if (before(seg.ack, (tcb.sndUna - Math.min(tcb.maxWindow, tcb.bytesAcked)) | 0)) {
    challengeAck(tcb);
    return 'tcp_invalid_sequence';
  }
  if (!tcb.sackOk || seg.options.sackCount === 0 || tcb.rtx.count === 0) return undefined;
  summary.advanced = false;
  summary.acked = 0;
  summary.delivered = tagSacks(tcb, seg);
  summary.dubious = summary.delivered > 0;
  if (summary.dubious) finishAck(tcb, seg, false);
  return undefined;
}

/** The second half of processing: losses, windows, retransmissions. */
function finishAck(tcb: Tcb, seg: Segment, plain: boolean): void {
  tcb.delivered += summary.delivered;
  tcb.layer.ext.TCPDelivered += summary.delivered;
  summary.fromOriginal = cameFromOriginal(tcb, seg);
  if (tcb.tlpOut) lossProbeAnswered(tcb, seg, plain);
  const waiting = tcb.rtx.toResend;
  if (summary.dubious || tcb.caState !== 'Open' || tcb.rtx.lostOut > 0)
    onAckInTrouble(tcb, summary);
  controlCwnd(tcb, summary, tcb.rtx.toResend > waiting);
  if (summary.advanced) rearmRtx(tcb);
  if (tcb.rtx.count === 0) {
    tcb.retransStamp = 0;
    probeAnswered(tcb);
  }
  resendLost(tcb);
}

/** Whether a segment is new enough to tell of the window. `tcp_may_update_window()` */
export function mayUpdateWindow(tcb: Tcb, seg: Segment, wnd: number): boolean {
  return (
    after(seg.ack, tcb.sndUna) ||
    after(seg.seq, tcb.sndWl1) ||
    (seg.seq === tcb.sndWl1 && (wnd > tcb.sndWnd || wnd === 0))
  );
}

/** RFC 9293 section 3.10.7.4: SND.WND, SND.WL1, SND.WL2. @returns whether the window changed. `tcp_ack_update_window()` */
function updateWindow(tcb: Tcb, seg: Segment): boolean {
  const wnd = seg.has(TCPHDR_SYN) ? seg.window : seg.window << tcb.sndWscale;
  if (!mayUpdateWindow(tcb, seg, wnd)) return false;
  tcb.sndWl1 = seg.seq;
  if (wnd === tcb.sndWnd) return false;
  tcb.sndWnd = wnd;
  tcb.fastPath = tcb.reassembly.count === 0;
  if (wnd > tcb.maxWindow) {
    tcb.maxWindow = wnd;
    syncMss(tcb, tcb.pmtu);
  }
  return true;
}

/** Moves SND.UNA and lets go of what the user wrote up to there. */
function acknowledge(tcb: Tcb, ack: number): void {
  const moved = distance(tcb.sndUna, ack);
  tcb.sndUna = ack;
  tcb.bytesAcked += moved;
  const text = Math.min(distance(tcb.txBase, ack), tcb.queuedBytes);
  if (text <= 0) return;
  tcb.tx.drop(text);
  tcb.txBase = (tcb.txBase + text) | 0;
  expandSendBuffer(tcb);
  tcb.socket?.onSendSpace();
}

/** Takes acknowledged segments off the queue. `tcp_clean_rtx_queue()` */
function cleanQueue(tcb: Tcb, ack: number): void {
  const { rtx } = tcb;
  sawRetransmitted = false;
  rttUs = -1;
  latestRttUs = -1;
  let acked = 0;
  let delivered = 0;
  while (rtx.count > 0 && !after(rtx.end(0), ack)) {
    const flags = rtx.flags(0);
    if ((flags & EVER_RETRANS) !== 0) sawRetransmitted = true;
    else if ((flags & SACKED) === 0) {
      latestRttUs = Math.floor((tcb.now - rtx.sentAt(0)) / 1000);
      if (rttUs < 0) rttUs = latestRttUs;
    }
    if ((flags & SACKED) === 0) {
      delivered++;
      noteDelivered(tcb, 0, flags);
    }
    rtx.shift();
    acked++;
  }
  if (rtx.count > 0 && after(ack, rtx.seq(0))) rtx.trimFirst(ack);
  summary.acked = acked;
  summary.delivered = delivered;
}

/** Lets congestion control see the round trip of the latest segment. `tcp_clean_rtx_queue()` */
function tellCongestion(tcb: Tcb): void {
  const found = tcb.congestion.onAcked(tcb, latestRttUs, burstDelayUs(tcb));
  if (found === undefined) return;
  const { ext } = tcb.layer;
  if (found === 'train') {
    ext.TCPHystartTrainDetect++;
    ext.TCPHystartTrainCwnd += tcb.cwnd;
  } else {
    ext.TCPHystartDelayDetect++;
    ext.TCPHystartDelayCwnd += tcb.cwnd;
  }
}

/** Karn's algorithm: a retransmitted segment tells its round trip only by its timestamp. RFC 6298 section 3; `tcp_ack_update_rtt()` */
function takeRtt(tcb: Tcb, seg: Segment): void {
  if (summary.acked === 0) return;
  let us = sawRetransmitted ? -1 : rttUs;
  if (us < 0 && tcb.tsOk && seg.options.timestamps) us = timestampRtt(tcb, seg.options.tsEcr) ?? -1;
  if (us < 0) return;
  sampleRtt(tcb, us);
  updateRto(tcb);
}

function cameFromOriginal(tcb: Tcb, seg: Segment): boolean {
  if (tcb.retransStamp === 0 || !seg.options.timestamps || seg.options.tsEcr === 0) return false;
  const stamp = (Math.floor(tcb.retransStamp / 1_000_000) + tcb.tsOffset) | 0;
  return before(seg.options.tsEcr | 0, stamp);
}

/** The probe of the tail has been answered: if it mended a loss, the window pays for it. RFC 8985 section 7.4; `tcp_process_tlp_ack()` */
function lossProbeAnswered(tcb: Tcb, seg: Segment, plain: boolean): void {
  if (before(seg.ack, tcb.tlpHighSeq)) return;
  if (!tcb.tlpRetrans || seg.options.sackCount > 0) {
    tcb.tlpOut = false; // new data, or the peer says that it had it twice
    return;
  }
  if (after(seg.ack, tcb.tlpHighSeq)) {
    tcb.tlpOut = false;
    tcb.layer.ext.TCPLossProbeRecovery++;
    enterCwr(tcb);
    tcb.caState = 'Open';
    tcb.cwnd = tcb.ssthresh;
  } else if (plain && !summary.advanced) tcb.tlpOut = false;
}

/** Nothing is in flight: the answer to a window probe, or the end of an exchange. `tcp_ack_probe()` */
function probeAnswered(tcb: Tcb): void {
  if (tcb.sndNxt === tcb.sendEnd) return;
  const next = Math.min(distance(tcb.sndNxt, tcb.writeSeq), tcb.mss);
  if (next <= distance(tcb.sndNxt, (tcb.sndUna + tcb.sndWnd) | 0)) {
    tcb.backoff = 0;
    cancelRtx(tcb);
  } else if (tcb.rtx.count === 0) armProbe(tcb, tcb.rtoUs * 2 ** Math.min(tcb.backoff, 16));
}
