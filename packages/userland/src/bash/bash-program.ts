import { utf8Decode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { Process, Program } from '../machine/index.ts';
import { isIncomplete, parseText, Source } from './parse/index.ts';
import { interpreter } from './run/interpreter.ts';
import { importEnvironment } from './session.ts';
import { type Dialect, Shell } from './shell.ts';

/** What a shell's command line asks for. */
interface ShellArguments {
  /** The text of -c; null if it is missing. */
  readonly command: string | null | undefined;
  readonly options: readonly string[];
  readonly operands: readonly string[];
}

function parseArguments(args: readonly string[]): ShellArguments {
  const options: string[] = [];
  let command = false;
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === '--') {
      at++;
      break;
    }
    if (arg.startsWith('--')) continue;
    if (!/^[-+]./.test(arg)) break;
    const letters = arg.slice(1);
    command ||= letters.includes('c');
    if (letters.includes('o')) options.push('-o', args[++at] ?? '');
    const rest = letters.replace(/[colis]/g, '');
    if (rest !== '') options.push(arg[0] + rest);
  }
  const operands = args.slice(at);
  return {
    command: command ? (operands[0] ?? null) : undefined,
    options,
    operands: command ? operands.slice(1) : operands,
  };
}

function shellProgram(dialect: Dialect): Program {
  return async (proc) => {
    const args = parseArguments(proc.argv.slice(1));
    if (args.command === null) return refuseNoCommand(proc, dialect);
    if (args.command !== undefined) return runOption(proc, dialect, args, args.command);
    const [file, ...rest] = args.operands;
    return file === undefined
      ? runInput(proc, dialect, args)
      : runFile(proc, dialect, args, file, rest);
  };
}

async function refuseNoCommand(proc: Process, dialect: Dialect): Promise<number> {
  const name = proc.argv[0];
  await proc.err(
    dialect === 'dash'
      ? `${name}: 0: -c requires an argument\n`
      : `${name}: -c: option requires an argument\n`,
  );
  return 2;
}

async function start(
  proc: Process,
  dialect: Dialect,
  args: ShellArguments,
  name: string,
  positional: readonly string[],
): Promise<Shell> {
  const sh = new Shell(proc, interpreter, { dialect, name, positional });
  importEnvironment(sh);
  if (args.options.length > 0) await interpreter.builtins.get('set')?.(sh, args.options);
  return sh;
}

async function runOption(
  proc: Process,
  dialect: Dialect,
  args: ShellArguments,
  text: string,
): Promise<number> {
  const [name = proc.argv[0] as string, ...positional] = args.operands;
  const sh = await start(proc, dialect, args, name, positional);
  sh.fromOption = true;
  return interpreter.runMain(sh, text, new Source(text));
}

async function runFile(
  proc: Process,
  dialect: Dialect,
  args: ShellArguments,
  file: string,
  positional: readonly string[],
): Promise<number> {
  let text: string;
  try {
    text = proc.fs.readText(proc.path(file));
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    if (dialect === 'dash')
      await proc.err(
        `sh: 0: cannot open ${file}: ${e.errno === 'ENOENT' ? 'No such file' : e.message}\n`,
      );
    else await proc.err(`bash: ${file}: ${e.errno === 'EISDIR' ? 'Is a directory' : e.message}\n`);
    return e.errno === 'ENOENT' && dialect === 'bash' ? 127 : dialect === 'dash' ? 2 : 126;
  }
  const sh = await start(proc, dialect, args, file, positional);
  return interpreter.runMain(sh, text, new Source(text));
}

/** Commands from standard input: each is run as soon as it is complete. */
async function runInput(proc: Process, dialect: Dialect, args: ShellArguments): Promise<number> {
  const sh = await start(proc, dialect, args, proc.argv[0] as string, []);
  let pending = '';
  let firstLine = 1;
  let status = 0;
  for (;;) {
    const data = await proc.read(0, 4096);
    pending += utf8Decode(data);
    const ended = data.length === 0;
    if (!ended && (!pending.endsWith('\n') || isIncomplete(pending, parseText(pending)))) continue;
    if (pending !== '')
      status = await interpreter.runMain(sh, pending, new Source(pending, firstLine));
    firstLine += pending.split('\n').length - 1;
    pending = '';
    if (ended || sh.exited) return status;
  }
}

/** bash(1). */
export const bash: Program = shellProgram('bash');
/** sh(1), which is dash on Debian. */
export const dash: Program = shellProgram('dash');
