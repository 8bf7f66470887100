import { distance } from '../buffer/index.ts';
import { ATO_MIN_US, type Tcb } from '../tcb.ts';
import { sendAck } from './output.ts';
import {
  growWindow,
  measureReceiveRttByWindow,
  measureSegment,
  receiveWindow,
  usableWindow,
} from './window.ts';

/*
 * When to acknowledge. Linux starts in quick mode (every segment at once, for 16 segments or half a window),
 * then acknowledges every second full segment at once and the rest after a delay, `ato`, that follows the pace
 * of arrivals between 40 and 200 ms. A connection of question and answer (pingpong) waits for data to ride on.
 */

/** Microseconds. TCP_DELACK_MAX */
const DELACK_MAX_US = 200_000;
/** TCP_MAX_QUICKACKS */
const MAX_QUICKACKS = 16;

/** Adds to the acknowledgements that go out at once. `tcp_incr_quickack()` */
function moreQuickAcks(tcb: Tcb): void {
  const n = Math.floor(tcb.rcvWnd / (2 * tcb.rcvMss)) || 2;
  tcb.quick = Math.max(tcb.quick, Math.min(n, MAX_QUICKACKS));
}

/** The sender must hear at once, and for some time: there are holes. `tcp_enter_quickack_mode()` */
export function enterQuickAck(tcb: Tcb): void {
  moreQuickAcks(tcb);
  tcb.pingpong = false;
  tcb.atoUs = ATO_MIN_US;
}

/** Adapts to the pace of arrivals: `len` bytes, in segments of `gsoSize` if that is not 0. `tcp_event_data_recv()` */
export function noteDataReceived(tcb: Tcb, len: number, gsoSize: number): void {
  tcb.ackPending = true;
  measureSegment(tcb, gsoSize === 0 ? len : gsoSize);
  measureReceiveRttByWindow(tcb);
  const us = Math.floor((tcb.now - tcb.lastRcvTime) / 1000);
  if (tcb.atoUs === 0) {
    moreQuickAcks(tcb);
    tcb.atoUs = ATO_MIN_US;
  } else if (us <= ATO_MIN_US / 2) tcb.atoUs = (tcb.atoUs >> 1) + ATO_MIN_US / 2;
  else if (us < tcb.atoUs) tcb.atoUs = Math.min((tcb.atoUs >> 1) + us, tcb.rtoUs);
  else if (us > tcb.rtoUs) moreQuickAcks(tcb);
  tcb.lastRcvTime = tcb.now;
  if (len >= 128) growWindow(tcb, len);
}

/** Acknowledges what has come in: now or later. `__tcp_ack_snd_check()` */
export function checkAck(tcb: Tcb): void {
  if (!tcb.ackPending) return;
  const twoSegments =
    distance(tcb.rcvWup, tcb.rcvNxt) > tcb.rcvMss && usableWindow(tcb) >= tcb.rcvWnd;
  const quick = tcb.quick > 0 && !tcb.pingpong;
  if (twoSegments || quick || tcb.ackNow || tcb.reassembly.count > 0) sendAck(tcb);
  else delayAck(tcb);
}

/** Arms the delayed acknowledgement. `tcp_send_delayed_ack()` */
function delayAck(tcb: Tcb): void {
  tcb.ackPending = true;
  let ato = Math.max(tcb.atoUs, ATO_MIN_US);
  if (ato > ATO_MIN_US) {
    let max = tcb.pingpong || tcb.ackPushed ? DELACK_MAX_US : 500_000;
    if (tcb.srtt > 0) max = Math.min(max, Math.max(tcb.srtt >> 3, ATO_MIN_US));
    ato = Math.min(ato, max);
  }
  ato = Math.min(ato, DELACK_MAX_US);
  const at = tcb.now + ato * 1000;
  if (tcb.delackTimer.armed) {
    if (tcb.delackTimer.deadline <= tcb.now + (ato / 4) * 1000) {
      sendAck(tcb);
      return;
    }
    if (tcb.delackTimer.deadline <= at) return;
  }
  tcb.delackTimer.arm(ato * 1000);
}

/** Nothing came along to carry the acknowledgement. `tcp_delack_timer_handler()` */
export function onDelayedAckTimer(tcb: Tcb): void {
  if (!tcb.ackPending) return;
  if (tcb.pingpong) {
    tcb.pingpong = false;
    tcb.atoUs = ATO_MIN_US;
  } else tcb.atoUs = Math.min(tcb.atoUs << 1, tcb.rtoUs);
  tcb.layer.ext.DelayedACKs++;
  sendAck(tcb);
}

/** The user has read `copied` bytes: tells of the window that this opens. `__tcp_cleanup_rbuf()` */
export function ackAfterRead(tcb: Tcb, copied: number): void {
  if (tcb.state === 'CLOSED' || tcb.state === 'SYN-SENT') return;
  if (tcb.ackPending && dueAfterRead(tcb, copied)) {
    sendAck(tcb);
    return;
  }
  if (copied <= 0 || tcb.rcvShutdown) return;
  const left = receiveWindow(tcb);
  if (2 * left > tcb.windowClamp) return;
  const win = usableWindow(tcb);
  if (win > 0 && win >= 2 * left) sendAck(tcb);
}

function dueAfterRead(tcb: Tcb, copied: number): boolean {
  if (distance(tcb.rcvWup, tcb.rcvNxt) > tcb.rcvMss) return true;
  const drained = tcb.unreadBytes === 0;
  return copied > 0 && drained && (tcb.ackPushed2 || (tcb.ackPushed && !tcb.pingpong));
}
