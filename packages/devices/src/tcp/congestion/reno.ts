import type { Tcb } from '../tcb.ts';
import { additiveIncrease, type CongestionControl, slowStart } from './congestion-control.ts';

/** RFC 5681: one segment more per round trip, half the window after a loss. */
export class Reno implements CongestionControl {
  readonly name = 'reno';

  ssthresh(tcb: Tcb): number {
    return Math.max(tcb.cwnd >> 1, 2);
  }

  congAvoid(tcb: Tcb, acked: number): void {
    let rest = acked;
    if (tcb.cwnd < tcb.ssthresh) rest = slowStart(tcb, acked);
    if (rest > 0) additiveIncrease(tcb, tcb.cwnd, rest);
  }

  undoCwnd(tcb: Tcb): number {
    return Math.max(tcb.cwnd, tcb.priorCwnd);
  }

  onLoss(): void {}

  onIdle(): void {}
}
