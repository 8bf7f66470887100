import { expect, it } from 'vitest';
import { KINDS } from './devices.ts';
import { fuzz } from './fuzz.ts';

// the million is `npm run fuzz`
it('delivers or drops with a reason whatever comes to any kind of device', () => {
  const kinds: string[] = [];
  fuzz({ frames: 8_000, seed: 1, onKind: (kind) => kinds.push(kind) });
  expect(kinds).toEqual([...KINDS.keys()]);
}, 60_000);
