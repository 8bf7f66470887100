import { SEC } from '@labwire/core/sim';
import { type OpenFile, openPipe, type Process } from '../../machine/index.ts';
import type { CommandNode, Pipeline, Statement } from '../parse/index.ts';
import type { Shell } from '../shell.ts';
import { waitForeground } from './external.ts';

/** `[time] [!] a | b`. */
export async function runPipeline(sh: Shell, node: Pipeline): Promise<number> {
  const negated = node.prefixes.filter((p) => p.type === 'Negation').length % 2 === 1;
  const timed = node.prefixes.find((p) => p.type === 'Time');
  const began = sh.proc.now;
  const run = () => runParts(sh, node);
  let status: number;
  if (negated) {
    sh.errexitOff++;
    try {
      status = await run();
    } finally {
      sh.errexitOff--;
    }
  } else status = await run();
  if (timed !== undefined) {
    const format = timed.posix !== undefined ? POSIX_FORMAT : sh.vars.get('TIMEFORMAT');
    await sh.proc.err(timeReport(format ?? DEFAULT_FORMAT, sh.proc.now - began));
  }
  return negated ? Number(status === 0) : status;
}

const POSIX_FORMAT = 'real %2R\nuser %2U\nsys %2S';
const DEFAULT_FORMAT = '\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS';

/** `%[digits][l]R`, and as much for U and S, of which programs here use none. bash execute_cmd.c, print_formatted_time() */
function timeReport(format: string, nanos: number): string {
  if (format === '') return '';
  const text = (seconds: number, digits: string, long: boolean): string => {
    const places = Math.min(3, digits === '' ? 3 : Number(digits));
    if (!long) return seconds.toFixed(places);
    return `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(places)}s`;
  };
  const filled = format.replace(/%(?:(\d?)(l?)([RUS])|P|%)/g, (all, digits, long, what) => {
    if (what === undefined) return all === '%%' ? '%' : '0.00';
    return text(what === 'R' ? nanos / SEC : 0, digits, long === 'l');
  });
  return `${filled}\n`;
}

async function runParts(sh: Shell, node: Pipeline): Promise<number> {
  const only = node.commands.length === 1 ? node.commands[0] : undefined;
  if (only !== undefined) {
    const status = await sh.interpreter.runCommand(sh, only, false);
    sh.pipeStatus = [status];
    return status;
  }
  if (node.commands.length === 0) return 0;
  const children = startParts(sh, node);
  const last = await waitForeground(sh, children);
  sh.pipeStatus = children.map((c) => c.exitCode ?? 0);
  if (!sh.options.has('pipefail')) return last;
  return sh.pipeStatus.filter((s) => s !== 0).at(-1) ?? 0;
}

/** Starts a process for each command, with pipes between them. */
function startParts(sh: Shell, node: Pipeline): Process[] {
  const children: Process[] = [];
  let input: OpenFile | undefined;
  node.commands.forEach((command, i) => {
    const fds = new Map(sh.proc.fds);
    const pipe = i < node.commands.length - 1 ? openPipe() : undefined;
    if (input !== undefined) fds.set(0, input);
    if (pipe !== undefined) {
      fds.set(1, pipe.writer);
      if (node.operators[i] === '|&') fds.set(2, pipe.writer);
      pipe.reader.ref();
    }
    children.push(startPart(sh, command, fds));
    input?.unref();
    input = pipe?.reader;
  });
  return children;
}

function startPart(sh: Shell, command: CommandNode, fds: ReadonlyMap<number, OpenFile>): Process {
  return sh.proc.spawn(sh.proc.argv, (proc) => sh.interpreter.runTail(sh.fork(proc), command), {
    fds,
  });
}

/** `a &`: a job that runs on while the shell does. */
export async function startBackground(sh: Shell, statement: Statement): Promise<number> {
  const fds = new Map(sh.proc.fds);
  if (!sh.interactive) fds.set(0, sh.proc.fs.open('/dev/null', { read: true }));
  const { command } = statement;
  const body = (proc: Process): Promise<number> => {
    const sub = sh.fork(proc);
    if (command.type !== 'AndOr' && command.type !== 'Pipeline')
      return sh.interpreter.runTail(sub, command);
    return sh.interpreter.runSubshell(sub, [{ ...statement, background: false }]);
  };
  const text = sh.source.text.slice(statement.pos, statement.end).replace(/\s*&?\s*$/, '');
  const options = { fds, background: !sh.interactive, newGroup: true };
  const child = sh.proc.spawn(sh.proc.argv, body, options);
  const job = sh.jobs.add([child], text);
  sh.lastBackground = child.pid;
  if (sh.interactive) await sh.proc.err(`[${job.number}] ${child.pid}\n`);
  return 0;
}
