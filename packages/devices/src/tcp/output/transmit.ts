import { TCPHDR_ACK, TCPHDR_FIN, TCPHDR_PSH } from '@labwire/core/wire';
import { after, before, distance, HAS_FIN } from '../buffer/index.ts';
import { armLossProbe, armProbe, rearmRtx } from '../loss/rtx-timer.ts';
import { INIT_CWND, inReduction, type Tcb } from '../tcb.ts';
import { noteDataSent, sackOptionLength, sendProbe, syncMss, transmit } from './output.ts';
import { sizeGoal, splitPoint, tsoShouldDefer, type Waiting } from './tso.ts';

/*
 * New data: what may leave now. The limits are looked at in the kernel's order: congestion window, then the
 * peer's window, then Nagle's rule. `tcp_write_xmit()`
 */

/** Ways to send. Linux TCP_NAGLE_PUSH and the like. */
export type Push = 'nagle' | 'push' | 'one';

/** Full segment now, after options. `tcp_current_mss()` */
function currentMss(tcb: Tcb): number {
  const mtu = tcb.flow.inet.mtu(tcb.flow);
  if (mtu !== tcb.pmtu) syncMss(tcb, mtu);
  return Math.max(1, tcb.mss - sackOptionLength(tcb));
}

/** Nagle's rule (RFC 9293 section 3.7.4) as Minshall mended it: one short segment may be under way. `tcp_nagle_test()` */
function nagleHolds(tcb: Tcb): boolean {
  if (tcb.options.cork) return true;
  if (tcb.options.nodelay || tcb.rtx.count === 0) return false;
  return after(tcb.sndSml, tcb.sndUna) && !after(tcb.sndSml, tcb.sndNxt);
}

/** Sends new text that is allowed to leave, a super-segment if it is more than `mss`. `tcp_event_new_data_sent()` */
function sendNew(tcb: Tcb, textLen: number, fin: boolean, mss: number): void {
  const seq = tcb.sndNxt;
  const textEnd = (seq + textLen) | 0;
  const end = fin ? (textEnd + 1) | 0 : textEnd;
  let flags = TCPHDR_ACK;
  if (fin) flags |= TCPHDR_FIN;
  if (textLen > 0 && pushes(tcb, textEnd)) flags |= TCPHDR_PSH;
  const wereOut = tcb.rtx.count;
  noteInFlight(tcb, seq, textEnd, fin, mss);
  tcb.layer.ext.TCPOrigDataSent += tcb.rtx.count - wereOut;
  if (inReduction(tcb)) tcb.prrOut += tcb.rtx.count - wereOut;
  tcb.sndNxt = end;
  if (textLen % mss !== 0) tcb.sndSml = end;
  if (textLen > 0) noteDataSent(tcb);
  transmit(tcb, seq, textLen, flags, mss);
  if (wereOut === 0 || tcb.rtxTimerUse === 'loss-probe') rearmRtx(tcb);
}

/** What is sent together may be lost one by one: each segment is noted by itself. */
function noteInFlight(tcb: Tcb, seq: number, textEnd: number, fin: boolean, mss: number): void {
  let from = seq;
  for (let to = (from + mss) | 0; before(to, textEnd); to = (to + mss) | 0) {
    tcb.rtx.push(from, to, 0, tcb.now);
    from = to;
  }
  tcb.rtx.push(from, fin ? (textEnd + 1) | 0 : textEnd, fin ? HAS_FIN : 0, tcb.now);
}

/** PSH ends what the user wrote, and marks every half window of a long write. */
function pushes(tcb: Tcb, textEnd: number): boolean {
  const forced = distance(tcb.pushedSeq, textEnd) > Math.max(tcb.maxWindow >> 1, 1);
  if (textEnd !== tcb.writeSeq && !forced) return false;
  tcb.pushedSeq = textEnd;
  return true;
}

/** What is at the head of the queue: one record that is filled anew for each look. */
const waiting: Waiting = { len: 0, tail: false, quota: 0, window: 0 };

/** Looks at what waits to be sent first. */
function lookAtHead(tcb: Tcb, goal: number, quota: number): void {
  const left = distance(tcb.sndNxt, tcb.writeSeq);
  waiting.len = Math.min(left, goal);
  waiting.tail = waiting.len === left;
  waiting.quota = quota;
  waiting.window = distance(tcb.sndNxt, (tcb.sndUna + tcb.sndWnd) | 0);
}

/** Nothing may leave; the same because of the congestion window. */
const HELD = -1;
const HELD_BY_CWND = -2;

/** Bytes of what waits that may leave now, or why none may; 0 is a FIN alone. */
function mayLeave(tcb: Tcb, mss: number, push: Push): number {
  const { len, tail, window } = waiting;
  const fin = tcb.finQueued && tail;
  if (len > mss) {
    if (window < mss) return HELD;
    const deferral = push === 'one' ? undefined : tsoShouldDefer(tcb, waiting, mss);
    if (deferral !== undefined) return deferral === 'cwnd' ? HELD_BY_CWND : HELD;
    return splitPoint(tcb, waiting, mss, push === 'nagle' && nagleHolds(tcb));
  }
  if (len + (fin ? 1 : 0) > window) return HELD;
  return len < mss && !fin && push === 'nagle' && nagleHolds(tcb) ? HELD : len;
}

/** Segments that may leave together: half the window at most, so that two packets are under way. `tcp_cwnd_test()` */
function cwndQuota(tcb: Tcb): number {
  return Math.min(Math.max(tcb.cwnd >> 1, 1), tcb.cwnd - tcb.inFlight);
}

/** Sends as much new data as may leave. @returns whether any left. `tcp_write_xmit()` */
export function writeXmit(tcb: Tcb, push: Push): boolean {
  const mss = currentMss(tcb);
  const goal = sizeGoal(tcb, mss);
  let sent = false;
  let cwndLimited = false;
  while (tcb.sndNxt !== tcb.sendEnd) {
    const quota = push === 'one' ? 1 : cwndQuota(tcb);
    if (quota <= 0) {
      cwndLimited = true;
      break;
    }
    lookAtHead(tcb, goal, quota);
    const len = mayLeave(tcb, mss, push);
    if (len < 0) {
      cwndLimited = len === HELD_BY_CWND;
      break;
    }
    const all = waiting.tail && len === waiting.len;
    sendNew(tcb, len, tcb.finQueued && all && len < waiting.window, mss);
    sent = true;
    if (push === 'one') break;
  }
  if (sent && push !== 'one') armLossProbe(tcb);
  validateCwnd(tcb, cwndLimited || (sent && tcb.inFlight >= tcb.cwnd));
  return sent;
}

/** Remembers whether the congestion window was what held data back. RFC 7661; `tcp_cwnd_validate()` */
function validateCwnd(tcb: Tcb, limited: boolean): void {
  const inFlight = tcb.rtx.count;
  if (limited || inFlight > tcb.maxPacketsOut) {
    tcb.isCwndLimited = limited;
    tcb.maxPacketsOut = inFlight;
  }
  if (limited || inFlight >= tcb.cwnd) {
    tcb.cwndUsed = 0;
    tcb.cwndStamp = tcb.now;
    return;
  }
  if (inFlight > tcb.cwndUsed) tcb.cwndUsed = inFlight;
  const { conf } = tcb.layer;
  const stale = tcb.now - tcb.cwndStamp >= tcb.rtoUs * 1000;
  if (conf.tcp_slow_start_after_idle !== 0 && stale) shrinkUnusedCwnd(tcb);
}

/** A window that the user did not fill for an RTO comes down half way to what was used. RFC 2861; `tcp_cwnd_application_limited()` */
function shrinkUnusedCwnd(tcb: Tcb): void {
  if (tcb.caState === 'Open') {
    const used = Math.max(tcb.cwndUsed, INIT_CWND);
    if (used < tcb.cwnd) {
      tcb.ssthresh = Math.max(tcb.ssthresh, (tcb.cwnd >> 1) + (tcb.cwnd >> 2));
      tcb.cwnd = (tcb.cwnd + used) >> 1;
    }
    tcb.cwndUsed = 0;
  }
  tcb.cwndStamp = tcb.now;
}

/** Sends what may leave, and looks after a window that is closed. `__tcp_push_pending_frames()` */
export function pushPending(tcb: Tcb, push: Push = 'nagle'): void {
  if (tcb.state === 'CLOSED' || tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') return;
  if (tcb.sndNxt === tcb.sendEnd) return;
  writeXmit(tcb, push);
  checkProbeTimer(tcb);
}

/** Data waits, nothing is in flight and no timer runs: the window will be probed. `tcp_check_probe_timer()` */
export function checkProbeTimer(tcb: Tcb): void {
  if (tcb.rtx.count > 0 || tcb.rtxTimerUse !== 'none' || tcb.sndNxt === tcb.sendEnd) return;
  armProbe(tcb, tcb.rtoUs);
}

/** Asks a closed window: with what fits if anything does, else with an old sequence number. @returns whether with the former. `tcp_write_wakeup()` */
export function writeWakeup(tcb: Tcb): boolean {
  const room = distance(tcb.sndNxt, (tcb.sndUna + tcb.sndWnd) | 0);
  if (tcb.sndNxt === tcb.sendEnd || room <= 0) {
    sendProbe(tcb);
    return false;
  }
  const mss = currentMss(tcb);
  const left = distance(tcb.sndNxt, tcb.writeSeq);
  const len = Math.min(left, room, mss);
  tcb.pushedSeq = (tcb.sndNxt - tcb.maxWindow) | 0;
  sendNew(tcb, len, tcb.finQueued && len === left && len < room, mss);
  return true;
}
