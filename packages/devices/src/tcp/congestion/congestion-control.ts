import type { Nanos } from '@labwire/core/sim';
import type { HyStartFound } from './hystart.ts';

/** What an algorithm sees and changes of a connection; windows in segments. */
export interface CongestionState {
  cwnd: number;
  /** Acknowledged segments that have not yet bought one more. */
  cwndCnt: number;
  ssthresh: number;
  /** The window before the last reduction. */
  readonly priorCwnd: number;
  /** Shortest round trip, microseconds; -1 if unknown. */
  readonly minRttUs: number;
  readonly now: Nanos;
  readonly sndUna: number;
  readonly sndNxt: number;
}

/** A congestion control algorithm of one connection. Linux `struct tcp_congestion_ops` */
export interface CongestionControl {
  /** As `ss -i` and TCP_CONGESTION name it. */
  readonly name: string;
  /** The slow start threshold after a loss, in segments. */
  ssthresh(tcb: CongestionState): number;
  /** Grows `tcb.cwnd` after `acked` segments have been acknowledged. */
  congAvoid(tcb: CongestionState, acked: number): void;
  /** Undoes a reduction that was for nothing: the window to go back to, in segments. */
  undoCwnd(tcb: CongestionState): number;
  /**
   * Segments have been acknowledged, the latest after `rttUs` microseconds. `pkts_acked()`
   * @param ackDelayUs how far bursts may spread acknowledgements
   * @returns why slow start ends, if it does
   */
  onAcked(tcb: CongestionState, rttUs: number, ackDelayUs: number): HyStartFound | undefined;
  /** A time-out: forgets what was learnt. */
  onLoss(): void;
  /** Data is sent after a pause of `idle` Nanos in which nothing was in flight. */
  onIdle(idle: number): void;
}

/** Slow start. RFC 5681 section 3.1. @returns the acknowledged segments that are left over */
export function slowStart(tcb: CongestionState, acked: number): number {
  const cwnd = Math.min(tcb.cwnd + acked, tcb.ssthresh);
  const rest = acked - (cwnd - tcb.cwnd);
  tcb.cwnd = cwnd;
  return rest;
}

/** Adds one segment to the window per `w` acknowledged. Linux `tcp_cong_avoid_ai()` */
export function additiveIncrease(tcb: CongestionState, w: number, acked: number): void {
  if (tcb.cwndCnt >= w) {
    tcb.cwndCnt = 0;
    tcb.cwnd++;
  }
  tcb.cwndCnt += acked;
  if (tcb.cwndCnt >= w) {
    const delta = Math.floor(tcb.cwndCnt / w);
    tcb.cwndCnt -= delta * w;
    tcb.cwnd += delta;
  }
}
