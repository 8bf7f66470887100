import { readFileSync } from 'node:fs';
import {
  compileOutput,
  loadLab,
  matchOutput,
  outputLines,
  Renaming,
  runLab,
  TextReport,
} from '@labwire/scenarios/lab';
import { describe, expect, it } from 'vitest';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('shows a lab that runs, and what it prints', async () => {
    const text = /^````markdown\n(.*?)^````$/ms.exec(README)?.[1] ?? '';
    const shown = /^```text\n(host\$.*?)^```$/ms.exec(README)?.[1] ?? '';
    const lab = loadLab({ file: 'README.md', text });
    let transcript = '';
    const report = new TextReport(lab, (piece) => {
      transcript += piece;
    });
    report.finish(await runLab(lab, { listener: report }));
    const expected = compileOutput('', outputLines(shown));
    expect(matchOutput(expected, outputLines(transcript), new Renaming()), transcript).toBe(true);
    expect(lab.steps.length).toBeGreaterThan(0);
  });
});
