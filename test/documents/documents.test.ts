import { fileURLToPath } from 'node:url';
import { runLab, TextReport } from '@labwire/scenarios/lab';
import { describe, expect, it } from 'vitest';
import { readLab, shared } from '../kit/index.ts';

describe('a document that nobody wrote for Labwire', () => {
  const document = shared('documents/netns-and-veth.001.md');

  it.skipIf(document === undefined)(
    'runs unchanged, and every output that it shows matches',
    async () => {
      const overlay = fileURLToPath(new URL('./netns-and-veth.yaml', import.meta.url));
      const lab = readLab(document ?? '', overlay);
      let transcript = '';
      const report = new TextReport(lab, (text) => {
        transcript += text;
      });
      const result = await runLab(lab, { listener: report });
      report.finish(result);
      expect(result.summary, transcript).toEqual({
        commands: 26,
        compared: 12,
        matched: 12,
        failed: 0,
      });
    },
  );
});
