import { type Process, SIGNALS, signalDescription, signalNumber } from '../../machine/index.ts';
import { type Job, lastOf } from '../jobs.ts';
import { waitForeground } from '../run/external.ts';
import type { Builtin, Shell } from '../shell.ts';

function state(job: Job): string {
  const last = lastOf(job);
  if (last.exitCode === undefined) return 'Running';
  if (last.killedBy !== undefined) return signalDescription(last.killedBy);
  return last.exitCode === 0 ? 'Done' : `Exit ${last.exitCode}`;
}

/** A line of `jobs`. */
export function jobLine(sh: Shell, job: Job, long = false): string {
  const pid = long ? `${lastOf(job).pid} ` : '';
  const running = lastOf(job).exitCode === undefined;
  return `[${job.number}]${sh.jobs.mark(job)}  ${pid}${state(job).padEnd(23)} ${job.text}${running ? ' &' : ''}\n`;
}

const jobs: Builtin = async (sh, args) => {
  for (const job of [...sh.jobs.list()]) {
    if (args.includes('-p')) await sh.proc.out(`${lastOf(job).pid}\n`);
    else await sh.proc.out(jobLine(sh, job, args.includes('-l')));
    if (lastOf(job).exitCode !== undefined) sh.jobs.remove(job);
  }
  return 0;
};

/** The process that an argument of wait names. */
function target(sh: Shell, spec: string): Process | undefined {
  const job = spec.startsWith('%') ? sh.jobs.find(spec) : sh.jobs.ofPid(Number(spec));
  return job === undefined ? undefined : lastOf(job);
}

const wait: Builtin = async (sh, args) => {
  const specs = args.filter((a) => !/^-[nfp]/.test(a));
  if (args.includes('-n')) return waitAny(sh);
  if (specs.length === 0) {
    for (const job of [...sh.jobs.list()]) await sh.proc.waitFor(lastOf(job));
    for (const job of [...sh.jobs.list()]) sh.jobs.remove(job);
    return 0;
  }
  let status = 0;
  for (const spec of specs) {
    const proc = target(sh, spec);
    if (proc === undefined) {
      status = 127;
      await sh.complain(unknown(spec));
    } else status = await sh.proc.waitFor(proc);
  }
  return status;
};

function unknown(spec: string): string {
  if (spec.startsWith('%')) return `wait: ${spec}: no such job`;
  if (!/^\d+$/.test(spec)) return `wait: \`${spec}': not a pid or valid job spec`;
  return `wait: pid ${spec} is not a child of this shell`;
}

async function waitAny(sh: Shell): Promise<number> {
  const running = sh.jobs.list().map(lastOf);
  if (running.length === 0) return 127;
  await sh.proc.park<void>('any job', (wake) => {
    if (running.some((p) => p.exitCode !== undefined)) wake();
    for (const p of running) p.endWq.add(wake);
    return () => {
      for (const p of running) p.endWq.remove(wake);
    };
  });
  const ended = sh.jobs.list().find((j) => lastOf(j).exitCode !== undefined) as Job;
  sh.jobs.remove(ended);
  return lastOf(ended).exitCode ?? 0;
}

const fg: Builtin = async (sh, args) => {
  const job = sh.jobs.find(args[0] ?? '%%');
  if (job === undefined) {
    await sh.complain(`fg: ${args[0] ?? 'current'}: no such job`);
    return 1;
  }
  await sh.proc.out(`${job.text}\n`);
  for (const p of job.processes) p.pgid = sh.proc.pgid;
  const status = await waitForeground(sh, job.processes);
  sh.jobs.remove(job);
  return status;
};

const bg: Builtin = async (sh, args) => {
  const job = sh.jobs.find(args[0] ?? '%%');
  if (job === undefined) {
    await sh.complain(`bg: ${args[0] ?? 'current'}: no such job`);
    return 1;
  }
  await sh.complain(`bg: job ${job.number} already in background`);
  return 0;
};

const disown: Builtin = (sh, args) => {
  const specs = args.filter((a) => !a.startsWith('-'));
  for (const spec of specs.length > 0 ? specs : ['%%']) {
    const job = spec.startsWith('%') ? sh.jobs.find(spec) : sh.jobs.ofPid(Number(spec));
    if (job !== undefined) sh.jobs.remove(job);
  }
  return 0;
};

/** The names of all signals as `kill -l` lays them out. */
function signalList(): string {
  const names = Object.entries(SIGNALS).map(([name, n]) => `${String(n).padStart(2)}) SIG${name}`);
  let out = '';
  names.forEach((text, i) => {
    out += text + (i % 5 === 4 || i === names.length - 1 ? '\n' : '\t');
  });
  return out;
}

/** What `kill` was asked: which signal, and for whom. */
function parseKill(args: readonly string[]): { signal: string; targets: readonly string[] } {
  const [first = ''] = args;
  if (first === '-s' || first === '-n') return { signal: args[1] ?? '', targets: args.slice(2) };
  if (first === '--') return { signal: 'TERM', targets: args.slice(1) };
  if (/^-./.test(first)) {
    const rest = args.slice(1);
    return { signal: first.slice(1), targets: rest[0] === '--' ? rest.slice(1) : rest };
  }
  return { signal: 'TERM', targets: args };
}

const kill: Builtin = async (sh, args) => {
  if (args[0] === '-l' || args[0] === '-L') return listSignals(sh, args.slice(1));
  const { signal, targets } = parseKill(args);
  if (targets.length === 0) {
    await sh.proc.err(
      'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n',
    );
    return 2;
  }
  const number = signalNumber(signal);
  if (number === undefined) {
    await sh.complain(`kill: ${signal}: invalid signal specification`);
    return 1;
  }
  let status = 0;
  for (const spec of targets) if (!(await killOne(sh, spec, number))) status = 1;
  return status;
};

async function listSignals(sh: Shell, specs: readonly string[]): Promise<number> {
  if (specs.length === 0) await sh.proc.out(signalList());
  for (const spec of specs) {
    const byNumber = Object.entries(SIGNALS).find(([, n]) => n === Number(spec) % 128)?.[0];
    const shown = /^\d+$/.test(spec) ? byNumber : signalNumber(spec);
    await sh.proc.out(`${shown ?? ''}\n`);
  }
  return 0;
}

async function killOne(sh: Shell, spec: string, signal: number): Promise<boolean> {
  if (!spec.startsWith('%') && !/^-?\d+$/.test(spec)) {
    await sh.complain(`kill: ${spec}: arguments must be process or job IDs`);
    return false;
  }
  const procs = victims(sh, spec);
  if (procs === undefined || procs.length === 0) {
    await sh.complain(
      spec.startsWith('%') ? `kill: ${spec}: no such job` : `kill: (${spec}) - No such process`,
    );
    return false;
  }
  for (const proc of procs) {
    if (sh.proc.uid !== 0 && proc.uid !== sh.proc.uid) {
      await sh.complain(`kill: (${spec}) - Operation not permitted`);
      return false;
    }
    proc.kill(signal);
  }
  return true;
}

function victims(sh: Shell, spec: string): readonly Process[] | undefined {
  if (spec.startsWith('%')) return sh.jobs.find(spec)?.processes;
  const all = [...sh.proc.machine.processes.values()];
  const pid = Number(spec);
  if (pid > 0) return all.filter((p) => p.pid === pid);
  const group = pid === 0 ? sh.proc.pgid : -pid;
  return all.filter((p) => p.pgid === group);
}

/** Builtins for jobs and signals. */
export const jobBuiltins: Readonly<Record<string, Builtin>> = { jobs, wait, fg, bg, disown, kill };
