import { expect, it } from 'vitest';
import { Fuzzer } from './fuzzer.ts';
import { generate } from './generate/index.ts';
import { whyNot } from './linux/able.ts';
import type { Case } from './model/case.ts';

const CASES = 20;
const reason = whyNot();

it.each(['inet', 'inet6'] as const)('makes the same cases of a seed: %s', (family) => {
  expect(generate(7, 3, family)).toEqual(generate(7, 3, family));
  expect(generate(7, 3, family)).not.toEqual(generate(7, 4, family));
});

/** A packet without a route to clamp to is more than the kernel can bear. */
it.each(['inet', 'inet6'] as const)('clamps to no route before routing: %s', (family) => {
  for (let n = 0; n < 1000; n++) {
    const { rules = [] } = generate(7, n, family).tables.mangle ?? {};
    const from = (chain: string): string[] => rules.filter((r) => r.startsWith(`-A ${chain} `));
    const early = ['PREROUTING'];
    for (const chain of early)
      for (const rule of from(chain)) {
        const to = / -[jg] (u\d)$/.exec(rule)?.[1];
        if (to !== undefined && !early.includes(to)) early.push(to);
      }
    const clamps = early
      .slice(1)
      .flatMap(from)
      .filter((r) => r.includes('--clamp'));
    expect(clamps, `case ${n}`).toEqual([]);
  }
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
