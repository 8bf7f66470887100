import { describe, expect, it } from 'vitest';
import { InvariantError } from '../error/index.ts';
import { Simulator } from './index.ts';

describe('a program', () => {
  it('does not run before its starter waits', async () => {
    const sim = new Simulator();
    const log: string[] = [];
    sim.tasks.spawn('parent', async (task) => {
      sim.tasks.spawn('child', async () => void log.push('child'));
      log.push('parent');
      await task.park<void>('a moment', (wake) => {
        sim.schedule(1, { onEvent: () => wake() }, 0, undefined);
        return undefined;
      });
      log.push('parent again');
    });
    expect(log).toEqual([]);
    await sim.run();
    expect(log).toEqual(['parent', 'child', 'parent again']);
  });

  it('that throws fails the run, once, and the others go on after it', async () => {
    const sim = new Simulator();
    const log: string[] = [];
    sim.tasks.spawn('bad', async () => {
      throw new InvariantError('a bug');
    });
    sim.tasks.spawn('good', async (task) => {
      await task.park<void>('time', (wake) => {
        sim.schedule(5, { onEvent: () => wake() }, 0, undefined);
        return undefined;
      });
      log.push('good');
    });
    await expect(sim.run()).rejects.toThrow('a bug');
    await sim.run();
    expect(log).toEqual(['good']);
  });

  it('that awaits something outside the simulation is named instead of hanging the run', async () => {
    const sim = new Simulator();
    sim.tasks.spawn('waiting', (task) => task.park('nothing', () => undefined));
    sim.tasks.spawn('h1: bad[3]', () => new Promise(() => {}));
    await expect(sim.run()).rejects.toThrow('h1: bad[3] awaits something outside the simulation');
  });

  it('may take many steps without simulated time, as long as it gets somewhere', async () => {
    const sim = new Simulator();
    let steps = 0;
    sim.tasks.spawn('busy', async () => {
      for (; steps < 30_000; steps++) {
        await null;
        sim.tasks.noteProgress();
      }
    });
    await sim.run();
    expect(steps).toBe(30_000);
  });
});

describe('a wait', () => {
  it('ends once, with the first value', async () => {
    const sim = new Simulator();
    let got = '';
    sim.tasks.spawn('p', async (task) => {
      got = await task.park<string>('a word', (wake) => {
        const say = { onEvent: (_kind: number, arg: unknown) => wake(arg as string) };
        sim.schedule(2, say, 0, 'second');
        sim.schedule(1, say, 0, 'first');
        return undefined;
      });
    });
    await sim.run();
    expect([got, sim.tasks.runnable, sim.now]).toEqual(['first', 0, 2]);
  });

  it('may end at once', async () => {
    const sim = new Simulator();
    let got = 0;
    sim.tasks.spawn('p', async (task) => {
      got = await task.park<number>('nothing', (wake) => {
        wake(4);
        return undefined;
      });
    });
    await sim.run();
    expect([got, sim.tasks.runnable, sim.tasks.parked()]).toEqual([4, 0, []]);
  });

  it('whose registration fails throws that, and leaves the count of runnable programs right', async () => {
    const sim = new Simulator();
    const log: string[] = [];
    sim.tasks.spawn('p', async (task) => {
      const refuse = () => {
        throw new Error('refused');
      };
      await task.park('nothing', refuse).catch((e: unknown) => log.push(String(e)));
      log.push(`${sim.tasks.runnable} ${sim.tasks.parked().length}`);
    });
    await sim.run();
    expect(log).toEqual(['Error: refused', '1 0']);
    expect(sim.tasks.runnable).toBe(0);
  });

  it('cannot begin before the last has ended', async () => {
    const sim = new Simulator();
    sim.tasks.spawn('h1: sh[1]', async (task) => {
      await Promise.all([task.park('a', () => undefined), task.park('b', () => undefined)]);
    });
    await expect(sim.run()).rejects.toThrow('h1: sh[1] waits for b while it waits for a');
    await null;
    expect([sim.tasks.runnable, sim.tasks.parked()]).toEqual([0, []]);
  });

  it('is not ended by a wake that was meant for an earlier one', async () => {
    const sim = new Simulator();
    const wakes: (() => void)[] = [];
    let steps = 0;
    sim.tasks.spawn('p', async (task) => {
      for (; steps < 3; steps++) await task.park<void>('a wake', (wake) => void wakes.push(wake));
    });
    await sim.run();
    wakes[0]?.();
    await sim.run();
    wakes[0]?.();
    await sim.run();
    expect([steps, wakes.length]).toEqual([1, 2]);
  });

  it('is listed from its beginning to its end, oldest first', async () => {
    const sim = new Simulator();
    const wakes: (() => void)[] = [];
    for (const name of ['a', 'b', 'c', 'd'])
      sim.tasks.spawn(name, (task) => task.park<void>('x', (wake) => void wakes.push(wake)));
    const names = () =>
      sim.tasks
        .parked()
        .map((t) => t.name)
        .join('');
    await sim.run();
    const seen = [names()];
    for (const i of [1, 0, 3, 2]) {
      wakes[i]?.();
      seen.push(names());
    }
    expect(seen).toEqual(['abcd', 'acd', 'cd', 'c', '']);
  });

  it('that is interrupted throws, undoes its registration, and cannot be woken any more', async () => {
    const sim = new Simulator();
    const log: string[] = [];
    let wake: (() => void) | undefined;
    const program = sim.tasks.spawn('p', async (task) => {
      try {
        await task.park<void>('a signal', (w) => {
          wake = w;
          return () => void log.push('undone');
        });
      } catch (e) {
        log.push(String(e));
      }
    });
    await sim.run();
    expect(sim.describeWaits()).toEqual(['p waits for a signal']);
    expect(program.interrupt('SIGINT')).toBe(true);
    wake?.();
    await sim.run();
    expect([log, program.ended, sim.tasks.runnable]).toEqual([['undone', 'SIGINT'], true, 0]);
    expect(program.interrupt('again')).toBe(false);
  });
});
