/** `npm run differential -- --runs N --seed S`: random routers, rules and packets through the real kernel and Labwire. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Fuzzer } from './fuzzer.ts';
import { whyNot } from './linux/able.ts';
import { type Case, rulesText } from './model/case.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '4' },
    keep: { type: 'string' },
    replay: { type: 'string' },
    most: { type: 'string', default: '20' },
  },
});

const reason = whyNot();
if (reason !== undefined) {
  console.log(`skipped: ${reason}`);
} else {
  const fuzzer = new Fuzzer(Number(values.jobs));
  try {
    if (values.replay === undefined) await hunt(fuzzer);
    else await replay(fuzzer, values.replay);
  } finally {
    fuzzer.close();
  }
}

async function hunt(fuzzer: Fuzzer): Promise<void> {
  const [runs, seed, from, most] = [values.runs, values.seed, values.from, values.most].map(Number);
  const began = Date.now();
  const range = {
    seed: seed as number,
    from: from as number,
    runs: runs as number,
    most: most as number,
  };
  const result = await fuzzer.hunt(range, (found) => {
    console.log(
      `\n## case ${found.number} of seed ${seed}: ${found.difference.kind}, ${found.difference.what}`,
    );
    console.log(show(found.small));
    console.log(shortened(found.difference.text));
    if (values.keep !== undefined) {
      mkdirSync(values.keep, { recursive: true });
      const file = join(values.keep, `seed-${seed}-case-${found.number}.json`);
      writeFileSync(file, JSON.stringify(found.small, null, 1));
    }
  });
  const ms = (Date.now() - began) / Math.max(1, result.ran);
  console.log(
    `\nseed ${seed}: ${result.ran} cases, ${ms.toFixed(1)} ms each, ${result.found} differences`,
  );
  for (const [kind, n] of result.kinds) console.log(`  ${n} ${kind}`);
  if (result.found > 0) process.exitCode = 1;
}

async function replay(fuzzer: Fuzzer, file: string): Promise<void> {
  const test = JSON.parse(readFileSync(file, 'utf8')) as Case;
  const difference = await fuzzer.run(test);
  console.log(
    difference === undefined ? 'no difference' : `${difference.kind}: ${difference.text}`,
  );
  if (difference !== undefined) process.exitCode = 1;
}

const shortened = (hex: string): string =>
  hex.replace(/(61){20,}/g, (run) => `(61 x ${run.length / 2})`);

/** A case as people read it. */
function show({ ip, sysctls, tables, sockets, steps }: Case): string {
  return [
    ...ip.map((l) => `ip ${l}`),
    ...sysctls.map(([name, value]) => `sysctl ${name}=${value}`),
    rulesText(tables),
    ...sockets.map((s) => `listen ${s.protocol} ${s.port}`),
    ...steps.map((s) =>
      s.kind === 'frame'
        ? `${s.id}: eth${s.dev} ${shortened(s.frame)} (${s.note})`
        : `${s.id}: answer ${JSON.stringify(s.how)} (${s.note})`,
    ),
  ].join('\n');
}
