import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { disagreements, findRecordings, runGolden } from '../golden-runs.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

describe('bonds by their files', () => {
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
