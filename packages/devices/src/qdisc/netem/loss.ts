import type { RandomStream } from '@labwire/core/sim';

/** Probabilities here are 0 to 2^32 - 1. */
const ALWAYS = 0xffff_ffff;

/** Whether the next packet is lost. */
export interface LossModel {
  lose(random: RandomStream): boolean;
  /** As it is shown. */
  readonly options: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Gilbert and Elliott: a good state and a bad one. Linux net/sched/sch_netem.c, loss_gilb_ell() */
export class GilbertElliott implements LossModel {
  readonly #o: Readonly<Record<'p' | 'r' | 'h' | 'k1', number>>;
  #bad = false;

  constructor(o: Readonly<Record<string, number>>) {
    this.#o = { p: o.p ?? 0, r: o.r ?? 0, h: o.h ?? 0, k1: o.k1 ?? 0 };
  }

  lose(random: RandomStream): boolean {
    const { p, r, h, k1 } = this.#o;
    if (!this.#bad) {
      if (random.u32() < p) this.#bad = true;
      return random.u32() < k1;
    }
    if (random.u32() < r) this.#bad = false;
    return random.u32() > h;
  }

  get options(): LossModel['options'] {
    return { gemodel: this.#o };
  }
}

type State = 'gap' | 'burst' | 'lostInBurst' | 'lostInGap';

/** Four states: received in a gap or a burst, lost in either. Linux net/sched/sch_netem.c, loss_4state() */
export class FourStates implements LossModel {
  readonly #o: Readonly<Record<'p13' | 'p31' | 'p32' | 'p14' | 'p23', number>>;
  #state: State = 'gap';

  constructor(o: Readonly<Record<string, number>>) {
    this.#o = {
      p13: o.p13 ?? 0,
      p31: o.p31 ?? ALWAYS,
      p32: o.p32 ?? 0,
      p14: o.p14 ?? 0,
      p23: o.p23 ?? ALWAYS,
    };
  }

  lose(random: RandomStream): boolean {
    const { p13, p31, p32, p14, p23 } = this.#o;
    const rnd = random.u32();
    switch (this.#state) {
      case 'gap':
        if (rnd < p14) this.#state = 'lostInGap';
        else if (rnd < p13 + p14) this.#state = 'lostInBurst';
        return this.#state !== 'gap';
      case 'burst':
        if (rnd < p23) this.#state = 'lostInBurst';
        return this.#state === 'lostInBurst';
      case 'lostInBurst':
        if (rnd < p32) this.#state = 'burst';
        else if (rnd < p31 + p32) this.#state = 'gap';
        return this.#state === 'lostInBurst';
      case 'lostInGap':
        this.#state = 'gap';
        return false;
    }
  }

  get options(): LossModel['options'] {
    return { gimodel: this.#o };
  }
}
