import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteRing } from './byte-ring.ts';

const step = fc.oneof(
  fc.record({ put: fc.uint8Array({ maxLength: 3000 }), ahead: fc.nat(500) }),
  fc.record({ drop: fc.nat(4000) }),
);

it('holds what an array holds, with holes, around its end and while it grows', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const ring = new ByteRing();
      let model: number[] = [];
      for (const s of steps) {
        if ('drop' in s) {
          const n = Math.min(s.drop, model.length);
          ring.drop(n);
          model = model.slice(n);
          continue;
        }
        const at = model.length;
        ring.write(at + s.ahead, s.put, 0, s.put.length); // behind a hole that is filled next
        ring.write(at, new Uint8Array(s.ahead).fill(7), 0, s.ahead);
        model = [...model, ...new Array<number>(s.ahead).fill(7), ...s.put];
      }
      const out = new Uint8Array(model.length + 2);
      ring.read(0, out, 1, model.length);
      expect([...out]).toEqual([0, ...model, 0]);
    }),
  );
});
