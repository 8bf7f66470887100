import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError, LabwireError } from '../error/index.ts';
import { type EventHandler, MS, type Nanos, SEC, Simulator, type Task } from './index.ts';

/** Calls `fn` when an event comes. */
const calls = (fn: (kind: number, arg: unknown) => void): EventHandler => ({ onEvent: fn });

/** A program that waits for simulated time to pass. */
async function sleep(sim: Simulator, task: Task, delay: Nanos): Promise<void> {
  await task.park<void>(`${delay} ns`, (wake) => {
    sim.schedule(
      delay,
      calls(() => wake()),
      0,
      undefined,
    );
    return undefined;
  });
}

describe('order', () => {
  it('is that of time, then of insertion, also between the queue and the present instant', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 })), (plan) => {
        const sim = new Simulator();
        const naive: { time: Nanos; id: number }[] = [];
        const ran: number[] = [];
        const expected: number[] = [];
        let ids = 0;
        const handler = calls((id) => {
          ran.push(id);
          naive.sort((a, b) => a.time - b.time || a.id - b.id);
          expected.push(naive.shift()!.id);
          for (const delay of plan[id] ?? []) schedule(delay);
        });
        const schedule = (delay: Nanos) => {
          const id = ids++;
          naive.push({ time: sim.now + delay, id });
          sim.schedule(delay, handler, id, undefined);
        };
        schedule(0);
        schedule(1);
        sim.runEvents();
        expect(ran).toEqual(expected);
        expect(sim.idle).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does not let time go back or be cut', () => {
    const sim = new Simulator();
    const nothing = calls(() => {});
    for (const delay of [-1, 0.5, Number.NaN, Infinity, Number.MAX_SAFE_INTEGER + 1])
      expect(() => sim.schedule(delay, nothing, 0, undefined), String(delay)).toThrow(
        InvariantError,
      );
  });
});

describe('running', () => {
  it('stops at a time, with the clock there and later events waiting', async () => {
    const sim = new Simulator();
    const at: Nanos[] = [];
    for (const delay of [10, 20, 21, 5 * SEC])
      sim.schedule(
        delay,
        calls(() => void at.push(sim.now)),
        0,
        undefined,
      );
    await sim.run(20);
    expect([at, sim.now, sim.pendingEvents]).toEqual([[10, 20], 20, 2]);
    sim.schedule(
      0,
      calls(() => void at.push(sim.now)),
      0,
      undefined,
    );
    sim.schedule(
      3,
      calls(() => void at.push(sim.now)),
      0,
      undefined,
    );
    await sim.run();
    expect(at).toEqual([10, 20, 20, 21, 23, 5 * SEC]);
  });

  it('ends when nothing is left', async () => {
    const sim = new Simulator();
    sim.schedule(
      7,
      calls(() => {}),
      0,
      undefined,
    );
    await sim.run();
    expect([sim.now, sim.idle]).toEqual([7, true]);
  });

  it('ends when what is awaited has happened', async () => {
    const sim = new Simulator();
    const program = sim.tasks.spawn('p', (task) => sleep(sim, task, 3 * SEC));
    sim.schedule(
      9 * SEC,
      calls(() => {}),
      0,
      undefined,
    );
    await sim.run(Infinity, () => program.ended);
    expect([sim.now, sim.idle]).toEqual([3 * SEC, false]);
  });

  it('tells which programs wait for what when it can make no progress', async () => {
    const sim = new Simulator();
    sim.tasks.spawn('h1: curl[12]', (task) => sleep(sim, task, 5));
    sim.tasks.spawn('h1: nc[13]', (task) => task.park('a connection', () => undefined));
    sim.tasks.spawn('h2: ping[7]', (task) => task.park('an echo reply', () => undefined));
    await sim.run();
    expect(sim.describeWaits()).toEqual([
      'h1: nc[13] waits for a connection',
      'h2: ping[7] waits for an echo reply',
    ]);
  });

  it('finishes an instant before the programs that it woke run', async () => {
    const sim = new Simulator();
    const log: string[] = [];
    sim.tasks.spawn('p', async (task) => {
      await sleep(sim, task, 10);
      log.push('program');
    });
    await sim.run(5);
    const brought = calls(() => void log.push('brought'));
    sim.schedule(
      5,
      calls(() => sim.schedule(0, brought, 0, undefined)),
      0,
      undefined,
    );
    sim.schedule(
      6,
      calls(() => void log.push('later')),
      0,
      undefined,
    );
    await sim.run();
    expect(log).toEqual(['brought', 'program', 'later']);
  });

  it('lets all programs that an instant woke run before time goes on', async () => {
    const sim = new Simulator();
    const log: string[] = [];
    for (const name of ['a', 'b']) {
      sim.tasks.spawn(name, async (task) => {
        for (let i = 0; i < 3; i++) {
          await sleep(sim, task, 10);
          await null;
          log.push(`${name}${i} ${sim.now}`);
        }
      });
    }
    await sim.run();
    expect(log).toEqual(['a0 10', 'b0 10', 'a1 20', 'b1 20', 'a2 30', 'b2 30']);
  });
});

describe('a storm', () => {
  /** A bridge whose every frame becomes `copies` frames. */
  class Looped implements EventHandler {
    readonly #sim: Simulator;
    readonly #copies: number;
    readonly #delay: Nanos;
    ran = 0;
    constructor(sim: Simulator, copies: number, delay: Nanos) {
      this.#sim = sim;
      this.#copies = copies;
      this.#delay = delay;
    }
    onEvent(): void {
      this.ran++;
      for (let i = 0; i < this.#copies; i++) this.#sim.schedule(this.#delay, this, 0, undefined);
    }
    describe(): string {
      return 'bridge br0 (ports veth1, veth2)';
    }
  }

  it.each([0, 20])(
    'of frames that circle is ended with the bridge and its ports, %i ns apart',
    async (delay) => {
      const sim = new Simulator({ eventsPerSecond: 10_000 });
      const bridge = new Looped(sim, 1, delay);
      bridge.onEvent();
      const failed = await sim.run().catch((e: unknown) => e);
      expect(failed).toBeInstanceOf(LabwireError);
      expect(String(failed)).toMatch(
        /10000 events in a simulated second.*bridge br0 \(ports veth1, veth2\)/,
      );
      expect(bridge.ran).toBeLessThan(10_010);
    },
  );

  it.each([0, 20])(
    'of frames that multiply is ended before it fills the memory, %i ns apart',
    async (delay) => {
      const sim = new Simulator({ pendingEvents: 2000 });
      new Looped(sim, 3, delay).onEvent();
      await expect(sim.run()).rejects.toThrow(/2000 events wait; .*bridge br0/);
      expect(sim.pendingEvents).toBeLessThan(2000 + 3 * 256);
    },
  );

  it('is not what a long and busy run is', async () => {
    const sim = new Simulator({ eventsPerSecond: 1100 });
    let left = 20_000;
    const beat = calls(() => {
      if (--left > 0) sim.schedule(MS, beat, 0, undefined);
    });
    beat.onEvent(0, undefined);
    await sim.run();
    expect(left).toBe(0);
  });
});

describe('named random streams', () => {
  const draw = (seed: number, name: string) => {
    const stream = new Simulator({ seed }).random(name);
    return Array.from({ length: 50 }, () => stream.u32());
  };

  it('give the same numbers for the same seed and name, and others for any other', () => {
    expect(draw(1, 'kernel h1')).toEqual(draw(1, 'kernel h1'));
    const seen = new Set([draw(1, 'a'), draw(1, 'b'), draw(2, 'a'), draw(1, 'ab')].map(String));
    expect(seen.size).toBe(4);
  });

  it('of many machines are all different', () => {
    const sim = new Simulator();
    const first = Array.from({ length: 30_000 }, (_, i) => {
      const stream = sim.random(`kernel host${i}`);
      return `${stream.u32()} ${stream.u32()} ${stream.u32()}`;
    });
    expect(new Set(first).size).toBe(first.length);
  });

  it('never change: these are the first numbers of a stream', () => {
    expect(draw(1, 'kernel h1').slice(0, 3)).toMatchInlineSnapshot(`
      [
        1888673792,
        2510625008,
        2710214376,
      ]
    `);
  });

  it('do not depend on who else draws', () => {
    const sim = new Simulator({ seed: 1 });
    const a = sim.random('a');
    const got: number[] = [];
    for (let i = 0; i < 50; i++) {
      got.push(a.u32());
      sim.random('b').u32();
    }
    expect(got).toEqual(draw(1, 'a'));
    expect(sim.random('a')).toBe(a);
  });

  it('are even enough: each of 16 ranges gets its share', () => {
    const stream = new Simulator({ seed: 5 }).random('x');
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) {
      const n = stream.below(16);
      counts[n] = (counts[n] as number) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
    expect(counts.every(Number.isInteger)).toBe(true);
  });
});

it('two runs of one seed are the same event for event', async () => {
  const play = async (seed: number) => {
    const sim = new Simulator({ seed });
    const log: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const random = sim.random(name);
      sim.tasks.spawn(name, async (task) => {
        for (let i = 0; i < 20; i++) {
          await sleep(sim, task, random.below(3));
          log.push(`${sim.now} ${name}`);
        }
      });
    }
    await sim.run();
    return log;
  };
  expect(await play(3)).toEqual(await play(3));
  expect(await play(3)).not.toEqual(await play(4));
});
