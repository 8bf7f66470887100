import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shared } from '../kit/index.ts';
import { report } from './report.ts';
import { set } from './sets/tcpdump.ts';
import type { CaptureRow } from './tcpdump/play-capture.ts';

const file = shared('conformance/tcpdump/dev.jsonl');

it.skipIf(file === undefined)(
  "prints the captures of tcpdump's own tests as tcpdump does",
  async () => {
    const results = [];
    for (const line of readFileSync(file as string, 'utf8')
      .trim()
      .split('\n'))
      results.push(await set.play(JSON.parse(line) as CaptureRow));
    console.log(report(results));
    const core = results.filter((r) => r.group === 'core');
    expect(core.filter((r) => r.result === 'wrong').map((r) => `${r.want}\n${r.got}`)).toEqual([]);
    expect(core.filter((r) => r.result === 'right').length / core.length).toBeGreaterThan(0.9);
  },
  60_000,
);
