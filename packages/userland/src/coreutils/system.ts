import { KernelError } from '@labwire/core/error';
import { MS, SEC } from '@labwire/core/sim';
import { findUser, readGroups, userNames } from '../base/index.ts';
import {
  exec,
  findProgram,
  KERNEL_VERSIONS,
  type Process,
  type Program,
  SIGHUP,
  SIGKILL,
  signalNumber,
} from '../machine/index.ts';
import { parseDuration } from './small.ts';
import { type Options, quote, ToolError, tool, UsageError } from './tool.ts';

/** Becomes the program that operands name, as env, nohup and timeout do. @returns 127 or 126 after a complaint if it cannot */
export async function become(
  proc: Process,
  name: string,
  argv: readonly string[],
  program: string = argv[0] ?? '',
): Promise<number> {
  const path = findProgram(proc, program);
  try {
    if (path === undefined) throw new KernelError('ENOENT');
    return await exec(proc, path, argv);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const what = name === 'env' ? '' : 'failed to run command ';
    await proc.err(`${name}: ${what}${quote(program)}: ${e.message}\n`);
    return e.errno === 'ENOENT' ? 127 : 126;
  }
}

/** env(1). */
export const env: Program = tool(
  {
    name: 'env',
    letters: '+iu:0C:S:',
    longs: { 'ignore-environment': 'i', 'unset=': 'u', 'chdir=': 'C' },
    usageStatus: 125,
  },
  async (proc, options, operands) => {
    const words = operands[0] === '-' ? operands.slice(1) : operands;
    if (options.has('i') || operands[0] === '-') proc.env.clear();
    for (const name of options.values('u')) proc.env.delete(name);
    let at = 0;
    for (; (words[at] ?? '').includes('='); at++) {
      const [name = '', ...value] = (words[at] as string).split('=');
      proc.env.set(name, value.join('='));
    }
    if (at < words.length) return become(proc, 'env', words.slice(at));
    for (const [name, value] of proc.env) await proc.out(`${name}=${value}\n`);
    return 0;
  },
);

/** printenv(1). */
export const printenv: Program = tool(
  { name: 'printenv', letters: '+0', usageStatus: 2 },
  async (proc, _options, operands) => {
    if (operands.length === 0)
      for (const [name, value] of proc.env) await proc.out(`${name}=${value}\n`);
    let status = 0;
    for (const name of operands) {
      const value = proc.env.get(name);
      if (value === undefined) status = 1;
      else await proc.out(`${value}\n`);
    }
    return status;
  },
);

/** nohup(1). */
export const nohup: Program = tool(
  { name: 'nohup', letters: '+', usageStatus: 125 },
  async (proc, _options, operands) => {
    if (operands.length === 0) throw new UsageError('missing operand');
    proc.handlers.set(SIGHUP, 'ignore');
    if (proc.isTty(1)) {
      const fd = proc.open('nohup.out', { write: true, create: true, append: true, mode: 0o600 });
      await proc.err("nohup: ignoring input and appending output to 'nohup.out'\n");
      if (proc.isTty(2)) proc.setFd(2, proc.file(fd));
      proc.setFd(1, proc.file(fd));
      proc.close(fd);
    }
    return become(proc, 'nohup', operands);
  },
);

/** timeout(1). */
export const timeout: Program = tool(
  {
    name: 'timeout',
    letters: '+k:s:v',
    longs: {
      'kill-after=': 'k',
      'signal=': 's',
      'preserve-status': 'preserve',
      foreground: 'foreground',
      verbose: 'v',
    },
    usageStatus: 125,
  },
  async (proc, options, operands) => {
    const [limit, ...argv] = operands;
    if (limit === undefined || argv.length === 0) throw new UsageError('');
    const seconds = parseDuration(limit);
    if (seconds === undefined) throw new UsageError(`invalid time interval ${quote(limit)}`);
    const signal = signalNumber(options.value('s') ?? 'TERM');
    if (signal === undefined)
      throw new UsageError(`${quote(options.value('s') ?? '')}: invalid signal`);
    const child = proc.spawn(argv, (p) => become(p, 'timeout', argv));
    if (seconds === 0) return proc.waitFor(child);
    if (await endsWithin(proc, child, seconds)) return child.exitCode as number;
    const group = options.has('foreground') ? [child] : groupOf(child);
    for (const each of group) each.kill(signal);
    const killAfter = options.value('k');
    if (killAfter !== undefined && !(await endsWithin(proc, child, parseDuration(killAfter) ?? 0)))
      for (const each of group) each.kill(SIGKILL);
    const status = await proc.waitFor(child);
    if (child.killedBy === SIGKILL) return 137;
    return options.has('preserve') ? status : 124;
  },
);

/** A child and what it has started, but for what left its process group: daemons. */
function groupOf(child: Process): readonly Process[] {
  const group = [child];
  for (const each of child.machine.processes.values()) {
    let at = each.parent;
    while (at !== undefined && at !== child) at = at.parent;
    if (at === child && each.pgid === child.pgid) group.push(each);
  }
  return group;
}

/** Waits for a child, but no longer than some seconds. @returns whether it has ended */
async function endsWithin(proc: Process, child: Process, seconds: number): Promise<boolean> {
  const ended = { poll: () => (child.exitCode === undefined ? 0 : 1), wq: child.endWq };
  return proc.poll([{ on: ended, events: 1 }], Math.round(seconds * SEC), `${child.comm} to end`);
}

/** id(1). */
export const id: Program = tool(
  {
    name: 'id',
    letters: 'ugGnr',
    longs: { user: 'u', group: 'g', groups: 'G', name: 'n', real: 'r' },
  },
  async (proc, options, operands) => {
    const [who] = operands;
    const user = findUser(proc.fs, who ?? String(proc.uid));
    if (who !== undefined && user === undefined) throw new ToolError(`${quote(who)}: no such user`);
    const uid = user?.uid ?? proc.uid;
    const gid = who === undefined ? proc.gid : (user?.gid ?? 0);
    const names = userNames(proc.fs);
    const more = readGroups(proc.fs)
      .filter((g) => g.members.includes(names.user(uid)))
      .map((g) => g.gid);
    const groups = [gid, ...more.filter((g) => g !== gid)];
    const show = (n: number, name: string) => (options.has('n') ? name : String(n));
    if (options.has('u')) await proc.out(`${show(uid, names.user(uid))}\n`);
    else if (options.has('g')) await proc.out(`${show(gid, names.group(gid))}\n`);
    else if (options.has('G'))
      await proc.out(`${groups.map((g) => show(g, names.group(g))).join(' ')}\n`);
    else {
      const all = groups.map((g) => `${g}(${names.group(g)})`).join(',');
      await proc.out(
        `uid=${uid}(${names.user(uid)}) gid=${gid}(${names.group(gid)}) groups=${all}\n`,
      );
    }
    return 0;
  },
);

/** whoami(1). */
export const whoami: Program = tool({ name: 'whoami', letters: '' }, async (proc) => {
  await proc.out(`${userNames(proc.fs).user(proc.uid)}\n`);
  return 0;
});

/** groups(1). */
export const groups: Program = tool({ name: 'groups', letters: '' }, async (proc) => {
  await proc.out(`${userNames(proc.fs).group(proc.gid)}\n`);
  return 0;
});

const UNAME: readonly (readonly [letter: string, value: (proc: Process) => string])[] = [
  ['s', () => 'Linux'],
  ['n', (proc) => proc.machine.hostname],
  ['r', ({ machine }) => KERNEL_VERSIONS[machine.kernel.profile].release],
  ['v', ({ machine }) => KERNEL_VERSIONS[machine.kernel.profile].version],
  ['m', () => 'x86_64'],
  ['o', () => 'GNU/Linux'],
];

/** uname(1). */
export const uname: Program = tool(
  {
    name: 'uname',
    letters: 'asnrvmpio',
    longs: {
      all: 'a',
      'kernel-name': 's',
      nodename: 'n',
      'kernel-release': 'r',
      'kernel-version': 'v',
      machine: 'm',
      'operating-system': 'o',
    },
  },
  async (proc, options, operands) => {
    if (operands[0] !== undefined) throw new UsageError(`extra operand ${quote(operands[0])}`);
    const wanted = (letter: string) =>
      options.has('a', letter) || (letter === 's' && options.list().length === 0);
    const parts = UNAME.filter(([letter]) => wanted(letter)).map(([, value]) => value(proc));
    if (options.has('p', 'i')) parts.push('unknown');
    await proc.out(`${parts.join(' ')}\n`);
    return 0;
  },
);

/** nproc(1). */
export const nproc: Program = tool(
  { name: 'nproc', letters: '', longs: { all: 'all' } },
  async (proc) => {
    await proc.out('1\n');
    return 0;
  },
);

/** tty(1). */
export const tty: Program = tool(
  { name: 'tty', letters: 's', longs: { silent: 's', quiet: 's' } },
  async (proc, options) => {
    const file = proc.fds.get(0);
    const name = file?.isTty === true && 'index' in file ? `/dev/pts/${file.index}` : 'not a tty';
    if (!options.has('s')) await proc.out(`${name}\n`);
    return file?.isTty === true ? 0 : 1;
  },
);

/** pwd(1). */
export const pwd: Program = tool({ name: 'pwd', letters: 'LP' }, async (proc) => {
  await proc.out(`${proc.fs.realpath(proc.cwd)}\n`);
  return 0;
});

/** sync(1): nothing is ever unwritten here. */
export const sync: Program = tool({ name: 'sync', letters: 'df' }, async (proc) => {
  await proc.sleep(MS);
  return 0;
});

/** mktemp(1). */
export const mktemp: Program = tool(
  {
    name: 'mktemp',
    letters: 'dup:qt',
    longs: { directory: 'd', 'dry-run': 'u', 'tmpdir?': 'p', quiet: 'q' },
  },
  async (proc, options: Options, operands) => {
    const template = operands[0] ?? 'tmp.XXXXXXXXXX';
    const m = /^(.*?)(X{3,})([^X/]*)$/.exec(template);
    if (m === null) throw new ToolError(`too few X's in template ${quote(template)}`);
    const random = proc.machine.kernel.sim.random(`${proc.machine.name} mktemp`);
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
    const middle = [...(m[2] as string)].map(() => letters[random.below(letters.length)]).join('');
    const inTmp = operands[0] === undefined || options.has('p', 't');
    const name = `${inTmp ? `${options.value('p') ?? proc.env.get('TMPDIR') ?? '/tmp'}/` : ''}${m[1]}${middle}${m[3]}`;
    if (options.has('u')) await proc.out(`${name}\n`);
    else {
      makeTemp(proc, name, options.has('d'), template);
      await proc.out(`${name}\n`);
    }
    return 0;
  },
);

function makeTemp(proc: Process, name: string, isDir: boolean, template: string): void {
  try {
    if (isDir) proc.fs.mkdir(proc.path(name), { mode: 0o700 });
    else proc.fs.writeFile(proc.path(name), '', { mode: 0o600 });
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new ToolError(
      `failed to create ${isDir ? 'directory' : 'file'} via template ${quote(template)}: ${e.message}`,
    );
  }
}
