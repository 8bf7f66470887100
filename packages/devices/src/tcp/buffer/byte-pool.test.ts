import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newBytes } from './index.ts';

it('gives every piece bytes of its own, all of them zero', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(sizes, (all) => {
      const pieces = all.map((n, i) => {
        const piece = newBytes(n);
        expect(piece.length).toBe(n);
        expect(piece.every((b) => b === 0)).toBe(true);
        return piece.fill(i + 1);
      });
      for (const [i, piece] of pieces.entries()) expect(piece.every((b) => b === i + 1)).toBe(true);
    }),
  );
});
