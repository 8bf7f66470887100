import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Reassembly } from './reassembly.ts';

const range = fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 40 }));

/** The ranges of a set of numbers, in order. */
function runs(bytes: ReadonlySet<number>): [number, number][] {
  const out: [number, number][] = [];
  for (const b of [...bytes].sort((x, y) => x - y)) {
    const last = out.at(-1);
    if (last !== undefined && last[1] === b) last[1] = b + 1;
    else out.push([b, b + 1]);
  }
  return out;
}

it('knows what has arrived as a set of bytes would, at any place on the circle', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(range, { maxLength: 30 }), (base, ranges) => {
      const queue = new Reassembly();
      const model = new Set<number>();
      for (const [start, len] of ranges) {
        queue.add((base + start + 1) | 0, (base + start + 1 + len) | 0);
        for (let b = start + 1; b < start + 1 + len; b++) model.add(b);
        const all = runs(model);
        expect(queue.count).toBe(all.length);
        for (const [from, to] of all) {
          expect(queue.has((base + from) | 0, (base + to) | 0)).toBe(true);
          expect(queue.has((base + from) | 0, (base + to + 1) | 0)).toBe(false);
        }
      }
      const first = runs(model)[0];
      const next = first === undefined ? 1 : first[0];
      const end = first === undefined ? 1 : first[1];
      expect(queue.advance((base + next) | 0)).toBe((base + end) | 0);
      expect(queue.count).toBe(Math.max(0, runs(model).length - 1));
    }),
  );
});

it('RFC 2018 section 4: tells the range that grew last first, each once', () => {
  const queue = new Reassembly();
  for (const [start, end] of [
    [10, 20],
    [30, 40],
    [50, 60],
    [20, 25],
  ] as const) {
    queue.add(start, end);
  }
  const out = new Int32Array(8);
  expect(queue.blocks(out, 4)).toBe(3);
  expect([...out.subarray(0, 6)]).toEqual([10, 25, 50, 60, 30, 40]);
  expect(queue.blocks(out, 1)).toBe(1);
});

it('refuses one hole too many', () => {
  const queue = new Reassembly();
  for (let i = 0; i < 256; i++) expect(queue.add(i * 10, i * 10 + 1)).toBe(true);
  expect(queue.add(5000, 5001)).toBe(false);
  expect(queue.add(2550, 2555)).toBe(true);
});
