import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_USERS, usedAddrs, usersOf, withUsers } from './user-counts.ts';

it('counts as a Map does, in the same order, and leaves older lists as they were', () => {
  const steps = fc.array(fc.record({ addr: fc.nat(5), users: fc.nat(2) }), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (all) => {
      const model = new Map<number, number>();
      let counts = NO_USERS;
      for (const { addr, users } of all) {
        const before = counts;
        const was = [...counts];
        counts = withUsers(counts, addr, users);
        if (users === 0) model.delete(addr);
        else model.set(addr, users);
        expect(usedAddrs(counts)).toEqual([...model.keys()]);
        for (let a = 0; a <= 5; a++) expect(usersOf(counts, a)).toBe(model.get(a) ?? 0);
        expect(before).toEqual(was);
      }
    }),
  );
});
