import type { DropReason, SkBuff } from '@labwire/core/skb';
import { TCPHDR_ACK, TCPHDR_RST, TCPHDR_SYN } from '@labwire/core/wire';
import { after, before } from '../buffer/index.ts';
import { done, requestFailed, resetReceived } from '../lifecycle.ts';
import type { Tcb } from '../tcb.ts';
import { answerRepeatedSyn, answerUnacceptableRequest, challengeRequest } from './challenge.ts';
import { numberPackets } from './handshake.ts';
import { pawsRejects } from './paws.ts';
import { replyReset } from './reset.ts';
import type { Segment } from './segment.ts';

/*
 * What a listener has only begun, `struct request_sock`: a segment must pass these steps before the connection is
 * made, which then looks at it once more. In the order of Linux tcp_check_req().
 */

/** The largest window that a SYN-ACK can offer. `tcp_synack_window()` */
const MAX_SYN_WINDOW = 65_535;

/** Whether a listener has only begun the connection. */
export function isRequest(tcb: Tcb): boolean {
  return tcb.state === 'SYN-RECEIVED' && tcb.listener !== null;
}

/** A segment arrives for a request. @returns why it was dropped; undefined if it makes the connection */
export function requestArrives(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  const old = tcb.tsOk && seg.options.timestamps && pawsRejects(tcb, seg, tcb.now);
  return (
    repeatedSyn(tcb, seg, old) ??
    strayAck(tcb, skb, seg) ??
    checkSequence(tcb, skb, seg, old) ??
    checkReset(tcb, skb, seg) ??
    checkSyn(tcb, skb, seg) ??
    (seg.has(TCPHDR_ACK) ? undefined : 'tcp_flags')
  );
}

/** Before all: the peer has not heard our SYN-ACK and repeats its SYN. */
function repeatedSyn(tcb: Tcb, seg: Segment, old: boolean): DropReason | undefined {
  if (!seg.has(TCPHDR_SYN) || seg.has(TCPHDR_ACK | TCPHDR_RST)) return undefined;
  if (seg.seq !== tcb.irs || old) return undefined;
  answerRepeatedSyn(tcb);
  return 'tcp_old_data';
}

/** An acknowledgement of what our SYN-ACK was not is for the listener, which resets; a reset's does not matter. */
function strayAck(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  if (!seg.has(TCPHDR_ACK) || seg.has(TCPHDR_RST)) return undefined;
  if (seg.ack === ((tcb.iss + 1) | 0)) return undefined;
  replyReset(tcb.layer, tcb.flow.inet, skb, seg);
  return 'tcp_invalid_sequence';
}

/** The timestamp must be new enough and echo one of ours, the text reach into the window; of a reset outside nobody is told. */
function checkSequence(tcb: Tcb, skb: SkBuff, seg: Segment, old: boolean): DropReason | undefined {
  const { ext } = tcb.layer;
  const wrongEcho = echoesNothing(tcb, seg);
  if (!old && !wrongEcho && inWindow(tcb, seg)) return undefined;
  if (!seg.has(TCPHDR_RST)) answerUnacceptableRequest(tcb, skb, seg);
  if (old) ext.PAWSEstab++;
  else if (wrongEcho) ext.TSEcrRejected++;
  return old || wrongEcho ? 'tcp_rfc7323_paws' : 'tcp_overwindow';
}

/** Whether a segment echoes a timestamp that no SYN-ACK had. */
function echoesNothing(tcb: Tcb, { options }: Segment): boolean {
  const { timestamps, tsEcr } = options;
  if (!tcb.tsOk || !timestamps || tsEcr === 0) return false;
  return before(tsEcr | 0, tcb.synAckFirst) || after(tsEcr | 0, tcb.synAckLast);
}

/** `tcp_in_window()` */
function inWindow(tcb: Tcb, seg: Segment): boolean {
  const end = (tcb.rcvNxt + Math.min(tcb.rcvWnd, MAX_SYN_WINDOW)) | 0;
  if (seg.seq === tcb.rcvNxt) return true;
  if (after(seg.end, tcb.rcvNxt) && before(seg.seq, end)) return true;
  return seg.seq === end && seg.seq === seg.end;
}

/** RST, which must hit RCV.NXT exactly. RFC 9293 section 3.10.7.4 */
function checkReset(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  if (!seg.has(TCPHDR_RST)) return undefined;
  if (seg.seq === tcb.rcvNxt) resetReceived(tcb);
  else challengeRequest(tcb, skb);
  return 'tcp_reset';
}

/** SYN in the window; one that is the first again begins before it, and is for the connection to judge. */
function checkSyn(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  if (!seg.has(TCPHDR_SYN)) return undefined;
  if (seg.seq === tcb.irs) {
    numberPackets(tcb);
    return undefined;
  }
  requestFailed(tcb);
  replyReset(tcb.layer, tcb.flow.inet, skb, seg);
  done(tcb, 'SYN');
  return 'tcp_invalid_syn';
}
