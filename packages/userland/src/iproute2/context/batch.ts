import { utf8Decode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { Exit, Failure } from '../parse/index.ts';
import type { Context } from './context.ts';

/** One command of a batch file, with the number of its last line. */
export interface BatchLine {
  readonly words: readonly string[];
  readonly line: number;
}

/**
 * Splits a batch file: `#` begins a comment, a backslash at a line's end joins it with the next, quotes hold words together.
 * Source: iproute2 lib/utils.c, getcmdline() and makeargs().
 */
export function parseBatch(text: string): BatchLine[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const commands: BatchLine[] = [];
  for (let i = 0; i < lines.length; i++) {
    let line = (lines[i] as string).replace(/#.*/, '');
    while (line.endsWith('\\') && i + 1 < lines.length)
      line = line.slice(0, -1) + (lines[++i] as string).replace(/#.*/, '');
    const words = splitWords(line);
    if (words.length > 0) commands.push({ words, line: i + 1 });
  }
  return commands;
}

function splitWords(line: string): string[] {
  const words: string[] = [];
  for (let rest = line.trimStart(); rest !== ''; rest = rest.trimStart()) {
    const quote = /^['"]/.exec(rest)?.[0];
    const end = quote === undefined ? rest.search(/\s|$/) : rest.indexOf(quote, 1);
    if (end < 0) throw new Exit(1, 'Unterminated quoted string\n');
    words.push(rest.slice(quote === undefined ? 0 : 1, end));
    rest = rest.slice(quote === undefined ? end : end + 1);
  }
  return words;
}

async function readBatch(ctx: Context, name: string): Promise<string> {
  if (name !== '-') {
    try {
      return ctx.proc.fs.readText(ctx.proc.path(name));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new Failure(1, `Cannot open file "${name}" for reading: ${strerror(e.errno)}\n`);
    }
  }
  let text = '';
  for (;;) {
    const piece = await ctx.proc.read(0);
    if (piece.length === 0) return text;
    text += utf8Decode(piece);
  }
}

/** Runs the commands of a file, `-` for standard input. Source: lib/utils.c, do_batch(). @returns the exit status */
export async function runBatch(
  ctx: Context,
  name: string,
  run: (words: readonly string[]) => Promise<number>,
): Promise<number> {
  let status = 0;
  for (const { words, line } of parseBatch(await readBatch(ctx, name))) {
    if ((await runCommand(ctx, () => run(words))) === 0) continue;
    ctx.output.err(`Command failed ${name}:${line}\n`);
    status = 1;
    if (!ctx.options.force) break;
  }
  return status;
}

/** Runs one command and tells its failure; {@link Exit} goes on upwards. @returns its status */
export async function runCommand(ctx: Context, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (e) {
    if (!(e instanceof Failure)) throw e;
    ctx.output.err(e.text);
    return e.status;
  }
}
