import { SEC } from '@labwire/core/sim';
import {
  additiveIncrease,
  type CongestionControl,
  type CongestionState,
  slowStart,
} from './congestion-control.ts';
import { HyStart, type HyStartFound } from './hystart.ts';

/** What is left of the window after a loss. RFC 9438 section 4.6; Linux uses 717/1024. */
const BETA = 717 / 1024;
/** Segments per second cubed. RFC 9438 section 5 */
const C = 0.4;
/** Growth per round trip of the Reno-friendly region. RFC 9438 section 4.3 */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);

/**
 * CUBIC, RFC 9438: after a loss the window first approaches the size `wMax` at which it happened, then
 * probes beyond, as a cubic function of the time since; never slower than Reno would.
 */
export class Cubic implements CongestionControl {
  readonly name = 'cubic';
  /** Window at the last loss, and the one before it, segments. */
  #wMax = 0;
  /** Start of the present epoch, Nanos; -1 before its first acknowledgement. */
  #epoch = -1;
  /** Seconds from the epoch's start until the window is back at {@link #origin}. */
  #k = 0;
  #origin = 0;
  /** Window that Reno would have. */
  #wEst = 0;
  readonly #hystart = new HyStart();

  ssthresh(tcb: CongestionState): number {
    this.#epoch = -1;
    const cwnd = tcb.cwnd;
    this.#wMax = cwnd < this.#wMax ? (cwnd * (1 + BETA)) / 2 : cwnd; // section 4.7, fast convergence
    return Math.max(Math.floor(cwnd * BETA), 2);
  }

  congAvoid(tcb: CongestionState, acked: number): void {
    let rest = acked;
    if (tcb.cwnd < tcb.ssthresh) rest = slowStart(tcb, acked);
    if (rest > 0) additiveIncrease(tcb, this.#acksPerSegment(tcb, rest), rest);
  }

  undoCwnd(tcb: CongestionState): number {
    return Math.max(tcb.cwnd, tcb.priorCwnd);
  }

  onLoss(): void {
    this.#epoch = -1;
    this.#wMax = 0;
    this.#hystart.reset();
  }

  /** Samples right after a recovery tell nothing. `cubictcp_acked()` */
  onAcked(tcb: CongestionState, rttUs: number, ackDelayUs: number): HyStartFound | undefined {
    if (this.#epoch >= 0 && tcb.now - this.#epoch < SEC) return undefined;
    return this.#hystart.onAcked(tcb, rttUs, ackDelayUs);
  }

  /** The time without data does not count. */
  onIdle(idle: number): void {
    if (this.#epoch >= 0) this.#epoch += idle;
  }

  #startEpoch(tcb: CongestionState): void {
    this.#epoch = tcb.now;
    this.#wEst = tcb.cwnd;
    if (tcb.cwnd < this.#wMax) {
      this.#k = Math.cbrt((this.#wMax - tcb.cwnd) / C);
      this.#origin = this.#wMax;
    } else {
      this.#k = 0;
      this.#origin = tcb.cwnd;
    }
  }

  /** How many acknowledged segments buy one more: section 4.4 and 4.5 by way of `additiveIncrease`. */
  #acksPerSegment(tcb: CongestionState, acked: number): number {
    if (this.#epoch < 0) this.#startEpoch(tcb);
    const t = (tcb.now - this.#epoch) / SEC + Math.max(tcb.minRttUs, 0) / 1e6;
    const d = t - this.#k;
    const target = this.#origin + C * (d * d * d);
    let cnt = target > tcb.cwnd ? tcb.cwnd / (target - tcb.cwnd) : 100 * tcb.cwnd;
    this.#wEst += (ALPHA * acked) / tcb.cwnd;
    if (this.#wEst > tcb.cwnd) cnt = Math.min(cnt, tcb.cwnd / (this.#wEst - tcb.cwnd));
    if (this.#wMax === 0 && cnt > 20) cnt = 20; // no loss yet: grow at least 5 % a round trip
    return Math.max(Math.floor(cnt), 2);
  }
}
