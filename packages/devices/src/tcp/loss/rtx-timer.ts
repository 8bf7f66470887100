import { RTO_INIT_US, type RtxTimerUse, type Tcb } from '../tcb.ts';
import { rtoMaxUs, wheelExpiry } from './rtt.ts';

/** What a tail loss probe waits longer than two round trips, microseconds. TCP_TIMEOUT_MIN_US */
const TIMEOUT_MIN_US = 2_000;

function arm(tcb: Tcb, use: RtxTimerUse, us: number): void {
  tcb.rtxTimerUse = use;
  tcb.rtxTimer.arm(wheelExpiry(tcb.now, Math.min(us, rtoMaxUs(tcb))) - tcb.now);
}

/** Stops the timer. */
export function cancelRtx(tcb: Tcb): void {
  tcb.rtxTimerUse = 'none';
  tcb.rtxTimer.cancel();
}

/** Starts the retransmission timer anew. RFC 6298 section 5; `tcp_reset_xmit_timer()` */
export function armRtx(tcb: Tcb, us: number = tcb.rtoUs): void {
  arm(tcb, 'retrans', us);
}

/** After an acknowledgement: from now if something is in flight, else not at all. RFC 6298 sections 5.2 and 5.3; `tcp_rearm_rto()` */
export function rearmRtx(tcb: Tcb): void {
  if (tcb.rtx.count === 0) {
    cancelRtx(tcb);
    return;
  }
  // A loss probe had taken the timer's place: from when the oldest segment was sent.
  armRtx(tcb, tcb.rtxTimerUse === 'loss-probe' ? Math.max(1, rtoLeftUs(tcb)) : tcb.rtoUs);
}

/** Microseconds from now until the oldest segment's RTO. `tcp_rto_delta_us()` */
function rtoLeftUs(tcb: Tcb): number {
  return tcb.rtoUs - Math.floor((tcb.now - tcb.rtx.sentAt(0)) / 1000);
}

/** Arms the probe of a closed window. RFC 9293 section 3.8.6.1 */
export function armProbe(tcb: Tcb, us: number): void {
  arm(tcb, 'probe', Math.max(us, tcb.layer.conf.tcp_rto_min_us));
}

/**
 * Arms the tail loss probe in place of the retransmission timer: two round trips after the last segment, plus
 * the time for which a lone one may wait for its acknowledgement. RFC 8985 section 7.2; `tcp_schedule_loss_probe()`
 */
export function armLossProbe(tcb: Tcb): void {
  const { conf } = tcb.layer;
  if (conf.tcp_early_retrans < 3 || !tcb.sackOk || tcb.rtx.count === 0) return;
  if (tcb.caState !== 'Open' && tcb.caState !== 'CWR') return;
  if (tcb.tlpOut || tcb.rtx.sackedOut > 0) return;
  let us = RTO_INIT_US;
  if (tcb.srtt > 0) {
    us = tcb.srtt >> 2;
    us += tcb.rtx.count === 1 ? conf.tcp_rto_min_us : TIMEOUT_MIN_US;
  }
  const left = tcb.rtxTimerUse === 'retrans' ? rtoLeftUs(tcb) : tcb.rtoUs;
  if (left > 0 && us > left) us = left;
  arm(tcb, 'loss-probe', us);
}
