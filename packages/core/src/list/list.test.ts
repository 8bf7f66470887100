import fc from 'fast-check';
import { expect, test } from 'vitest';
import { insertAt, removeAt } from './list.ts';

test('items go in and out as splice would have it, and a short list that was handed out stays as it was', () => {
  const steps = fc.array(fc.record({ at: fc.nat(), add: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (all) => {
      let list: number[] = [];
      const model: number[] = [];
      for (const [i, { at, add }] of all.entries()) {
        const before = list;
        const was = [...list];
        const place = at % (model.length + 1);
        if (add) {
          list = insertAt(list, place, i);
          model.splice(place, 0, i);
        } else if (place < model.length) {
          list = removeAt(list, place);
          model.splice(place, 1);
        }
        expect(list).toEqual(model);
        if (was.length < 16) expect(before).toEqual(was);
      }
    }),
  );
});
