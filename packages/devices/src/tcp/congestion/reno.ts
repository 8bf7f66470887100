import {
  additiveIncrease,
  type CongestionControl,
  type CongestionState,
  slowStart,
} from './congestion-control.ts';

/** RFC 5681: one segment more per round trip, half the window after a loss. */
export class Reno implements CongestionControl {
  readonly name = 'reno';

  ssthresh(tcb: CongestionState): number {
    return Math.max(tcb.cwnd >> 1, 2);
  }

  congAvoid(tcb: CongestionState, acked: number): void {
    let rest = acked;
    if (tcb.cwnd < tcb.ssthresh) rest = slowStart(tcb, acked);
    if (rest > 0) additiveIncrease(tcb, tcb.cwnd, rest);
  }

  undoCwnd(tcb: CongestionState): number {
    return Math.max(tcb.cwnd, tcb.priorCwnd);
  }

  onAcked(): undefined {}

  onLoss(): void {}

  onIdle(): void {}
}
