import { loadLab, runLab } from '@labwire/scenarios/lab';
import {
  examine,
  isMet,
  LAWS,
  type Law,
  printLab,
  type SubjectName,
} from '@labwire/scenarios/properties';
import { describe, expect, it } from 'vitest';

const law = (id: string): Law => LAWS.find((l) => l.id === id) as Law;

/** Requirements that somebody does not meet. */
const BROKEN: readonly (readonly [string, SubjectName])[] = [
  ['RFC 4787 REQ-1', 'masquerade'],
  ['RFC 4787 REQ-3', 'snat'],
  ['RFC 4787 REQ-5', 'masquerade'],
  ['RFC 4787 REQ-9', 'dnat'],
  ['RFC 5382 REQ-3', 'masquerade'],
  ['RFC 5382 REQ-5t', 'snat'],
  ['RFC 5508 REQ-3a', 'snat'],
  ['RFC 7857 §2.2', 'masquerade'],
  ['RFC 7857 §7', 'redirect'],
];

describe('a counterexample', () => {
  it.each(BROKEN)(
    'of %s, %s, has five packets at most, and fails as a lab',
    async (id, subject) => {
      const { counterexample } = await examine(law(id), subject, { runs: 12 });
      if (counterexample === undefined) throw new Error('none');
      const packets = counterexample.trace.steps.reduce((n, s) => n + s.sent.length, 0);
      expect(packets).toBeLessThanOrEqual(5);
      const text = printLab(counterexample, {
        title: `${id}, ${subject}`,
        about: [law(id).meaning],
      });
      const { commands, error } = await runLab(loadLab({ file: 'lab.md', text }));
      expect(error).toBeUndefined();
      const compared = commands.filter((c) => c.match !== null);
      expect(compared.map((c) => c.match)).toEqual(counterexample.checks.map(isMet));
      expect(compared.some((c) => c.failed)).toBe(true);
      expect(commands.filter((c) => c.match === null && c.failed)).toEqual([]);
    },
  );
});
