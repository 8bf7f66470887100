import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NAT_KINDS, natRules } from '@labwire/scenarios/nat-presets';
import { describe, expect, it } from 'vitest';
import { disagreements, findRecordings, runGolden } from '../golden-runs.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const lab = readFileSync(`${folder}/nat-presets.md`, 'utf8');
const PLAN = {
  inside: 'in0',
  outside: 'o0',
  outsideAddress: '203.0.113.10',
  hosts: ['10.0.0.2'],
};

describe('NAT presets', () => {
  // a carrier's rules are about addresses that this lab has not; see the lab nat-kinds
  const plans = NAT_KINDS.filter((kind) => kind !== 'carrier-grade').flatMap((kind) =>
    [false, true].map((hairpin) => ({ ...PLAN, kind, hairpin })),
  );

  it.each(plans.filter(({ kind, hairpin }) => kind !== 'symmetric' || !hairpin))(
    '$kind, hairpin $hairpin: the recording is of these rules',
    (plan) => {
      const { sets, rules } = natRules(plan);
      for (const text of [sets, rules])
        expect(lab).toContain(text.trimEnd().replaceAll('\n', '\n> '));
    },
  );

  it.each(findRecordings(folder).map((r) => [r.name, r] as const))(
    '%s prints what Linux printed',
    async (_name, recording) => {
      const run = await runGolden(recording);
      expect(disagreements(run)).toBe('');
      expect(run.agree).toBe(run.total);
    },
    30_000,
  );
});
