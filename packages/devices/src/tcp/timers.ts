import { TIMEWAIT_LEN } from './input/timewait.ts';
import { done, enterTimeWait, giveUp } from './lifecycle.ts';
import { enterLoss } from './loss/recovery.ts';
import { rtoMaxUs } from './loss/rtt.ts';
import { armProbe, armRtx, rearmRtx } from './loss/rtx-timer.ts';
import { onDelayedAckTimer } from './output/delayed-ack.ts';
import { repeatSynAck, retransmit, sendActiveReset, sendProbe, sendSyn } from './output/output.ts';
import { writeWakeup, writeXmit } from './output/transmit.ts';
import { type Tcb, TIMER_DELACK, TIMER_KEEP } from './tcb.ts';

/*
 * What happens when a connection's timers expire. Linux net/ipv4/tcp_timer.c.
 *
 * rtxTimer   In use for one thing at a time (`rtxTimerUse`). retrans: the oldest segment, or the SYN, has not
 *            been acknowledged for an RTO; it is sent again and the RTO doubles (RFC 6298 section 5). probe: the
 *            peer's window is closed and data waits. loss-probe: the tail of a flight may be lost.
 * delackTimer  No data came along to carry an acknowledgement.
 * keepTimer  Keepalive; or the end of a long FIN-WAIT-2 of a closed socket.
 */

/** One of a connection's timers has expired. */
export function onTimer(tcb: Tcb, kind: number): void {
  if (tcb.state === 'CLOSED') return;
  if (kind === TIMER_DELACK) onDelayedAckTimer(tcb);
  else if (kind === TIMER_KEEP) onKeepTimer(tcb);
  else onRtxTimer(tcb);
}

function onRtxTimer(tcb: Tcb): void {
  const use = tcb.rtxTimerUse;
  tcb.rtxTimerUse = 'none';
  switch (use) {
    case 'retrans':
      if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') onSynTimeout(tcb);
      else onRetransTimeout(tcb);
      break;
    case 'probe':
      onProbeTimeout(tcb);
      break;
    case 'loss-probe':
      sendLossProbe(tcb);
      break;
    case 'none':
      break;
  }
}

/** The handshake is not answered: the SYN or SYN-ACK once more. `tcp_retransmit_timer()`, `reqsk_timer_handler()` */
function onSynTimeout(tcb: Tcb): void {
  const { conf } = tcb.layer;
  const active = tcb.state === 'SYN-SENT';
  const linear = active ? conf.tcp_syn_linear_timeouts : 0;
  const retries = tcb.options.synCnt ?? (active ? conf.tcp_syn_retries : conf.tcp_synack_retries);
  tcb.layer.ext.TCPTimeouts++;
  if (tcb.retransmits >= retries + linear) {
    if (tcb.socket !== null) giveUp(tcb);
    else done(tcb, 'time-out');
    return;
  }
  tcb.retransmits++;
  if (active) synAgain(tcb);
  else if (!repeatSynAck(tcb) && tcb.listener !== null) {
    done(tcb, 'no way out');
    return;
  }
  if (tcb.retransmits > linear) {
    tcb.backoff++;
    tcb.rtoUs = Math.min(tcb.rtoUs * 2, rtoMaxUs(tcb));
  }
  armRtx(tcb);
}

function synAgain(tcb: Tcb): void {
  const { ext } = tcb.layer;
  tcb.totalRetrans++;
  tcb.synTime = -1;
  ext.TcpTimeoutRehash++;
  if (tcb.retransmits > 1) ext.TCPLostRetransmit++;
  sendSyn(tcb);
}

/** RFC 6298 section 5.4 to 5.7. */
function onRetransTimeout(tcb: Tcb): void {
  if (tcb.rtx.count === 0) return;
  const shrunk = tcb.sndWnd === 0 && tcb.socket !== null;
  const { ext } = tcb.layer;
  ext.TCPTimeouts++;
  if (shrunk ? unheard(tcb) : timedOut(tcb)) {
    giveUp(tcb);
    return;
  }
  if (!shrunk) ext.TcpTimeoutRehash++;
  if (tcb.retransmits === 0) countRecoveryFailed(tcb);
  enterLoss(tcb);
  if (!shrunk) tcb.retransmits++;
  retransmit(tcb, 0);
  tcb.backoff++;
  tcb.rtoUs = Math.min(tcb.rtoUs * 2, rtoMaxUs(tcb));
  armRtx(tcb);
}

/** The first time-out ends whatever else was tried. `tcp_retransmit_timer()` */
function countRecoveryFailed(tcb: Tcb): void {
  const { ext } = tcb.layer;
  if (tcb.caState === 'Recovery') {
    if (tcb.sackOk) ext.TCPSackRecoveryFail++;
    else ext.TCPRenoRecoveryFail++;
  } else if (tcb.caState === 'Loss') ext.TCPLossFailures++;
  else if (tcb.caState === 'Disorder' || tcb.sackedOut > 0) {
    if (tcb.sackOk) ext.TCPSackFailures++;
    else ext.TCPRenoFailures++;
  }
}

/**
 * A peer that took its window back gets retransmissions as probes, and time as long as it answers.
 * `tcp_rtx_probe0_timed_out()`
 */
function unheard(tcb: Tcb): boolean {
  return tcb.now - tcb.lastHeard > 2 * rtoMaxUs(tcb) * 1000;
}

/** How long a number of time-outs takes with exponential backoff, microseconds. `tcp_model_timeout()` */
function modelTimeoutUs(tcb: Tcb, retries: number): number {
  const base = tcb.layer.conf.tcp_rto_min_us;
  const max = rtoMaxUs(tcb);
  const doublings = Math.floor(Math.log2(max / base));
  if (retries <= doublings) return (2 * 2 ** retries - 1) * base;
  return (2 * 2 ** doublings - 1) * base + (retries - doublings) * max;
}

/**
 * Whether it is time to give up. RFC 1122 section 4.2.3.5 (R2); `tcp_write_timeout()`
 * @deviation Counts from the last progress if that is later than the first retransmission, from which Linux counts.
 */
function timedOut(tcb: Tcb): boolean {
  const { conf } = tcb.layer;
  if (tcb.retransmits === 0 || tcb.retransStamp === 0) return false;
  const elapsed = (tcb.now - Math.max(tcb.retransStamp, tcb.progressTime)) / 1000;
  if (tcb.options.userTimeout > 0) return elapsed >= tcb.options.userTimeout / 1000;
  const retries = tcb.socket === null ? orphanRetries(tcb) : conf.tcp_retries2;
  return elapsed >= modelTimeoutUs(tcb, retries);
}

/** Patience for a connection that nobody holds. `tcp_orphan_retries()` */
function orphanRetries(tcb: Tcb): number {
  if (tcb.listener !== null) return tcb.layer.conf.tcp_retries2; // waits to be accepted
  const alive = tcb.rtoUs < rtoMaxUs(tcb);
  if (tcb.softError !== undefined && !alive) return 0;
  const { tcp_orphan_retries } = tcb.layer.conf;
  return tcp_orphan_retries === 0 && alive ? 8 : tcp_orphan_retries;
}

/** The peer's window has been closed for a while. `tcp_probe_timer()`, `tcp_send_probe0()` */
function onProbeTimeout(tcb: Tcb): void {
  if (tcb.rtx.count > 0 || tcb.sndNxt === tcb.sendEnd) {
    tcb.probesOut = 0;
    return;
  }
  if (tcb.probesOut === 0) tcb.probesStamp = tcb.now;
  const { userTimeout } = tcb.options;
  const { tcp_retries2 } = tcb.layer.conf;
  const most = tcb.socket === null && tcb.listener === null ? orphanRetries(tcb) : tcp_retries2;
  const late = userTimeout > 0 && tcb.probesOut > 0 && tcb.now - tcb.probesStamp >= userTimeout;
  if (tcb.probesOut >= most || late) {
    giveUp(tcb);
    return;
  }
  if (!writeWakeup(tcb)) tcb.layer.ext.TCPWinProbe++;
  if (tcb.rtx.count > 0) {
    tcb.probesOut = 0;
    tcb.backoff = 0;
    return;
  }
  tcb.probesOut++;
  if (tcb.backoff < tcp_retries2) tcb.backoff++;
  armProbe(tcb, Math.max(tcb.rtoUs, tcb.layer.conf.tcp_rto_min_us) * 2 ** tcb.backoff);
}

/** Sends something new, or the last segment again, so that the peer tells what it lacks. RFC 8985 section 7.3; `tcp_send_loss_probe()` */
function sendLossProbe(tcb: Tcb): void {
  if (tcb.rtx.count === 0) return;
  if (!tcb.tlpOut) {
    tcb.tlpRetrans = !writeXmit(tcb, 'one');
    if (tcb.tlpRetrans) retransmit(tcb, tcb.rtx.count - 1);
    tcb.layer.ext.TCPLossProbes++;
    tcb.tlpOut = true;
    tcb.tlpHighSeq = tcb.sndNxt;
  }
  rearmRtx(tcb);
}

function onKeepTimer(tcb: Tcb): void {
  if (tcb.state === 'FIN-WAIT-2' && tcb.socket === null) {
    enterTimeWait(tcb, 'FIN-WAIT-2', TIMEWAIT_LEN);
    return;
  }
  if (!tcb.options.keepAlive || tcb.state === 'SYN-SENT') return;
  const { conf } = tcb.layer;
  const idle = tcb.options.keepIdle ?? conf.tcp_keepalive_time * 1e9;
  const interval = tcb.options.keepIntvl ?? conf.tcp_keepalive_intvl * 1e9;
  if (tcb.rtx.count > 0 || tcb.sndNxt !== tcb.sendEnd) {
    tcb.keepTimer.arm(idle); // data in flight asks often enough
    return;
  }
  const quiet = tcb.now - Math.max(tcb.lastRcvTime, tcb.lastHeard);
  if (quiet < idle) {
    tcb.keepTimer.arm(idle - quiet);
    return;
  }
  if (keepaliveExhausted(tcb, quiet)) {
    sendActiveReset(tcb);
    giveUp(tcb);
    return;
  }
  tcb.layer.ext.TCPKeepAlive++;
  sendProbe(tcb);
  tcb.keepProbesOut++;
  tcb.keepTimer.arm(interval);
}

function keepaliveExhausted(tcb: Tcb, quiet: number): boolean {
  const { userTimeout, keepCnt } = tcb.options;
  if (userTimeout > 0) return tcb.keepProbesOut > 0 && quiet >= userTimeout;
  return tcb.keepProbesOut >= (keepCnt ?? tcb.layer.conf.tcp_keepalive_probes);
}
