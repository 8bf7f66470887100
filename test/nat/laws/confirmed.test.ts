import { existsSync, readFileSync } from 'node:fs';
import { attempt, type Check, isMet, LAWS, SUBJECTS, Try } from '@labwire/scenarios/properties';
import { describe, expect, it } from 'vitest';
import { type Confirmed, RECORD } from './on-linux.ts';

const confirmed = existsSync(RECORD)
  ? readFileSync(RECORD, 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as Confirmed)
  : [];

/** Laws of which some subjects are not recorded, and why. */
const UNCONFIRMED: Readonly<Record<string, string>> = {
  'RFC 5382 REQ-5':
    'nobody waits for two hours; established.md asks conntrack for the time that is left',
  'RFC 4787 REQ-4': 'user mode draws its ports at random',
};

/** What came of a check; lines name ports that a kernel draws at random. */
const outcome = (c: Check): string => `${c.step}, ${c.what}: ${isMet(c) ? 'so' : 'not so'}`;

describe('what a real kernel did is what happens here', () => {
  it.each(LAWS.map((l) => [l.id, l] as const))('%s', async (id, law) => {
    const records = confirmed.filter((c) => c.law === id);
    for (const { subject, chance, checks, instead } of records) {
      const ours = await attempt(law, new Try(subject, law.proto, chance));
      expect(`${subject}: ${ours.checks.map(outcome)}`).toBe(`${subject}: ${checks.map(outcome)}`);
      expect(ours.instead.map(outcome)).toEqual(instead.map(outcome));
      expect(instead.filter((c) => !isMet(c)).map((c) => `${subject}: ${outcome(c)}`)).toEqual([]);
    }
    if (UNCONFIRMED[id] !== undefined) return;
    const subjects = new Set(records.map((r) => r.subject));
    for (const subject of SUBJECTS)
      if (law.notFor?.[subject] === undefined) expect(subjects).toContain(subject);
  });
});
