import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shared } from '../kit/index.ts';
import type { Row, RowResult } from './conformance-set.ts';
import { report } from './report.ts';
import { set as iptables } from './sets/iptables.ts';

const FILES = ['dev.jsonl', 'dev-restore.jsonl'];

async function play(file: string): Promise<RowResult[]> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const results: RowResult[] = [];
  for (const line of lines.filter((l) => l !== ''))
    results.push(await iptables.play(JSON.parse(line) as Row));
  return results;
}

describe('the iptables conformance rows', () => {
  it.each(FILES)(
    '%s are right, or refused by name',
    async (name) => {
      const file = shared(`conformance/iptables/${name}`);
      if (file === undefined) return;
      const results = await play(file);
      console.log(report(results));
      const ours = results.filter((r) => r.group !== 'l2'); // arptables and ebtables are apart
      const wrong = ours.filter((r) => r.result === 'wrong');
      expect(wrong.map((r) => `${r.want}\n${r.got}`)).toEqual([]);
      const texts = results.filter((r) => r.group === 'core' && r.result === 'right');
      expect(texts.filter((r) => Object.values(r.figures).includes(false))).toEqual([]);
    },
    60_000,
  );
});
