import { type EventHandler, Simulator, type Task } from '@labwire/core/sim';
import type { Figure } from './figure.ts';
import { type Case, interleave } from './measure.ts';

/** A state machine that an event wakes. */
class Callback implements EventHandler, Case {
  readonly name = 'callback';
  readonly ops = 1_000_000;
  readonly #sim = new Simulator({ eventsPerSecond: Infinity });
  #left = 0;

  onEvent(): void {
    if (--this.#left > 0) this.#sim.schedule(0, this, 0, undefined);
  }

  run(): void {
    this.#left = this.ops;
    this.#sim.schedule(0, this, 0, undefined);
    this.#sim.runEvents();
  }
}

/** An event that wakes one program. A class: what runs TypeScript here gives each closure in an object a name, at 200 ns. */
class Tick implements EventHandler {
  readonly #wake: () => void;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  onEvent(): void {
    this.#wake();
  }
}

/** Programs that wait, all of which one instant wakes: each waits for an event of its own. */
class Programs implements Case {
  readonly name: string;
  readonly ops: number;
  readonly #programs: number;
  readonly #sim = new Simulator({ eventsPerSecond: Infinity });

  constructor(programs: number, ops: number) {
    this.name = `${programs} programs`;
    this.#programs = programs;
    this.ops = ops;
  }

  async run(): Promise<void> {
    for (let i = 0; i < this.#programs; i++)
      this.#sim.tasks.spawn('program', (task) => this.#body(task, this.ops / this.#programs));
    await this.#sim.run();
  }

  async #body(task: Task, times: number): Promise<void> {
    const sim = this.#sim;
    for (let i = 0; i < times; i++) {
      await task.park<void>('a tick', (wake) => {
        sim.schedule(1000, new Tick(wake), 0, undefined);
        return undefined;
      });
    }
  }
}

/** P22: what it costs that an event wakes a program. */
export async function measureWakeUps(): Promise<Figure[]> {
  const cases = [new Callback(), new Programs(1000, 500_000), new Programs(1, 100_000)];
  const [callback, many, one] = await interleave(cases);
  const against = 'absolute goal';
  const unit = 'ns';
  return [
    {
      id: 'P22',
      what: 'callback woken, event included',
      value: callback?.cpu,
      unit,
      goal: 20,
      against,
    },
    {
      id: 'P22',
      what: 'async program woken with 999 others',
      value: many?.cpu,
      unit,
      goal: 500,
      against,
    },
    { id: 'P22', what: 'async program woken alone', value: one?.cpu, unit, goal: 500, against },
  ];
}
