import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { errnoNumber, KernelError, strerror } from '@labwire/core/error';
import { atoi, getopt, type LongOption } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { JsonError, type JsonLayout, readJson, writeJson } from './json-value.ts';

const FLAGS = ['sort-keys', 'no-ensure-ascii', 'json-lines', 'tab', 'no-indent', 'compact', 'help'];
const LONGS: readonly LongOption[] = [
  ...FLAGS.map((name): LongOption => ({ name, arg: 'no', key: name })),
  { name: 'indent', arg: 'required', key: 'indent' },
];
const USAGE =
  'usage: python -m json.tool [-h] [--sort-keys] [--no-ensure-ascii] [--json-lines]\n                           [--indent INDENT | --tab | --no-indent | --compact]\n                           [infile] [outfile]\n';

/** `python3 -m json.tool`: checks JSON and lays it out. Source: CPython 3.11, Lib/json/tool.py */
export async function jsonTool(proc: Process, args: readonly string[]): Promise<number> {
  const { options, operands, error } = getopt(args, 'h', LONGS);
  const given = new Map(options.map((o) => [o.opt, o.arg ?? '']));
  if (given.has('h') || given.has('help')) {
    await proc.out(USAGE);
    return 0;
  }
  if (error !== undefined) {
    await proc.err(`${USAGE}python -m json.tool: error: ${error}\n`);
    return 2;
  }
  const [from = '-', to = '-'] = operands;
  try {
    const text = await readAll(proc, from);
    const sources = given.has('json-lines') ? text.split('\n').filter((l) => l !== '') : [text];
    const layout = layoutOf(given);
    let out = '';
    for (const source of sources) out += `${writeJson(readJson(source), layout)}\n`;
    if (to === '-') await proc.out(out);
    else proc.fs.writeFile(proc.path(to), utf8Encode(out), { mode: 0o644 });
    return 0;
  } catch (e) {
    if (e instanceof KernelError)
      await proc.err(
        `${USAGE}python -m json.tool: error: argument infile: can't open '${from}': [Errno ${errnoNumber(e.errno)}] ${strerror(e.errno)}: '${from}'\n`,
      );
    else if (e instanceof JsonError) await proc.err(`${e.message}\n`);
    else throw e;
    return e instanceof KernelError ? 2 : 1;
  }
}

function layoutOf(given: ReadonlyMap<string, string>): JsonLayout {
  const flat = given.has('no-indent') || given.has('compact');
  const compact = given.has('compact');
  const indent = given.has('tab')
    ? '\t'
    : ' '.repeat(given.has('indent') ? atoi(given.get('indent') ?? '') : 4);
  return {
    indent: flat ? undefined : indent,
    comma: compact ? ',' : flat ? ', ' : ',',
    colon: compact ? ':' : ': ',
    ascii: !given.has('no-ensure-ascii'),
    sorted: given.has('sort-keys'),
  };
}

async function readAll(proc: Process, path: string): Promise<string> {
  if (path !== '-') return proc.fs.readText(proc.path(path));
  let text = '';
  for (;;) {
    const piece = await proc.read(0);
    if (piece.length === 0) return text;
    text += utf8Decode(piece);
  }
}
