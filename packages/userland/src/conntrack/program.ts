/** The program `conntrack`. conntrack-tools src/conntrack.c, main() */
import { utf8Decode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { Process, Program } from '../machine/index.ts';
import type { Command } from './command-line/index.ts';
import {
  type CommandLine,
  type ParseContext,
  parseCommandLine,
  splitLine,
} from './command-line/index.ts';
import { BANNER, ConntrackError, parameterProblem } from './error.ts';
import { Report } from './report.ts';
import { runCommand } from './run.ts';
import type { Run } from './session.ts';

/** What is said of the number of entries at the end. exit_msg[] */
const DONE: Partial<Record<Command, string>> = {
  L: 'flow entries have been shown.',
  I: 'flow entries have been created.',
  U: 'flow entries have been updated.',
  D: 'flow entries have been deleted.',
  G: 'flow entries have been shown.',
  A: 'flow entries have been added.',
  XL: 'expectations have been shown.',
};
/** Commands that succeed though there was nothing. */
const MAY_BE_NONE: readonly Command[] = ['L', 'XL', 'A'];
/** Commands of a file, and how an error names the others. */
const IN_FILE: readonly (Command | undefined)[] = ['I', 'A', 'U', 'D', 'F'];
const FILE_NAMES: Partial<Record<Command, string>> = {
  XI: '-C expect',
  XL: '-L expect',
  XD: '-D expect',
  XG: '-G expect',
  XF: '-F expect',
  XE: '-E expect',
  XC: '-C expect',
  XS: '-S expect',
};
const LABELS = '/etc/xtables/connlabel.conf';

function contextOf(proc: Process, warnings: string[]): ParseContext {
  return {
    warn: (text) => void warnings.push(text),
    protocolNumber: (name) => {
      if (!proc.fs.exists('/etc/protocols')) return undefined;
      const rows = utf8Decode(proc.fs.readFile('/etc/protocols')).split('\n');
      const row = rows
        .map((l) => l.replace(/#.*/, '').trim().split(/\s+/))
        .find(([own, , ...aliases]) => own === name || aliases.includes(name));
      return row === undefined ? undefined : Number(row[1]);
    },
    loadLabels: () => {
      if (proc.fs.exists(LABELS))
        throw new ConntrackError(1, `Labwire does not act on connection labels (${LABELS})`);
      warnings.push('nfct_labelmap_new: No such file or directory\n');
    },
  };
}

/** Reads a command line; what it warns of is printed, whether it makes sense or not. */
async function parse(run: Session, args: readonly string[]): Promise<CommandLine> {
  const warnings: string[] = [];
  try {
    return parseCommandLine(args, contextOf(run.proc, warnings));
  } finally {
    for (const w of warnings) await run.report.err(w);
  }
}

interface Session {
  readonly proc: Process;
  readonly report: Report;
}

async function readAll(proc: Process, name: string): Promise<string> {
  if (name !== '-') {
    try {
      return utf8Decode(proc.fs.readFile(proc.path(name)));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw parameterProblem(`Failed to open file ${name} for reading`);
    }
  }
  let text = '';
  for (;;) {
    const piece = await proc.read(0);
    if (piece.length === 0) return text;
    text += utf8Decode(piece);
  }
}

/** -R: reads all of a file, then does what it says. */
async function loadFile(session: Session, name: string): Promise<number> {
  const text = await readAll(session.proc, name);
  const lines: CommandLine[] = [];
  for (const line of text.split('\n')) {
    const words = splitLine(line);
    if (words.length > 0) lines.push(await parse(session, words));
  }
  for (const { command } of lines) {
    if (IN_FILE.includes(command)) continue;
    const known = command === undefined ? 'unknown' : (FILE_NAMES[command] ?? `-${command}`);
    throw parameterProblem(`Cannot use command \`${known}' with --load-file`);
  }
  for (const line of lines) await runCommand({ ...session, line, count: 0 });
  return 0;
}

async function one(session: Session, args: readonly string[]): Promise<number> {
  const run: Run = { ...session, line: await parse(session, args), count: 0 };
  await runCommand(run);
  const { command } = run.line;
  const done = command === undefined ? undefined : DONE[command];
  if (command === undefined || done === undefined) return 0;
  await session.report.err(`${BANNER}${run.count} ${done}\n`);
  return run.count === 0 && !MAY_BE_NONE.includes(command) ? 1 : 0;
}

/** `conntrack`: shows and changes what connection tracking knows. */
export const conntrackProgram: Program = async (proc) => {
  const session = { proc, report: new Report(proc) };
  const [, first, second] = proc.argv;
  const isFile = (first === '-R' || first === '--load-file') && second !== undefined;
  let code: number;
  try {
    code = isFile ? await loadFile(session, second) : await one(session, proc.argv.slice(1));
  } catch (e) {
    if (!(e instanceof ConntrackError)) throw e;
    await session.report.err(e.text);
    code = e.code;
  }
  await session.report.flush();
  return code;
};
