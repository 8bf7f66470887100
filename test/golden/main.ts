import { existsSync, statSync } from 'node:fs';
import {
  disagreements,
  findRecordings,
  type GoldenRun,
  runGolden,
  topicTable,
} from './golden-runs.ts';

const USAGE = `golden DIR... [--json] [-v]

Runs every LAB.md below DIR that has a LAB.linux.jsonl beside it and holds the run against that recording of a real
machine. Prints how many commands agree, topic by topic.

  --json  one JSON object per command instead
  -v      each disagreement too
`;

/** @returns 0 if all agree, 1 if not, 2 if there is nothing to run */
async function main(words: readonly string[]): Promise<number> {
  const folders = words.filter((w) => !w.startsWith('-'));
  const unknown = words.find((w) => w.startsWith('-') && !['--json', '-v', '--help'].includes(w));
  if (words.includes('--help') || folders.length === 0 || unknown !== undefined) {
    if (unknown !== undefined) process.stderr.write(`golden: unknown option ${unknown}\n`);
    process.stdout.write(USAGE);
    return words.includes('--help') ? 0 : 2;
  }
  const missing = folders.find((f) => !existsSync(f) || !statSync(f).isDirectory());
  if (missing !== undefined) {
    process.stderr.write(`golden: ${missing}: there is no such folder\n`);
    return 2;
  }
  const runs: GoldenRun[] = [];
  for (const recording of folders.flatMap(findRecordings)) {
    const run = await runGolden(recording);
    runs.push(run);
    if (words.includes('--json')) printJson(run);
    else if (words.includes('-v') && run.agree < run.total)
      process.stdout.write(`${disagreements(run)}\n`);
  }
  if (!words.includes('--json')) process.stdout.write(`${topicTable(runs)}\n`);
  return runs.every((r) => r.agree === r.total) ? 0 : 1;
}

function printJson(run: GoldenRun): void {
  for (const { recorded, ours, agrees } of run.agreements) {
    const { line, machine, command, output, exitCode } = recorded;
    const linux = { output, exitCode };
    const labwire = ours === undefined ? null : { output: ours.output, exitCode: ours.exitCode };
    const object = { lab: run.name, line, machine, command, agrees, linux, labwire };
    process.stdout.write(`${JSON.stringify(object)}\n`);
  }
}

// whoever reads has had enough
process.stdout.on('error', () => process.exit(1));
process.exitCode = await main(process.argv.slice(2));
