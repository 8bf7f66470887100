import { MS } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { TCPHDR_ACK, TCPHDR_SYN } from '@labwire/core/wire';
import { after, before } from '../buffer/index.ts';
import { armRtx } from '../loss/rtx-timer.ts';
import type { TcpExtMib } from '../mib.ts';
import { enterQuickAck } from '../output/delayed-ack.ts';
import { repeatSynAck, sendAck, sendBare } from '../output/output.ts';
import type { Tcb } from '../tcb.ts';
import type { Segment } from './segment.ts';

/** Counters of answers that were not given. */
type Skipped = {
  [K in keyof TcpExtMib]: K extends `TCPACKSkipped${string}` ? K : never;
}[keyof TcpExtMib];

/** Whether an answer to a bad segment must wait. RFC 5961 section 10; `__tcp_oow_rate_limited()` */
function rateLimited(tcb: Tcb, counter: Skipped): boolean {
  const pause = tcb.layer.conf.tcp_invalid_ratelimit * MS;
  if (tcb.oowAckTime >= 0 && tcb.now - tcb.oowAckTime < pause) {
    tcb.layer.ext[counter]++;
    return true;
  }
  tcb.oowAckTime = tcb.now;
  return false;
}

/** Lets a peer that really lost its connection prove it, and a forger get nothing. RFC 5961 sections 3.2, 4.2 and 5.2; `tcp_send_challenge_ack()` */
export function challengeAck(tcb: Tcb): void {
  if (rateLimited(tcb, 'TCPACKSkippedChallenge')) return;
  tcb.layer.ext.TCPChallengeACK++;
  sendAck(tcb);
}

/** A SYN that comes again is answered again, though not as often as it comes. `tcp_check_req()` */
export function answerRepeatedSyn(tcb: Tcb): void {
  if (rateLimited(tcb, 'TCPACKSkippedSynRecv')) return;
  if (repeatSynAck(tcb)) armRtx(tcb);
}

/** Tells what a listener has only begun of a segment that it cannot take; text is always answered. `tcp_check_req()` */
export function answerUnacceptableRequest(tcb: Tcb, skb: SkBuff, seg: Segment): void {
  const pure = seg.end === seg.seq || seg.has(TCPHDR_SYN);
  if (pure && rateLimited(tcb, 'TCPACKSkippedSynRecv')) return;
  sendRequestAck(tcb, skb);
}

/** {@link challengeAck} of what a listener has only begun. `tcp_reqsk_send_challenge_ack()` */
export function challengeRequest(tcb: Tcb, skb: SkBuff): void {
  if (rateLimited(tcb, 'TCPACKSkippedChallenge')) return;
  tcb.layer.ext.TCPChallengeACK++;
  sendRequestAck(tcb, skb);
}

/** An acknowledgement by what little a request knows. `tcp_v4_reqsk_send_ack()` */
function sendRequestAck(tcb: Tcb, skb: SkBuff): void {
  const { flow } = tcb;
  const { tos, netOptions } = flow;
  flow.tos = flow.inet.replyTos(skb);
  flow.inet.echoOptions(flow, skb);
  const window = Math.min(tcb.rcvWnd, 0xffff) >> tcb.rcvWscale;
  const times = tcb.tsOk ? { val: tcb.tsClock, ecr: tcb.tsRecent } : undefined;
  sendBare(tcb.layer.mib, flow, TCPHDR_ACK, (tcb.iss + 1) | 0, tcb.rcvNxt, window, times);
  flow.tos = tos;
  flow.netOptions = netOptions;
}

/**
 * Answers a segment that cannot be accepted with what would be: RFC 9293 section 3.10.7.4, first step. One
 * with text or FIN is always answered, since its sender may wait for that. `tcp_oow_rate_limited()`, `tcp_send_dupack()`
 */
export function answerUnacceptable(tcb: Tcb, seg: Segment, paws: boolean = false): void {
  const counter = paws ? 'TCPACKSkippedPAWS' : 'TCPACKSkippedSeq';
  if (seg.end === seg.seq && rateLimited(tcb, counter)) return;
  if (seg.end !== seg.seq && before(seg.seq, tcb.rcvNxt)) {
    noteSpuriousRetransmission(tcb, seg.seq);
    enterQuickAck(tcb);
    noteDuplicate(tcb, seg.seq, after(seg.end, tcb.rcvNxt) ? tcb.rcvNxt : seg.end);
  }
  sendAck(tcb);
}

/** The peer sends again what had arrived; once more the same, and its path is thought bad. `tcp_rcv_spurious_retrans()` */
export function noteSpuriousRetransmission(tcb: Tcb, seq: number): void {
  const { ext } = tcb.layer;
  ext.DelayedACKLost++;
  if (tcb.dsackDups >= 0 && seq === tcb.dsackStart) ext.TcpDuplicateDataRehash++;
}

/** More of what arrived twice; what does not touch the rest goes untold. `tcp_dsack_extend()` */
export function noteMoreDuplicate(tcb: Tcb, start: number, end: number): void {
  if (!tcb.dsackPending) noteDuplicate(tcb, start, end);
  else if (!after(start, tcb.dsackEnd) && !after(tcb.dsackStart, end)) {
    if (before(start, tcb.dsackStart)) tcb.dsackStart = start;
    if (after(end, tcb.dsackEnd)) tcb.dsackEnd = end;
  }
}

/** What arrived twice will be told with the next acknowledgement. RFC 2883; `tcp_dsack_set()` */
export function noteDuplicate(tcb: Tcb, start: number, end: number): void {
  if (!tcb.sackOk || tcb.layer.conf.tcp_dsack === 0) return;
  if (before(start, tcb.rcvNxt)) tcb.layer.ext.TCPDSACKOldSent++;
  else tcb.layer.ext.TCPDSACKOfoSent++;
  tcb.dsackPending = true;
  tcb.dsackStart = start;
  tcb.dsackEnd = end;
}
