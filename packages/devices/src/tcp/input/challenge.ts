import { MS } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { TCPHDR_ACK, TCPHDR_SYN } from '@labwire/core/wire';
import { after, before } from '../buffer/index.ts';
import { enterQuickAck } from '../output/delayed-ack.ts';
import { sendAck, sendBare } from '../output/output.ts';
import type { Tcb } from '../tcb.ts';
import type { Segment } from './segment.ts';

/** Whether an answer to a bad segment must wait. RFC 5961 section 10; `__tcp_oow_rate_limited()` */
function rateLimited(tcb: Tcb): boolean {
  const pause = tcb.layer.conf.tcp_invalid_ratelimit * MS;
  if (tcb.oowAckTime >= 0 && tcb.now - tcb.oowAckTime < pause) return true;
  tcb.oowAckTime = tcb.now;
  return false;
}

/** Lets a peer that really lost its connection prove it, and a forger get nothing. RFC 5961 sections 3.2, 4.2 and 5.2; `tcp_send_challenge_ack()` */
export function challengeAck(tcb: Tcb): void {
  if (!rateLimited(tcb)) sendAck(tcb);
}

/** The same for what a listener has only begun, of which little is known yet. `tcp_check_req()`, `tcp_v4_reqsk_send_ack()` */
export function requestAck(tcb: Tcb, skb: SkBuff, seg: Segment): void {
  const pure = seg.textLen === 0 || seg.has(TCPHDR_SYN);
  if (pure && rateLimited(tcb)) return;
  const { flow } = tcb;
  const own = flow.tos;
  flow.tos = flow.inet.replyTos(skb);
  const window = Math.min(tcb.rcvWnd, 0xffff) >> tcb.rcvWscale;
  const times = tcb.tsOk ? { val: tcb.tsClock, ecr: tcb.tsRecent } : undefined;
  sendBare(flow, TCPHDR_ACK, (tcb.iss + 1) | 0, tcb.rcvNxt, window, times);
  flow.tos = own;
}

/**
 * Answers a segment that cannot be accepted with what would be: RFC 9293 section 3.10.7.4, first step. One
 * with text is always answered, since its sender may wait for that. `tcp_send_dupack()`
 */
export function answerUnacceptable(tcb: Tcb, seg: Segment): void {
  if (seg.textLen === 0 && rateLimited(tcb)) return;
  if (seg.end !== seg.seq && before(seg.seq, tcb.rcvNxt)) {
    enterQuickAck(tcb);
    noteDuplicate(tcb, seg.seq, after(seg.end, tcb.rcvNxt) ? tcb.rcvNxt : seg.end);
  }
  sendAck(tcb);
}

/** What arrived twice will be told with the next acknowledgement. RFC 2883; `tcp_dsack_set()` */
export function noteDuplicate(tcb: Tcb, start: number, end: number): void {
  if (!tcb.sackOk || tcb.layer.conf.tcp_dsack === 0) return;
  tcb.dsackPending = true;
  tcb.dsackStart = start;
  tcb.dsackEnd = end;
}
