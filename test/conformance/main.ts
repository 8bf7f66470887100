import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ConformanceSet, Row, RowResult } from './conformance-set.ts';
import { report } from './report.ts';

const SETS = fileURLToPath(new URL('./sets/', import.meta.url));
const NAMES = readdirSync(SETS).map((f) => f.replace(/\.ts$/, ''));
const USAGE = `conformance SET FILE.jsonl [--json] [-v] [--only TEXT]

Plays every row of a file of a peer's suite and tells how many were right, refused (Labwire named what it does not
support) and wrong. Sets: ${NAMES.join(', ')}.

  --json       one JSON object per row instead: id, result, got
  -v           each row that is not right, or whose texts differ, too
  --only TEXT  only rows whose id has this in it
`;

interface Options {
  readonly set: string;
  readonly file: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly only: string;
}

/** @returns what is wrong with the words in place of options */
function readOptions(words: readonly string[]): Options | string {
  const rest = [...words];
  const flag = (name: string): boolean => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  };
  const onlyAt = rest.indexOf('--only');
  const [, only = ''] = onlyAt < 0 ? [] : rest.splice(onlyAt, 2);
  const [json, verbose] = [flag('--json'), flag('-v')];
  const unknown = rest.find((w) => w.startsWith('-'));
  if (unknown !== undefined) return `unknown option ${unknown}`;
  const [set, file, more] = rest;
  if (set === undefined || file === undefined || more !== undefined)
    return 'a set and one file are needed';
  if (!NAMES.includes(set)) return `no set ${set}; there are ${NAMES.join(', ')}`;
  if (!existsSync(file)) return `${file}: there is no such file`;
  return { set, file, json, verbose, only };
}

function print(row: Row, r: RowResult, { json, verbose }: Options): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ id: row.id, result: r.result, got: r.got })}\n`);
    return;
  }
  const odd = r.result !== 'right' || Object.values(r.figures).includes(false);
  if (verbose && odd)
    process.stdout.write(
      `--- ${row.id} (${r.group}): ${r.result}\nwant ${r.want}\ngot  ${r.got}\n`,
    );
}

/** @returns the rows, or what is wrong with the file and where */
function readRows(file: string): Row[] | string {
  const rows: Row[] = [];
  for (const [i, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      rows.push(JSON.parse(line) as Row);
    } catch {
      return `${file}:${i + 1}: no JSON; write one object per line`;
    }
  }
  return rows;
}

/** @returns 0 if no row was wrong, 1 if one was, 2 if there is nothing to play */
async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const options = readOptions(words);
  if (typeof options === 'string') {
    process.stderr.write(`conformance: ${options}\n${USAGE}`);
    return 2;
  }
  const { set } = (await import(`./sets/${options.set}.ts`)) as { set: ConformanceSet };
  const rows = readRows(options.file);
  if (typeof rows === 'string') {
    process.stderr.write(`conformance: ${rows}\n`);
    return 2;
  }
  const results: RowResult[] = [];
  for (const row of rows.filter((r) => r.id.includes(options.only))) {
    const result = await set.play(row);
    results.push(result);
    print(row, result, options);
  }
  if (!options.json) process.stdout.write(`${report(results)}\n`);
  return results.some((r) => r.result === 'wrong') ? 1 : 0;
}

// whoever reads has had enough
process.stdout.on('error', () => process.exit(1));
process.exitCode = await main(process.argv.slice(2));
