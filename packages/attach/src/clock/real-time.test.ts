import { MS, SEC, Simulator } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import { type HostClock, RealTime } from './real-time.ts';

/** A host on which time passes only by sleep and work. */
class StillHost implements HostClock {
  time = 1000;
  readonly naps: number[] = [];

  now(): number {
    return this.time;
  }

  async immediately(): Promise<void> {
    this.time += 0.01;
  }

  async nap(ms: number): Promise<void> {
    this.naps.push(ms);
    this.time += ms;
  }
}

const handler = (onEvent: () => void) => ({ onEvent, describe: () => 'a test' });

it('sleeps until something is due, and runs it at its time', async () => {
  const [sim, host] = [new Simulator(), new StillHost()];
  const times: number[] = [];
  for (const at of [40, 700])
    sim.schedule(
      at * MS,
      handler(() => times.push(host.time - 1000)),
      0,
      undefined,
    );
  await new RealTime(sim, () => undefined, host).run(() => times.length === 2);
  expect(times.map(Math.round)).toEqual([40, 700]);
  expect(host.naps.length).toBeLessThan(5);
});

it('brings in what has come before it hands out what was sent', async () => {
  const [sim, host] = [new Simulator(), new StillHost()];
  const order: string[] = [];
  const clock = new RealTime(sim, () => undefined, host);
  clock.add({
    deliver: () => {
      order.push('deliver');
      sim.schedule(
        0,
        handler(() => order.push('event')),
        0,
        undefined,
      );
    },
    flush: () => order.push('flush'),
  });
  await clock.run(() => order.length >= 6);
  expect(order).toEqual(['deliver', 'event', 'flush', 'deliver', 'event', 'flush']);
});

it('takes its next turn at once when woken', async () => {
  const [sim, host] = [new Simulator(), new StillHost()];
  const clock = new RealTime(sim, () => undefined, host);
  let turns = 0;
  clock.add({ deliver: () => clock.wake(), flush: () => turns++ });
  await clock.run(() => turns === 5);
  expect([host.naps, host.time < 1001]).toEqual([[], true]);
});

it('lets time go when there is more to do than time, and says how much', async () => {
  const [sim, host] = [new Simulator(), new StillHost()];
  const told: number[] = [];
  const clock = new RealTime(sim, (seconds) => told.push(seconds), host);
  // work that takes a hundred times longer on the host than on the simulated clock
  const work = handler(() => {
    host.time += 5;
    sim.schedule(MS / 20, work, 0, undefined);
  });
  sim.schedule(1, work, 0, undefined);
  await clock.run(() => told.length === 3);
  for (const [i, seconds] of told.entries())
    expect(seconds).toBeGreaterThanOrEqual(2 * (told[i - 1] ?? 0.5));
  expect(sim.now / SEC).toBeLessThan(0.1);
});

/** The longest time, in the host's milliseconds, that the outside waits for its turn in ten simulated milliseconds of `work`. */
async function longestWait(work: (sim: Simulator, host: StillHost) => void): Promise<number> {
  const [sim, host] = [new Simulator({ eventsPerSecond: Infinity }), new StillHost()];
  const clock = new RealTime(sim, () => undefined, host);
  const turns: number[] = [];
  clock.add({ deliver: () => turns.push(host.time), flush: () => undefined });
  work(sim, host);
  await clock.run(() => sim.now >= 10 * MS);
  return Math.max(...turns.map((at, i) => at - (turns[i - 1] ?? 1000)));
}

it('gives the outside its turn whatever programs have to do', async () => {
  const wait = await longestWait((sim, host) => {
    sim.tasks.spawn('busy', async (task) => {
      for (;;) {
        host.time += 5;
        await task.park('a microsecond', (wake) => {
          sim.schedule(
            1000,
            handler(() => wake(undefined)),
            0,
            undefined,
          );
          return undefined;
        });
      }
    });
  });
  expect(wait).toBeLessThan(30);
});

it('gives the outside its turn however many packets are under way', async () => {
  const wait = await longestWait((sim, host) => {
    const hop = handler(() => {
      host.time += 0.001;
      sim.schedule(50, hop, 0, undefined);
    });
    sim.schedule(50, hop, 0, undefined);
  });
  expect(wait).toBeLessThan(40);
});
