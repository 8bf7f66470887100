import { expect, it } from 'vitest';
import { Fuzzer } from './fuzzer.ts';
import { generate } from './generate/index.ts';
import { whyNot } from './linux/able.ts';
import type { Case } from './model/case.ts';

const CASES = 20;
const reason = whyNot();

it('makes the same cases of a seed', () => {
  expect(generate(7, 3)).toEqual(generate(7, 3));
  expect(generate(7, 3)).not.toEqual(generate(7, 4));
});

// timers of TCP sockets follow the clock, which a busy machine makes other than the simulator's
const quiet = (number: number): Case => ({ ...generate(1, number), sockets: [] });

it.skipIf(reason !== undefined)(
  `finds no difference in ${CASES} cases`,
  async () => {
    const fuzzer = new Fuzzer(1);
    try {
      for (let n = 0; n < CASES; n++) {
        const seen = await fuzzer.run(quiet(n));
        const again = seen === undefined ? undefined : await fuzzer.run(quiet(n));
        expect(again?.text, `case ${n}`).toBeUndefined();
      }
    } finally {
      fuzzer.close();
    }
  },
  300_000,
);
