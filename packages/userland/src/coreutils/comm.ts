import type { Program } from '../machine/index.ts';
import { LineReader, openInput } from './input.ts';
import { quote, ToolError, tool, UsageError } from './tool.ts';

/** comm(1): the lines of two sorted files, by where they are. */
export const comm: Program = tool(
  {
    name: 'comm',
    letters: '123',
    longs: { 'output-delimiter=': 'delimiter', 'nocheck-order': 'nocheck' },
  },
  async (proc, options, operands) => {
    const [first, second, ...more] = operands;
    if (first === undefined) throw new UsageError('missing operand');
    if (second === undefined) throw new UsageError(`missing operand after ${quote(first)}`);
    if (more.length > 0) throw new UsageError(`extra operand ${quote(more[0] as string)}`);
    const [a, b] = [first, second].map((file) => new LineReader(proc, open(file))) as [
      LineReader,
      LineReader,
    ];
    const delimiter = options.value('delimiter') ?? '\t';
    const print = async (column: number, line: string): Promise<void> => {
      if (options.has(String(column))) return;
      const before = [1, 2].filter((c) => c < column && !options.has(String(c))).length;
      await proc.out(`${delimiter.repeat(before)}${line}\n`);
    };
    let [left, right] = [await a.next(), await b.next()];
    while (left !== undefined || right !== undefined) {
      if (left !== undefined && (right === undefined || left < right)) {
        await print(1, left);
        left = await a.next();
      } else if (right !== undefined && (left === undefined || right < left)) {
        await print(2, right);
        right = await b.next();
      } else {
        await print(3, left as string);
        [left, right] = [await a.next(), await b.next()];
      }
    }
    return 0;

    function open(file: string): number {
      try {
        return openInput(proc, file);
      } catch (e) {
        throw new ToolError(`${file}: ${(e as Error).message}`);
      }
    }
  },
);
