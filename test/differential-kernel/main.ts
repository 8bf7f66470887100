/** `npm run differential -- --runs N --seed S`: random routers, rules and packets through the real kernel and Labwire. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare } from './compare/compare.ts';
import { type Found, Fuzzer } from './fuzzer.ts';
import { labText } from './lab.ts';
import { whyNot } from './linux/able.ts';
import type { Case, Family } from './model/case.ts';
import { record, recordingText } from './recording.ts';
import { shortened, show } from './show.ts';

/** Cases between two words of how far it is. */
const TELL_EVERY = 500;
const RECORDINGS = fileURLToPath(new URL('recordings', import.meta.url));

const { values } = parseArgs({
  options: {
    family: { type: 'string', default: 'inet' },
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '4' },
    keep: { type: 'string' },
    replay: { type: 'string' },
    record: { type: 'string' },
    title: { type: 'string', default: '' },
    most: { type: 'string', default: '20' },
  },
});

const reason = whyNot();
if (reason !== undefined) {
  console.log(`skipped: ${reason}`);
} else {
  const fuzzer = new Fuzzer(Number(values.jobs));
  try {
    if (values.record !== undefined) await recordCases(fuzzer, values.record);
    else if (values.replay === undefined) await hunt(fuzzer);
    else await replay(fuzzer, values.replay);
  } finally {
    fuzzer.close();
  }
}

async function hunt(fuzzer: Fuzzer): Promise<void> {
  const [runs, seed, from, most] = [values.runs, values.seed, values.from, values.most].map(Number);
  const began = Date.now();
  const { family } = values;
  if (family !== 'inet' && family !== 'inet6') {
    console.log(`--family ${family}: inet or inet6 is meant`);
    process.exitCode = 2;
    return;
  }
  const range = {
    family: family as Family,
    seed: seed as number,
    from: from as number,
    runs: runs as number,
    most: most as number,
  };
  const went = (ran: number): void => {
    if (ran % TELL_EVERY === 0) console.log(`seed ${seed}: ${ran} cases`);
  };
  const result = await fuzzer.hunt(range, tell, went);
  const ms = (Date.now() - began) / Math.max(1, result.ran);
  console.log(
    `\nseed ${seed}: ${result.ran} cases, ${ms.toFixed(1)} ms each, ${result.found} differences, ${result.unsteady} that did not stay`,
  );
  for (const [kind, n] of result.kinds) console.log(`  ${n} ${kind}`);
  for (const [name, n] of result.explained) console.log(`  ${n} explained: ${name}`);
  if (result.found > 0) process.exitCode = 1;

  function tell(found: Found): void {
    console.log(
      `\n## case ${found.number} of seed ${seed}: ${found.difference.kind}, ${found.difference.what}`,
    );
    console.log(show(found.small));
    console.log(shortened(found.difference.text));
    if (values.keep !== undefined) {
      mkdirSync(values.keep, { recursive: true });
      const file = join(values.keep, `seed-${seed}-case-${found.number}.json`);
      writeFileSync(file, JSON.stringify(found.small, null, 1));
      const title = `${found.difference.kind}: ${found.difference.what}`.trim();
      writeFileSync(file.replace(/json$/, 'md'), labText(title, found.small, found.linux));
    }
  }
}

/** Plays all cases of a folder on the real kernel, and keeps what it did beside the tests. */
async function recordCases(fuzzer: Fuzzer, folder: string): Promise<void> {
  for (const name of readdirSync(folder).filter((n) => n.endsWith('.json'))) {
    const test = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Case;
    const [linux] = await fuzzer.observe(test);
    writeFileSync(join(RECORDINGS, name), recordingText(record(values.title, test, linux)));
  }
}

/** Plays a case again, and shows all that either side has to say. */
async function replay(fuzzer: Fuzzer, file: string): Promise<void> {
  const test = JSON.parse(readFileSync(file, 'utf8')) as Case;
  const [linux, labwire] = await fuzzer.observe(test);
  for (const [name, seen] of [
    ['Linux', linux],
    ['Labwire', labwire],
  ] as const) {
    console.log(`\n## ${name}\n${seen.save}\n${seen.conntrack}`);
    for (const [id, frames] of seen.frames)
      for (const [dev, hex] of frames) console.log(`after ${id}: eth${dev} ${shortened(hex)}`);
  }
  const difference = compare(test, linux, labwire);
  console.log(
    difference === undefined ? '\nno difference' : `\n${difference.kind}: ${difference.text}`,
  );
  if (difference !== undefined) process.exitCode = 1;
}
