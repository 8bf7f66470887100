import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { builtInLabNames, shared } from '../kit/index.ts';
import {
  disagreements,
  findRecordings,
  type GoldenRun,
  runGolden,
  topicTable,
} from './golden-runs.ts';

/** Topics in which every command agrees with the recording. */
const COMPLETE: ReadonlySet<string> = new Set(['netns']);

describe('built-in labs', () => {
  it.each(builtInLabNames())('%s prints what a real machine printed', async (name) => {
    const lab = fileURLToPath(new URL(`../../packages/scenarios/labs/${name}.md`, import.meta.url));
    const recording = fileURLToPath(new URL(`./${name}/${name}.linux.jsonl`, import.meta.url));
    const run = await runGolden({ name, topic: name, lab, recording });
    expect(disagreements(run)).toBe('');
    expect(run.agree).toBe(run.total);
  });
});

describe('golden labs', () => {
  const folder = shared('labs');

  it.skipIf(folder === undefined)(
    'agree with their recordings in every complete topic',
    async () => {
      const runs: GoldenRun[] = [];
      for (const recording of findRecordings(folder ?? '')) runs.push(await runGolden(recording));
      console.log(topicTable(runs));
      const wrong = runs.filter((r) => COMPLETE.has(r.topic)).map(disagreements);
      expect(wrong.filter((w) => w !== '').join('\n')).toBe('');
    },
    300_000,
  );
});
