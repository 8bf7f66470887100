import {
  examine,
  type Finding,
  LAWS,
  rfcOf,
  SUBJECTS,
  scoreRow,
} from '@labwire/scenarios/properties';
import { describe, expect, it } from 'vitest';
import { currentPage } from './report.ts';

/** Tries of each law on each subject: enough for both sides of every condition to come up. */
const RUNS = 10;

/** The laws of one RFC, as tests: each subject stands to each as the scoreboard says. */
export function holdLaws(rfc: string): void {
  const page = currentPage();
  describe(rfc, () => {
    it.each(LAWS.filter((l) => rfcOf(l) === rfc).map((l) => [l.id, l.meaning, l] as const))(
      '%s: %s',
      async (_id, _meaning, law) => {
        const found: Finding[] = [];
        for (const subject of SUBJECTS)
          found.push(await examine(law, subject, { runs: RUNS, shrink: false }));
        expect(found.flatMap((f) => f.faults.map((fault) => `${f.subject}: ${fault}`))).toEqual([]);
        expect(page).toContain(`\n${scoreRow(law, found)}\n`);
      },
    );
  });
}
