import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { builtInLab, builtInLabNames, type CapturedRun, runCaptured } from '../kit/index.ts';

/** Runs something while other work takes turns with it: microtasks, turns of the host's loop, time. */
async function onABusyMachine<T>(work: () => Promise<T>): Promise<T> {
  let busy = true;
  const spin = async (): Promise<void> => {
    for (let n = 0; busy; n++) {
      for (let i = 0; i < 200; i++) await null;
      if (n % 8 === 0) await turn();
    }
  };
  const others = [spin(), spin()];
  try {
    return await work();
  } finally {
    busy = false;
    await Promise.all(others);
  }
}

describe.each(builtInLabNames())('%s', (name) => {
  it('gives the same bytes and the same results twice, the second time on a busy machine', async () => {
    const first = await runCaptured(builtInLab(name));
    const second = await onABusyMachine(() => runCaptured(builtInLab(name)));
    expect(second.json).toBe(first.json);
    expect([...second.captures.keys()]).toEqual([...first.captures.keys()]);
    for (const [machine, bytes] of first.captures)
      expect(Buffer.compare(second.captures.get(machine) as Uint8Array, bytes), machine).toBe(0);
  });

  it('gives other bytes with another seed, and still matches', async () => {
    const bytes = (run: CapturedRun): Buffer => Buffer.concat([...run.captures.values()]);
    const first = await runCaptured(builtInLab(name), 1);
    const other = await runCaptured(builtInLab(name), 2);
    expect(bytes(other).equals(bytes(first))).toBe(false);
    expect(other.result.summary).toEqual(first.result.summary);
  });
});
