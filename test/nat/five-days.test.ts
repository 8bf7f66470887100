import {
  attempt,
  type Chance,
  chance,
  isMet,
  LAWS,
  type Law,
  Try,
} from '@labwire/scenarios/properties';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const law = LAWS.find((l) => l.id === 'RFC 5382 REQ-5') as Law;
const DAYS = 5 * 86_400;

/** A connection through MASQUERADE that is silent for so long, and then goes on. @returns whether it still is there */
async function survives(seconds: number): Promise<boolean> {
  const [c] = fc.sample(chance, { numRuns: 1, seed: 1 }) as [Chance];
  const steps: Law['steps'] = (t) =>
    law.steps(t).map((s) => (s.do === 'wait' ? { ...s, seconds } : s));
  const { checks } = await attempt({ ...law, steps }, new Try('masquerade', 'tcp', c));
  return checks.length > 0 && checks.every(isMet);
}

it('keeps an idle connection for five days, to the second', async () => {
  expect(await survives(DAYS - 1)).toBe(true);
  expect(await survives(DAYS + 1)).toBe(false);
});
