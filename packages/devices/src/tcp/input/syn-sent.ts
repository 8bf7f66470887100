import type { DropReason, SkBuff } from '@labwire/core/skb';
import { TCPHDR_ACK, TCPHDR_RST, TCPHDR_SYN } from '@labwire/core/wire';
import { after } from '../buffer/index.ts';
import { resetReceived } from '../lifecycle.ts';
import { armRtx } from '../loss/rtx-timer.ts';
import { sendAck, sendSynAck } from '../output/output.ts';
import { RTO_INIT_US, type Tcb } from '../tcb.ts';
import { establish, takeSyn } from './handshake.ts';
import { replyReset } from './reset.ts';
import type { Segment } from './segment.ts';

/** A segment arrives in SYN-SENT. RFC 9293 section 3.10.7.3; `tcp_rcv_synsent_state_process()` */
export function synSentArrives(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  return (
    checkAckField(tcb, skb, seg) ?? checkReset(tcb, seg) ?? checkSyn(tcb, seg) ?? opened(tcb, seg)
  );
}

/** First: does it acknowledge our SYN, and nothing else? */
function checkAckField(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  if (!seg.has(TCPHDR_ACK)) return undefined;
  if (after(seg.ack, tcb.sndUna) && !after(seg.ack, tcb.sndNxt)) return undefined;
  replyReset(tcb.layer, tcb.flow.inet, skb, seg);
  return 'tcp_invalid_sequence';
}

/** Second: a reset counts if it acknowledges the SYN. */
function checkReset(tcb: Tcb, seg: Segment): DropReason | undefined {
  if (!seg.has(TCPHDR_RST)) return undefined;
  if (seg.has(TCPHDR_ACK)) resetReceived(tcb);
  return 'tcp_reset';
}

/** Fifth: neither SYN nor RST. */
function checkSyn(_tcb: Tcb, seg: Segment): DropReason | undefined {
  return seg.has(TCPHDR_SYN) ? undefined : 'tcp_flags';
}

/** Fourth: a SYN. With an ACK the connection is open; without one both sides opened at once. */
function opened(tcb: Tcb, seg: Segment): DropReason | undefined {
  takeSyn(tcb, seg);
  tcb.rcvSsthresh = tcb.rcvWnd;
  if (seg.has(TCPHDR_ACK)) {
    establish(tcb, seg);
    sendAck(tcb);
    tcb.socket?.onConnected();
    return undefined;
  }
  tcb.setState('SYN-RECEIVED', 'SYN');
  sendSynAck(tcb);
  armRtx(tcb, RTO_INIT_US);
  return undefined;
}
