import fc from 'fast-check';
import { expect, it } from 'vitest';
import { after, before, distance, maxSeq } from './seq.ts';

it('order and distance survive the wrap, half the circle around', () => {
  const step = fc.integer({ min: -0x7fff_ffff, max: 0x7fff_ffff });
  fc.assert(
    fc.property(fc.integer(), step, (a, d) => {
      const b = (a + d) | 0;
      expect(distance(a, b)).toBe(d);
      expect(before(a, b)).toBe(d > 0);
      expect(after(a, b)).toBe(d < 0);
      expect(maxSeq(a, b)).toBe(d > 0 ? b : a);
    }),
  );
});
