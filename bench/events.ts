import { type EventHandler, EventQueue, EventRing } from '@labwire/core/sim';
import type { Figure } from './figure.ts';
import { type Case, interleave } from './measure.ts';

/** Increments of the hold model: exponential with a mean of 1 ms, as in the ns-3 program it is compared with. */
const INCREMENTS = new Float64Array(65_536);
let state = 88_172_645;
for (let i = 0; i < INCREMENTS.length; i++) {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  INCREMENTS[i] = 1 + Math.floor(-Math.log(1 - state / 2 ** 32) * 1e6);
}

/** The hold model: `pending` events wait, each schedules its successor. */
class Hold implements EventHandler, Case {
  readonly name: string;
  readonly ops = 1_000_000;
  readonly #queue = new EventQueue();
  #at = 0;

  constructor(pending: number) {
    this.name = `${pending} pending`;
    for (let i = 0; i < pending; i++) this.onEvent();
  }

  onEvent(): void {
    const delay = INCREMENTS[this.#at++ & 0xffff] as number;
    this.#queue.push(delay, this, 0, undefined);
  }

  run(): void {
    for (let i = 0; i < this.ops; i++) {
      this.#queue.dueBy(Infinity);
      this.#queue.runFirst();
    }
  }
}

/** Events of the present instant, each of which brings the next. */
class SameInstant implements EventHandler, Case {
  readonly name = 'same instant';
  readonly ops = 5_000_000;
  readonly #ring = new EventRing();

  onEvent(): void {
    this.#ring.push(this, 0, undefined);
  }

  run(): void {
    if (this.#ring.size === 0) for (let i = 0; i < 100; i++) this.onEvent();
    for (let i = 0; i < this.ops; i++) this.#ring.popAndRun();
  }
}

/** What PERFORMANCE.md recorded: ns-3's best scheduler from P1's floor ratios and the prototype's wheel, ns per event. */
const NS3_BEST: Readonly<Record<number, number>> = {
  1e3: 39 / 0.46,
  1e5: 103 / 0.66,
  1e6: 387 / 1.1,
};
const NS3_MAP: Readonly<Record<number, number>> = {
  1e3: 39 / 0.29,
  1e5: 103 / 0.19,
  1e6: 387 / 0.31,
};
const P1_GOAL: Readonly<Record<number, number>> = { 1e3: 1, 1e5: 1, 1e6: 1.3 };

/** P1 and P2: what an event costs with many waiting. */
export async function measureEvents(): Promise<Figure[]> {
  const sizes = [1e3, 1e5, 1e6];
  const costs = await interleave([...sizes.map((n) => new Hold(n)), new SameInstant()]);
  const against = 'ns-3 skipped: not installed; its recorded figure';
  const figures = sizes.flatMap((n, i): Figure[] => {
    const value = costs[i]?.cpu;
    const unit = 'ns/event';
    const best = (NS3_BEST[n] as number) * (P1_GOAL[n] as number);
    const map = (NS3_MAP[n] as number) * 0.5;
    return [
      {
        id: 'P1',
        what: `hold model, ${n} events wait`,
        value,
        unit,
        goal: best,
        against: `${against}, PriorityQueue`,
      },
      {
        id: 'P2',
        what: `the same, half of Map's`,
        value,
        unit,
        goal: map,
        against: `${against}, Map`,
      },
    ];
  });
  figures.push({
    id: 'P1',
    what: 'events of one instant',
    value: costs[sizes.length]?.cpu,
    unit: 'ns/event',
    goal: undefined,
    against: 'floor of the prototype: 2.9',
  });
  return figures;
}
