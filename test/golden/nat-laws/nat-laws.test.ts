import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { disagreements, findRecordings, runGolden } from '../golden-runs.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

it.each(findRecordings(folder).map((r) => [r.name, r] as const))(
  '%s says what Linux said',
  async (_name, recording) => {
    const run = await runGolden(recording);
    expect(disagreements(run)).toBe('');
    expect(run.agree).toBe(run.total);
  },
);
