import { KernelError } from '@labwire/core/error';
import { readInputText, ToolError, tool } from '../coreutils/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { AwkError } from './ast.ts';
import { Interpreter } from './interpret.ts';
import { unescapeText } from './lex.ts';
import { parseAwk } from './parse.ts';
import { fromInput } from './value.ts';

const USAGE =
  "Usage: awk [POSIX or GNU style options] -f progfile [--] file ...\nUsage: awk [POSIX or GNU style options] [--] 'program' file ...\n";

/** awk(1), POSIX's language without getline. */
export const awk: Program = tool(
  {
    name: 'awk',
    letters: '+F:v:f:',
    longs: { 'field-separator=': 'F', 'assign=': 'v', 'file=': 'f' },
    usageStatus: 2,
    usage: USAGE,
  },
  async (proc, options, operands) => {
    const sources: string[] = [];
    for (const file of options.values('f')) sources.push(await programFile(proc, file));
    const files = sources.length > 0 ? operands : operands.slice(1);
    const text = sources.length > 0 ? sources.join('\n') : operands[0];
    if (text === undefined) {
      await proc.err(USAGE);
      return 2;
    }
    return run(proc, text, files, (interpreter) => {
      const fs = options.value('F');
      if (fs !== undefined) interpreter.assign('FS', fs === 't' ? '\t' : unescapeText(fs));
      for (const assignment of options.values('v')) {
        const [name = '', ...value] = assignment.split('=');
        interpreter.assign(name, fromInput(unescapeText(value.join('='))));
      }
    });
  },
);

async function programFile(proc: Process, file: string): Promise<string> {
  try {
    return await readInputText(proc, file);
  } catch (e) {
    if (e instanceof KernelError)
      throw new ToolError(`couldn't open file ${file}: ${e.message}`, 2);
    throw e;
  }
}

async function run(
  proc: Process,
  text: string,
  files: readonly string[],
  set: (i: Interpreter) => void,
): Promise<number> {
  try {
    const interpreter = new Interpreter(proc, parseAwk(text));
    set(interpreter);
    return await interpreter.run(files);
  } catch (e) {
    if (!(e instanceof AwkError)) throw e;
    await proc.err(e.line > 0 ? `awk: line ${e.line}: ${e.message}\n` : `awk: ${e.message}\n`);
    return 2;
  }
}
