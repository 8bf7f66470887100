import { readInput, ToolError, tool, UsageError } from '../coreutils/index.ts';
import type { Process, Program } from '../machine/index.ts';

const TROUBLE = 2;
const NEWLINE = 10;

/** cmp(1): where two files first differ. */
export const cmp: Program = tool(
  {
    name: 'cmp',
    letters: 's',
    longs: { quiet: 's', silent: 's' },
    usageStatus: TROUBLE,
    usage: "cmp: Try 'cmp --help' for more information.\n",
  },
  async (proc, options, operands) => {
    const [first, second = '-', ...more] = operands;
    if (first === undefined) throw new UsageError("missing operand after 'cmp'");
    if (more.length > 0) throw new UsageError(`extra operand '${more[0]}'`);
    const [a, b] = [await read(proc, first), await read(proc, second)];
    const shorter = Math.min(a.length, b.length);
    let at = 0;
    while (at < shorter && a[at] === b[at]) at++;
    if (at === a.length && at === b.length) return 0;
    if (options.has('s')) return 1;
    const line = 1 + a.subarray(0, at).reduce((n, byte) => n + (byte === NEWLINE ? 1 : 0), 0);
    if (at < shorter) await proc.out(`${first} ${second} differ: char ${at + 1}, line ${line}\n`);
    else
      await proc.err(`cmp: EOF on ${a.length < b.length ? first : second} ${where(a, at, line)}\n`);
    return 1;
  },
);

function where(bytes: Uint8Array, at: number, line: number): string {
  if (at === 0) return 'which is empty';
  const ends = bytes[at - 1] === NEWLINE;
  return `after byte ${at}, ${ends ? `line ${line - 1}` : `in line ${line}`}`;
}

async function read(proc: Process, name: string): Promise<Uint8Array> {
  try {
    return await readInput(proc, name);
  } catch (e) {
    throw new ToolError(`${name}: ${(e as Error).message}`, TROUBLE);
  }
}
