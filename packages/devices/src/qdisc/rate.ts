import type { Nanos } from '@labwire/core/sim';

const NSEC_PER_SEC = 1_000_000_000n;
/** The kernel tells times to users in units of 64 ns. PSCHED_SHIFT */
const TICK: Nanos = 64;

/** A time in the unit that `tc` and the kernel speak of, as nanoseconds. PSCHED_TICKS2NS */
export function fromTicks(ticks: number): Nanos {
  return Math.floor(ticks * TICK);
}

/** Nanoseconds in that unit, rounded down. PSCHED_NS2TICKS */
export function toTicks(time: Nanos): number {
  return Math.floor(time / TICK);
}

/** What `tc` says of a rate. Linux `struct tc_ratespec` */
export interface RateSpec {
  /** Bytes per second. */
  readonly rate: number;
  /** Bytes that each packet counts in addition. */
  readonly overhead: number;
  /** Bytes that each packet counts at least. */
  readonly mpu: number;
  /** log2 of the size of a cell of a table that the kernel does not use. */
  readonly cellLog: number;
  /** TC_LINKLAYER_*: 1 Ethernet, 2 ATM. */
  readonly linklayer: number;
}

const LINKLAYER_ATM = 2;
const ATM_CELL = 48;
const ATM_CELL_WIRE = 53;

/** Computes how long bytes take at a rate, by a multiplication and a shift as the kernel does. `psched_ratecfg_precompute()` */
export class Rate {
  readonly spec: RateSpec;
  readonly #mult: number;
  readonly #scale: number;

  constructor(spec: RateSpec) {
    this.spec = spec;
    let mult = 1n;
    let shift = 0n;
    const rate = BigInt(Math.max(1, Math.floor(spec.rate)));
    for (let factor = NSEC_PER_SEC; ; factor <<= 1n, shift++) {
      mult = BigInt.asUintN(32, factor / rate);
      if ((mult & (1n << 31n)) !== 0n || (factor & (1n << 63n)) !== 0n) break;
    }
    this.#mult = Number(mult);
    this.#scale = Number(1n << shift);
  }

  /** As it is told again: the kernel does not keep the cell. `psched_ratecfg_getrate()` */
  get shown(): RateSpec {
    return { ...this.spec, cellLog: 0 };
  }

  /** How long a packet of so many bytes takes. `psched_l2t_ns()` */
  time(bytes: number): Nanos {
    let len = bytes + this.spec.overhead;
    if (len < this.spec.mpu) len = this.spec.mpu;
    if (this.spec.linklayer === LINKLAYER_ATM) len = Math.ceil(len / ATM_CELL) * ATM_CELL_WIRE;
    return Math.floor((len * this.#mult) / this.#scale);
  }
}
