import type { Errno } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import { TIMEWAIT_LEN, TimeWait } from './input/timewait.ts';
import { cancelRtx } from './loss/rtx-timer.ts';
import { sendActiveReset } from './output/output.ts';
import { checkProbeTimer, writeXmit } from './output/transmit.ts';
import type { Tcb } from './tcb.ts';

/*
 * How connections end: by both FINs, by a reset, by giving up, by close().
 */

/** The connection is no more. `tcp_done()` */
export function done(tcb: Tcb, event: string): void {
  if (tcb.state === 'CLOSED') return;
  tcb.setState('CLOSED', event);
  cancelRtx(tcb);
  tcb.delackTimer.cancel();
  tcb.keepTimer.cancel();
  tcb.rtx.clear();
  tcb.tx.release();
  tcb.txBase = tcb.writeSeq;
  tcb.reassembly.clear();
  tcb.layer.unhash(tcb);
  tcb.listener?.forgetChild(tcb);
  tcb.listener = null;
  tcb.socket?.onClosed();
}

/** Whether it is still being opened, by connect(). */
function isAttempt(tcb: Tcb): boolean {
  return tcb.state === 'SYN-SENT' || (tcb.state === 'SYN-RECEIVED' && tcb.listener === null);
}

/** The connection ends with an error for its user. `tcp_done_with_error()` */
export function fail(tcb: Tcb, errno: Errno, event: string): void {
  if (isAttempt(tcb)) tcb.layer.mib.AttemptFails++;
  tcb.error = errno;
  if (tcb.socket !== null) tcb.socket.pendingError = errno;
  done(tcb, event);
}

/** What a listener has begun is torn down by a RST or SYN. `tcp_check_req()` */
export function requestFailed(tcb: Tcb): void {
  tcb.layer.mib.AttemptFails++;
  tcb.layer.ext.EmbryonicRsts++;
}

/** An acceptable RST has arrived. RFC 9293 section 3.10.7.4, second step; `tcp_reset()` */
export function resetReceived(tcb: Tcb): void {
  if (tcb.state === 'SYN-RECEIVED' && tcb.listener !== null) requestFailed(tcb);
  const errno =
    tcb.state === 'SYN-SENT' ? 'ECONNREFUSED' : tcb.state === 'CLOSE-WAIT' ? 'EPIPE' : 'ECONNRESET';
  fail(tcb, errno, 'RST');
}

/** The peer does not answer any more. `tcp_write_err()` */
export function giveUp(tcb: Tcb): void {
  tcb.layer.ext.TCPAbortOnTimeout++;
  fail(tcb, tcb.softError ?? 'ETIMEDOUT', 'time-out');
}

/** Aborts: the peer gets a RST. RFC 9293 section 3.10.5 */
export function abort(tcb: Tcb, event: string): void {
  const synchronized = tcb.state !== 'SYN-SENT' && tcb.state !== 'CLOSED';
  if (synchronized) sendActiveReset(tcb);
  done(tcb, event);
}

/** Leaves a small record in place of the connection: in TIME-WAIT, or in FIN-WAIT-2 that nobody holds. `tcp_time_wait()` */
export function enterTimeWait(tcb: Tcb, state: 'TIME-WAIT' | 'FIN-WAIT-2', nanos: number): void {
  const { layer } = tcb;
  if (layer.timeWaitCount >= layer.conf.tcp_max_tw_buckets) {
    layer.ext.TCPTimeWaitOverflow++;
    done(tcb, 'too many in TIME-WAIT');
    return;
  }
  const timeWait = new TimeWait(tcb, state);
  done(tcb, state);
  layer.addTimeWait(timeWait);
  timeWait.arm(nanos);
}

/** Queues the FIN behind all data and sends what may go. `tcp_send_fin()` */
function queueFin(tcb: Tcb): void {
  tcb.finQueued = true;
  writeXmit(tcb, 'push');
  checkProbeTimer(tcb);
}

/** The user will send no more. RFC 9293 section 3.10.4; `tcp_close_state()` */
export function closeSending(tcb: Tcb): void {
  switch (tcb.state) {
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
      tcb.setState('FIN-WAIT-1', 'CLOSE');
      queueFin(tcb);
      break;
    case 'CLOSE-WAIT':
      tcb.setState('LAST-ACK', 'CLOSE');
      queueFin(tcb);
      break;
    case 'SYN-SENT':
      done(tcb, 'CLOSE');
      break;
    case 'CLOSED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
    case 'CLOSING':
    case 'LAST-ACK':
    case 'TIME-WAIT':
      break;
  }
}

/** close(2): nobody holds the connection any more; what is queued still goes out. `__tcp_close()` */
export function closeByUser(tcb: Tcb): void {
  const unread = tcb.unreadBytes > 0;
  tcb.rcvShutdown = true;
  tcb.socket = null;
  if (tcb.state === 'CLOSED') return;
  if (unread || tcb.options.linger === 0) {
    if (unread) tcb.layer.ext.TCPAbortOnClose++;
    else tcb.layer.ext.TCPAbortOnData++;
    abort(tcb, unread ? 'CLOSE with unread data' : 'CLOSE with linger 0');
    return;
  }
  closeSending(tcb);
  if (tcb.state === 'FIN-WAIT-2') enterOrphanFinWait2(tcb);
}

/** How long FIN-WAIT-2 may last once nobody holds the socket. `tcp_fin_time()` */
function finTime(tcb: Tcb): number {
  const wanted = tcb.options.linger2 ?? tcb.layer.conf.tcp_fin_timeout * SEC;
  const rto = ((tcb.rtoUs << 2) - (tcb.rtoUs >> 1)) * 1000;
  return Math.max(wanted, rto);
}

/** Waits for the peer's FIN without a socket. */
export function enterOrphanFinWait2(tcb: Tcb): void {
  const time = finTime(tcb);
  if (time > TIMEWAIT_LEN) tcb.keepTimer.arm(time - TIMEWAIT_LEN);
  else enterTimeWait(tcb, 'FIN-WAIT-2', time);
}
