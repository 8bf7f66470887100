import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import type { Process, Program } from '../machine/index.ts';
import { closeInput, LineReader, openInput } from './input.ts';
import { eachFile, type Options, quote, tool, UsageError } from './tool.ts';

/** Positions from 1, both ends included. */
type Range = readonly [from: number, to: number];

/** cut(1). */
export const cut: Program = tool(
  {
    name: 'cut',
    letters: 'b:c:f:d:nsz',
    longs: {
      'bytes=': 'b',
      'characters=': 'c',
      'fields=': 'f',
      'delimiter=': 'd',
      'only-delimited': 's',
      complement: 'complement',
      'output-delimiter=': 'out',
    },
  },
  (proc, options, operands) => {
    const kinds = ['b', 'c', 'f'].filter((k) => options.has(k));
    if (kinds.length === 0)
      throw new UsageError('you must specify a list of bytes, characters, or fields');
    if (kinds.length > 1 || options.values(kinds[0] as string).length > 1)
      throw new UsageError('only one list may be specified');
    const kind = kinds[0] as string;
    const delimiter = options.value('d');
    if (delimiter !== undefined && kind !== 'f')
      throw new UsageError('an input delimiter may be specified only when operating on fields');
    if (delimiter !== undefined && utf8Encode(delimiter).length > 1)
      throw new UsageError('the delimiter must be a single character');
    const ranges = parseRanges(
      options.value(kind) as string,
      kind === 'f' ? 'field' : 'byte/character',
    );
    const change = kind === 'f' ? fieldCutter(options, ranges) : byteCutter(options, ranges);
    return eachFile(proc, 'cut', operands.length > 0 ? operands : ['-'], (file) =>
      cutFile(proc, file, change),
    );
  },
);

async function cutFile(
  proc: Process,
  file: string,
  change: (line: string) => string | undefined,
): Promise<void> {
  const fd = openInput(proc, file);
  const reader = new LineReader(proc, fd);
  for (;;) {
    const line = await reader.next();
    if (line === undefined) break;
    const out = change(line);
    if (out !== undefined) await proc.out(`${out}\n`);
  }
  closeInput(proc, fd);
}

/** Reads a list such as `1,3-5,7-`. */
function parseRanges(text: string, what: string): Range[] {
  return text.split(/[, ]/).map((item) => {
    const m = /^(\d*)(-?)(\d*)$/.exec(item);
    if (m === null || item === '')
      throw new UsageError(
        `invalid ${what === 'field' ? 'field value' : 'byte or character position'} ${quote(item)}`,
      );
    if (item === '-') throw new UsageError('invalid range with no endpoint: -');
    const from = m[1] === '' ? 1 : Number(m[1]);
    const to = m[2] === '' ? from : m[3] === '' ? Infinity : Number(m[3]);
    if (from === 0)
      throw new UsageError(
        `${what === 'field' ? 'fields' : 'byte/character positions'} are numbered from 1`,
      );
    if (to < from) throw new UsageError('invalid decreasing range');
    return [from, to] as const;
  });
}

function chosen(ranges: readonly Range[], options: Options): (position: number) => boolean {
  const not = options.has('complement');
  return (position) => ranges.some(([from, to]) => position >= from && position <= to) !== not;
}

function fieldCutter(
  options: Options,
  ranges: readonly Range[],
): (line: string) => string | undefined {
  const delimiter = options.value('d') || '\t';
  const joiner = options.value('out') ?? delimiter;
  const wanted = chosen(ranges, options);
  return (line) => {
    if (!line.includes(delimiter)) return options.has('s') ? undefined : line;
    return line
      .split(delimiter)
      .filter((_, i) => wanted(i + 1))
      .join(joiner);
  };
}

function byteCutter(options: Options, ranges: readonly Range[]): (line: string) => string {
  const wanted = chosen(ranges, options);
  return (line) => utf8Decode(utf8Encode(line).filter((_, i) => wanted(i + 1)));
}
