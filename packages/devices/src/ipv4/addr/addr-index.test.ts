import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { InIfaddr } from '../in-device.ts';
import { AddrIndex } from './addr-index.ts';

it('names the device that first got an address, few or many, also after some are gone', () => {
  const steps = fc.array(fc.record({ local: fc.nat(6), again: fc.nat() }), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (all) => {
      const index = new AddrIndex();
      let left: InIfaddr[] = [];
      const check = () => {
        for (let addr = 0; addr <= 6; addr++) {
          const first = left.find((a) => a.local === addr);
          expect(index.devOf(addr)).toBe(first === undefined ? null : first.idev.dev);
        }
      };
      for (const [i, { local, again }] of all.entries()) {
        const ifa = { local, idev: { dev: `device ${i}` } } as unknown as InIfaddr;
        index.add(ifa);
        left.push(ifa);
        if (again % 3 === 0) {
          const gone = left[again % left.length] as InIfaddr;
          index.remove(gone);
          left = left.filter((a) => a !== gone);
        }
        check();
      }
    }),
  );
});
