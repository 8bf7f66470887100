import { MS, type Nanos } from '@labwire/core/sim';
import { after } from '../buffer/index.ts';
import { RTO_INIT_US, type Tcb } from '../tcb.ts';

/** Longest and shortest RTO, microseconds. */
export function rtoMaxUs(tcb: Tcb): number {
  return tcb.layer.conf.tcp_rto_max_ms * 1000;
}

/** Microseconds between two ticks of the kernel's clock: CONFIG_HZ of 250. */
const TICK_US = 4000;

/** A delay as the kernel's timers have it: whole ticks, rounded up. `usecs_to_jiffies()` */
export function wholeTicks(us: number): number {
  return Math.ceil(us / TICK_US) * TICK_US;
}

/**
 * When a timer armed at `now` for some microseconds goes off: not before its tick is over, and the longer it is, the coarser
 * the wheel. Nanos. Linux kernel/time/timer.c, calc_index()
 */
export function wheelExpiry(now: Nanos, us: number): Nanos {
  const ticks = Math.ceil(us / TICK_US);
  let grain = 1;
  for (let most = 63; ticks >= most; most *= 8) grain *= 8;
  const expires = Math.floor(now / (TICK_US * 1000)) + ticks;
  return (Math.floor(expires / grain) + 1) * grain * TICK_US * 1000;
}

/**
 * Takes in one round-trip time, in microseconds. RFC 6298 section 2, in the form of Linux: the mean deviation
 * falls slowly when a time was short, and `rttvar` follows its maximum of a round trip, never below the least
 * RTO. `tcp_rtt_estimator()`
 */
export function sampleRtt(tcb: Tcb, us: number): void {
  const min = tcb.layer.conf.tcp_rto_min_us;
  const m = Math.max(1, us);
  if (tcb.minRttUs < 0 || m < tcb.minRttUs) tcb.minRttUs = m;
  if (tcb.srtt === 0) {
    tcb.srtt = m << 3;
    tcb.mdev = m << 1;
    tcb.rttvar = Math.max(tcb.mdev, min);
    tcb.mdevMax = tcb.rttvar;
    tcb.rttSeq = tcb.sndNxt;
    return;
  }
  let err = m - (tcb.srtt >> 3);
  tcb.srtt = Math.max(1, tcb.srtt + err);
  if (err < 0) {
    err = -err - (tcb.mdev >> 2);
    if (err > 0) err >>= 3;
  } else err -= tcb.mdev >> 2;
  tcb.mdev += err;
  if (tcb.mdev > tcb.mdevMax) {
    tcb.mdevMax = tcb.mdev;
    if (tcb.mdevMax > tcb.rttvar) tcb.rttvar = tcb.mdevMax;
  }
  if (after(tcb.sndUna, tcb.rttSeq)) {
    if (tcb.mdevMax < tcb.rttvar) tcb.rttvar -= (tcb.rttvar - tcb.mdevMax) >> 2;
    tcb.rttSeq = tcb.sndNxt;
    tcb.mdevMax = min;
  }
}

/** Sets the RTO from what was measured, and takes back any backoff. `tcp_set_rto()` */
export function updateRto(tcb: Tcb): void {
  const us = tcb.srtt === 0 ? RTO_INIT_US : (tcb.srtt >> 3) + tcb.rttvar;
  tcb.rtoUs = Math.min(wholeTicks(us), rtoMaxUs(tcb));
  tcb.backoff = 0;
}

/** The round trip of a timestamp that came back, microseconds; undefined if it tells nothing. `tcp_rtt_tsopt_us()` */
export function timestampRtt(tcb: Tcb, tsEcr: number): number | undefined {
  if (tsEcr === 0) return undefined;
  const ms = (tcb.tsClock - tsEcr) | 0;
  if (ms < 0 || ms > rtoMaxUs(tcb) / 1000) return undefined;
  return Math.max(ms, 1) * (MS / 1000);
}
