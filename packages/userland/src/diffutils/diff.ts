import { utf8Decode } from '@labwire/core/bytes';
import { formatDate, linesOf, readInput, ToolError, tool, UsageError } from '../coreutils/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { compareLines } from './compare.ts';
import { normalDiff, type Side, unifiedDiff } from './print.ts';

const TROUBLE = 2;
const CONTEXT = 3;

/** diff(1) of two files, in its own form or unified. */
export const diff: Program = tool(
  {
    name: 'diff',
    letters: 'uU:qsibw',
    longs: {
      'unified?': 'unified',
      brief: 'q',
      'report-identical-files': 's',
      'ignore-case': 'i',
      'ignore-space-change': 'b',
      'ignore-all-space': 'w',
    },
    usageStatus: TROUBLE,
    usage: "diff: Try 'diff --help' for more information.\n",
  },
  async (proc, options, operands) => {
    const [first, second, ...more] = operands;
    if (second === undefined) throw new UsageError(`missing operand after '${first ?? 'diff'}'`);
    if (more.length > 0) throw new UsageError(`extra operand '${more[0]}'`);
    const names = paths(proc, first as string, second);
    const [a, b] = [await read(proc, names[0]), await read(proc, names[1])];
    const fold = folding((letter) => options.has(letter));
    const changes = compareLines(keys(a, fold), keys(b, fold));
    if (changes.length === 0) {
      if (options.has('s')) await proc.out(`Files ${a.name} and ${b.name} are identical\n`);
      return 0;
    }
    const context = contextOf(options.has('u'), options.value('U') ?? options.value('unified'));
    if (options.has('q')) await proc.out(`Files ${a.name} and ${b.name} differ\n`);
    else if (context === undefined && !options.has('unified'))
      await proc.out(normalDiff(a, b, changes));
    else await proc.out(unifiedDiff(a, b, changes, context ?? CONTEXT));
    return 1;
  },
);

function contextOf(unified: boolean, lines: string | undefined): number | undefined {
  if (lines === undefined) return unified ? CONTEXT : undefined;
  if (!/^\d+$/.test(lines)) throw new UsageError(`invalid context length '${lines}'`);
  return Number(lines);
}

/** A directory stands for the file of the other's name in it. */
function paths(proc: Process, first: string, second: string): [string, string] {
  const [dirs1, dirs2] = [first, second].map((name) => isDirectory(proc, name));
  if (dirs1 === true && dirs2 === true)
    throw new ToolError(`Labwire's diff compares files, no directories: ${first}`, TROUBLE);
  const inside = (dir: string, file: string): string =>
    `${dir}/${file.slice(file.lastIndexOf('/') + 1)}`;
  if (dirs1 === true) return [inside(first, second), second];
  return [first, dirs2 === true ? inside(second, first) : second];
}

function isDirectory(proc: Process, name: string): boolean {
  const path = proc.path(name);
  return name !== '-' && proc.fs.exists(path) && proc.fs.stat(path).type === 'dir';
}

async function read(proc: Process, name: string): Promise<Side> {
  try {
    const text = utf8Decode(await readInput(proc, name));
    const mtime = name === '-' ? proc.machine.wallClock : proc.fs.stat(proc.path(name)).mtime;
    const time = `${formatDate('%Y-%m-%d %H:%M:%S', mtime)}.000000000 +0000`;
    return { name, lines: linesOf(text), terminated: text === '' || text.endsWith('\n'), time };
  } catch (e) {
    throw new ToolError(`${name}: ${(e as Error).message}`, TROUBLE);
  }
}

/** What makes two lines equal. */
function folding(has: (letter: string) => boolean): (line: string) => string {
  return (line) => {
    let key = line;
    if (has('w')) key = key.replace(/\s+/g, '');
    else if (has('b')) key = key.replace(/\s+/g, ' ').trimEnd();
    return has('i') ? key.toLowerCase() : key;
  };
}

/** A last line without a newline differs from the same one with it. */
function keys(side: Side, fold: (line: string) => string): string[] {
  const last = side.lines.length - 1;
  return side.lines.map((line, i) =>
    i === last && !side.terminated ? `${fold(line)}\n` : fold(line),
  );
}
