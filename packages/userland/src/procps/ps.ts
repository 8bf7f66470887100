import { SEC } from '@labwire/core/sim';
import { userNames } from '../base/index.ts';
import { formatDate, ToolError, tool } from '../coreutils/index.ts';
import { type Process, type Program, rowsOf, withManual } from '../machine/index.ts';

/** One column of ps. */
interface Column {
  readonly head: string;
  readonly width: number;
  readonly left?: boolean;
  show(p: Process): string;
}

function ttyOf(p: Process): string {
  for (const file of p.fds.values()) if (file.isTty && 'index' in file) return `pts/${file.index}`;
  return '?';
}

/** The command line, or the name in brackets if it has none. */
function commandLine(p: Process): string {
  return p.argv.length > 0 ? p.argv.join(' ') : `[${p.comm}]`;
}

function startTime(p: Process, format: string): string {
  const { machine } = p;
  return formatDate(format, machine.wallClock - (machine.kernel.sim.now - p.startTime) / SEC);
}

function elapsed(p: Process): string {
  const s = Math.floor((p.now - p.startTime) / SEC);
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(s / 3600);
  return `${hours > 0 ? `${two(hours)}:` : ''}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

const user = (p: Process): string => userNames(p.machine.fs).user(p.uid);

const COLUMNS: Readonly<Record<string, Column>> = {
  pid: { head: 'PID', width: 7, show: (p) => String(p.pid) },
  ppid: { head: 'PPID', width: 7, show: (p) => String(p.ppid) },
  pgid: { head: 'PGID', width: 7, show: (p) => String(p.pgid) },
  tty: { head: 'TTY', width: 8, left: true, show: ttyOf },
  tt: { head: 'TT', width: 8, left: true, show: ttyOf },
  time: { head: 'TIME', width: 8, show: () => '00:00:00' },
  cmd: { head: 'CMD', width: 0, left: true, show: commandLine },
  args: { head: 'COMMAND', width: 0, left: true, show: commandLine },
  command: { head: 'COMMAND', width: 0, left: true, show: commandLine },
  comm: { head: 'COMMAND', width: 15, left: true, show: (p) => p.comm },
  ucmd: { head: 'CMD', width: 15, left: true, show: (p) => p.comm },
  user: { head: 'USER', width: 8, left: true, show: user },
  euser: { head: 'EUSER', width: 8, left: true, show: user },
  uid: { head: 'UID', width: 5, show: (p) => String(p.uid) },
  uname: { head: 'UID', width: 8, left: true, show: user },
  c: { head: 'C', width: 2, show: () => '0' },
  stime: { head: 'STIME', width: 5, left: true, show: (p) => startTime(p, '%H:%M') },
  start: { head: 'START', width: 5, left: true, show: (p) => startTime(p, '%H:%M') },
  lstart: { head: 'STARTED', width: 24, show: (p) => startTime(p, '%c') },
  etime: { head: 'ELAPSED', width: 11, show: elapsed },
  stat: { head: 'STAT', width: 4, left: true, show: (p) => (p.pgid === p.pid ? 'Ss' : 'S') },
  s: { head: 'S', width: 1, show: () => 'S' },
  '%cpu': { head: '%CPU', width: 4, show: () => '0.0' },
  pcpu: { head: '%CPU', width: 4, show: () => '0.0' },
  '%mem': { head: '%MEM', width: 4, show: () => '0.0' },
  pmem: { head: '%MEM', width: 4, show: () => '0.0' },
  vsz: { head: 'VSZ', width: 6, show: () => '0' },
  rss: { head: 'RSS', width: 5, show: () => '0' },
  netns: { head: 'NETNS', width: 10, show: (p) => String(p.netns.ino) },
};

const SHORT = ['pid', 'tty', 'time', 'ucmd'];
const FULL = ['uname', 'pid', 'ppid', 'c', 'stime', 'tty', 'time', 'cmd'];
const BSD_USER = [
  'user',
  'pid',
  '%cpu',
  '%mem',
  'vsz',
  'rss',
  'tty',
  'stat',
  'start',
  'time',
  'command',
];

const USAGE = `
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1).
`;

const BSD_LETTERS = 'auxwfe';

/** ps(1): -e -A -f -o -p -C -u --no-headers, and the BSD letters a u x. */
export const ps: Program = withManual(
  (proc) => {
    const [first] = proc.argv.slice(1);
    if (first !== undefined && /^[a-zA-Z]+$/.test(first)) return bsd(proc, first);
    return unix(proc);
  },
  () => [
    ...(unix.manual?.() ?? []),
    { title: 'Letters without a dash', rows: rowsOf(BSD_LETTERS) },
  ],
);

async function bsd(proc: Process, letters: string): Promise<number> {
  if ([...letters].some((letter) => !BSD_LETTERS.includes(letter))) {
    await proc.err(`error: unsupported option (BSD syntax)\n${USAGE}`);
    return 1;
  }
  const all = [...proc.machine.processes.values()];
  const mine = all.filter(
    (p) =>
      (letters.includes('a') || p.uid === proc.uid) && (letters.includes('x') || ttyOf(p) !== '?'),
  );
  await print(
    proc,
    mine,
    letters.includes('u') ? BSD_USER : ['pid', 'tty', 'stat', 'time', 'command'],
    true,
  );
  return 0;
}

const unix = tool(
  {
    name: 'ps',
    letters: 'eAfFo:p:C:u:aTHww',
    longs: {
      'no-headers': 'no-headers',
      'no-heading': 'no-headers',
      'pid=': 'p',
      'ppid=': 'ppid',
      'format=': 'o',
    },
    usage: USAGE,
  },
  async (proc, options, operands) => {
    if (operands.length > 0) throw new ToolError(`error: garbage option\n${USAGE}`);
    let found = [...proc.machine.processes.values()];
    const pids = options.values('p').flatMap((v) => v.split(/[ ,]+/));
    const names = options.values('C').flatMap((v) => v.split(','));
    const users = options.values('u').flatMap((v) => v.split(','));
    if (pids.length > 0) found = found.filter((p) => pids.includes(String(p.pid)));
    else if (names.length > 0) found = found.filter((p) => names.includes(p.comm));
    else if (users.length > 0)
      found = found.filter((p) => users.includes(user(p)) || users.includes(String(p.uid)));
    else if (options.value('ppid') !== undefined)
      found = found.filter((p) => String(p.ppid) === options.value('ppid'));
    else if (!options.has('e', 'A'))
      found = found.filter(
        (p) => p.uid === proc.uid && ttyOf(p) !== '?' && ttyOf(p) === ttyOf(proc),
      );
    const spec = options.values('o').flatMap((v) => v.split(/[ ,]+/));
    const columns = spec.length > 0 ? spec : options.has('f', 'F') ? FULL : SHORT;
    await print(proc, found, columns, !options.has('no-headers'));
    return found.length === 0 ? 1 : 0;
  },
);

async function print(
  proc: Process,
  found: readonly Process[],
  spec: readonly string[],
  titled: boolean,
): Promise<void> {
  const columns = spec.map((text) => {
    const [name = '', head] = text.split('=');
    const column = COLUMNS[name.toLowerCase()];
    if (column === undefined)
      throw new ToolError(`error: unknown user-defined format specifier "${name}"\n${USAGE}`);
    return head === undefined ? column : { ...column, head };
  });
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const { left, width } = columns[i] as Column;
        if (i === cells.length - 1 && left === true) return cell;
        return left === true ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(' ');
  const rows = [...found].sort((a, b) => a.pid - b.pid).map((p) => columns.map((c) => c.show(p)));
  const heads = columns.map((c) => c.head);
  if (titled && heads.some((h) => h !== '')) await proc.out(`${line(heads)}\n`);
  for (const row of rows) await proc.out(`${line(row)}\n`);
}
