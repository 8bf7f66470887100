import type { Nanos } from '@labwire/core/sim';
import { after } from '../buffer/index.ts';
import type { CongestionState } from './congestion-control.ts';

/** Windows below it grow as they like, segments. `hystart_low_window` */
const LOW_WINDOW = 16;
/** Acknowledgements this close together are one train, Nanos. `hystart_ack_delta_us` */
const ACK_DELTA: Nanos = 2_000_000;
/** Round trips of a round that are looked at before their least is believed. HYSTART_MIN_SAMPLES */
const MIN_SAMPLES = 8;
/** By how much the least round trip must have grown, microseconds: an eighth of it, within these. HYSTART_DELAY_MIN, _MAX */
const DELAY_MIN_US = 4000;
const DELAY_MAX_US = 16_000;

/** What ended slow start: acknowledgements that came in a train as long as the path, or round trips that grew. */
export type HyStartFound = 'train' | 'delay';

/** Ends slow start before it overflows a queue: RFC 9406's forerunner, as Linux' CUBIC has it. Linux net/ipv4/tcp_cubic.c, hystart_update() */
export class HyStart {
  #found = false;
  /** Least round trip of all, microseconds; 0 before there was one. */
  #delayMin = 0;
  #roundStart: Nanos = 0;
  #lastAck: Nanos = 0;
  #endSeq = 0;
  #begun = false;
  #currRtt = Infinity;
  #samples = 0;

  /** After a time-out all begins anew. */
  reset(): void {
    this.#found = false;
    this.#delayMin = 0;
    this.#begun = false;
  }

  #newRound(tcb: CongestionState): void {
    this.#begun = true;
    this.#roundStart = tcb.now;
    this.#lastAck = tcb.now;
    this.#endSeq = tcb.sndNxt;
    this.#currRtt = Infinity;
    this.#samples = 0;
  }

  /**
   * Takes in a round trip; in slow start it may set `tcb.ssthresh`.
   * @param rttUs of the latest segment that was acknowledged
   * @param ackDelayUs how far a sender's bursts may spread acknowledgements. `hystart_ack_delay()`
   */
  onAcked(tcb: CongestionState, rttUs: number, ackDelayUs: number): HyStartFound | undefined {
    const delay = Math.max(1, rttUs);
    if (this.#delayMin === 0 || delay < this.#delayMin) this.#delayMin = delay;
    if (this.#found || tcb.cwnd >= tcb.ssthresh) return undefined;
    if (!this.#begun || after(tcb.sndUna, this.#endSeq)) this.#newRound(tcb);
    if (tcb.cwnd < LOW_WINDOW) return undefined;
    const train = this.#train(tcb, ackDelayUs);
    const grown = this.#grown(delay);
    if (!train && !grown) return undefined;
    this.#found = true;
    tcb.ssthresh = tcb.cwnd;
    return train ? 'train' : 'delay';
  }

  #train(tcb: CongestionState, ackDelayUs: number): boolean {
    if (tcb.now - this.#lastAck > ACK_DELTA) return false;
    this.#lastAck = tcb.now;
    const threshold = Math.floor((this.#delayMin + ackDelayUs) / 2);
    return Math.floor((tcb.now - this.#roundStart) / 1000) > threshold;
  }

  #grown(delay: number): boolean {
    this.#currRtt = Math.min(this.#currRtt, delay);
    if (this.#samples < MIN_SAMPLES) {
      this.#samples++;
      return false;
    }
    const more = Math.min(Math.max(this.#delayMin >> 3, DELAY_MIN_US), DELAY_MAX_US);
    return this.#currRtt > this.#delayMin + more;
  }
}
