import { KernelError } from '@labwire/core/error';
import { userNames } from '../base/users.ts';
import type { Process, Program, Stat } from '../machine/index.ts';
import { formatDate } from './date-format.ts';
import { humanSize } from './human-size.ts';
import { type Options, quote, tool } from './tool.ts';

/** One name to be listed. */
interface Entry {
  readonly name: string;
  readonly path: string;
  readonly stat: Stat;
}

/** Seconds in half a year: ls shows the time of day of files that are younger. */
const RECENT = 15_778_476;

/** ls(1). */
export const ls: Program = tool(
  {
    name: 'ls',
    letters: 'aAlh1dFprtSRiCxnsgoGkLHXUvmqNBZ',
    longs: {
      all: 'a',
      'almost-all': 'A',
      'human-readable': 'h',
      directory: 'd',
      reverse: 'r',
      recursive: 'R',
      classify: 'F',
      inode: 'i',
      'numeric-uid-gid': 'n',
      'color?': 'color',
      size: 's',
    },
    usageStatus: 2,
  },
  async (proc, options, operands) => {
    const names = operands.length > 0 ? operands : ['.'];
    const found: Entry[] = [];
    let status = 0;
    for (const name of names) {
      const entry = await look(proc, name, name, options);
      if (entry === undefined) status = 2;
      else found.push(entry);
    }
    const isDir = (e: Entry) => e.stat.type === 'dir' && !options.has('d');
    const files = sortEntries(
      found.filter((e) => !isDir(e)),
      options,
    );
    const dirs = sortEntries(found.filter(isDir), options);
    if (files.length > 0) await print(proc, files, options);
    for (const [i, dir] of dirs.entries()) {
      if (i > 0 || files.length > 0) await proc.out('\n');
      const titled = names.length > 1 || options.has('R');
      status = Math.max(status, await listDir(proc, dir, options, titled));
    }
    return status;
  },
);

async function look(
  proc: Process,
  name: string,
  path: string,
  options: Options,
): Promise<Entry | undefined> {
  const full = proc.path(path);
  try {
    const follow = options.has('L', 'H') || !options.has('l', 'd', 'F', 'n', 'g', 'o');
    return {
      name,
      path,
      stat: follow && proc.fs.exists(full) ? proc.fs.stat(full) : proc.fs.lstat(full),
    };
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await proc.err(`ls: cannot access ${quote(path)}: ${e.message}\n`);
    return undefined;
  }
}

async function listDir(
  proc: Process,
  dir: Entry,
  options: Options,
  titled: boolean,
): Promise<number> {
  let names: string[];
  try {
    names = proc.fs.readdir(proc.path(dir.path));
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await proc.err(`ls: cannot open directory ${quote(dir.path)}: ${e.message}\n`);
    return 2;
  }
  if (titled) await proc.out(`${dir.path}:\n`);
  if (options.has('a')) names = ['.', '..', ...names];
  else if (!options.has('A')) names = names.filter((n) => !n.startsWith('.'));
  const base = dir.path.endsWith('/') ? dir.path : `${dir.path}/`;
  const entries = names.map((name) => {
    const full = proc.path(base + name);
    const stat =
      options.has('L') && proc.fs.exists(full) ? proc.fs.stat(full) : proc.fs.lstat(full);
    return { name, path: base + name, stat };
  });
  const sorted = sortEntries(entries, options);
  if (isLong(options)) await proc.out(`total ${totalBlocks(sorted, options)}\n`);
  await print(proc, sorted, options);
  return options.has('R') ? listBelow(proc, sorted, options) : 0;
}

async function listBelow(
  proc: Process,
  entries: readonly Entry[],
  options: Options,
): Promise<number> {
  let status = 0;
  for (const entry of entries) {
    if (entry.stat.type !== 'dir' || entry.name === '.' || entry.name === '..') continue;
    await proc.out('\n');
    status = Math.max(status, await listDir(proc, entry, options, true));
  }
  return status;
}

function sortEntries(entries: readonly Entry[], options: Options): Entry[] {
  const byName = (a: Entry, b: Entry) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const sorted = [...entries];
  if (options.has('U')) return sorted;
  if (options.has('t')) sorted.sort((a, b) => b.stat.mtime - a.stat.mtime || byName(a, b));
  else if (options.has('S')) sorted.sort((a, b) => b.stat.size - a.stat.size || byName(a, b));
  else sorted.sort(byName);
  return options.has('r') ? sorted.reverse() : sorted;
}

function isLong(options: Options): boolean {
  return (
    options.last('l', 'n', 'g', 'o', '1', 'C', 'x', 'm') !== undefined &&
    options.has('l', 'n', 'g', 'o')
  );
}

/** Blocks of 1 KiB that a file takes. */
function blocks(stat: Stat): number {
  return stat.type === 'file' || stat.type === 'dir' ? Math.ceil(stat.size / 4096) * 4 : 0;
}

function totalBlocks(entries: readonly Entry[], options: Options): string {
  const total = entries.reduce((sum, e) => sum + blocks(e.stat), 0);
  return options.has('h') ? humanSize(total * 1024) : String(total);
}

async function print(proc: Process, entries: readonly Entry[], options: Options): Promise<void> {
  if (isLong(options)) {
    await proc.out(longLines(proc, entries, options));
    return;
  }
  const names = entries.map((e) => inode(e, options) + shownName(proc, e, options));
  if (options.has('m')) await proc.out(`${names.join(', ')}\n`);
  else if (options.has('C', 'x') || (proc.isTty(1) && !options.has('1')))
    await proc.out(columns(names, windowWidth(proc), options.has('x')));
  else await proc.out(names.map((n) => `${n}\n`).join(''));
}

function inode(e: Entry, options: Options): string {
  return options.has('i') ? `${e.stat.ino} ` : '';
}

function windowWidth(proc: Process): number {
  const file = proc.fds.get(1);
  const size =
    file !== undefined && 'size' in file ? (file.size as { columns: number }) : undefined;
  return size?.columns ?? 80;
}

/** Columns between two tab stops. */
const TAB_SIZE = 8;

/** Names in columns, down and then across, as many as fit. coreutils ls.c, calculate_columns() */
function columns(names: readonly string[], width: number, across: boolean): string {
  if (names.length === 0) return '';
  for (let cols = Math.min(names.length, Math.max(1, Math.floor(width / 3))); cols >= 1; cols--) {
    const rows = Math.ceil(names.length / cols);
    const at = (row: number, col: number) => names[across ? row * cols + col : col * rows + row];
    const widths = Array.from({ length: cols }, (_, col) => {
      let widest = 0;
      for (let row = 0; row < rows; row++) widest = Math.max(widest, (at(row, col) ?? '').length);
      return widest + (col === cols - 1 ? 0 : 2);
    });
    if (cols > 1 && widths.reduce((a, b) => a + b, 0) >= width) continue;
    return table(rows, widths, at);
  }
  return '';
}

function table(
  rows: number,
  widths: readonly number[],
  at: (row: number, col: number) => string | undefined,
): string {
  let out = '';
  for (let row = 0; row < rows; row++) {
    let start = 0;
    let end = 0;
    widths.forEach((width, col) => {
      const name = at(row, col);
      if (name !== undefined) {
        out += indent(end, start) + name;
        end = start + name.length;
      }
      start += width;
    });
    out += '\n';
  }
  return out;
}

/** Goes from one column to another, with tabs as far as they reach. coreutils ls.c, indent() */
function indent(from: number, to: number): string {
  let out = '';
  for (let at = from; at < to; ) {
    const tab = Math.floor(to / TAB_SIZE) > Math.floor((at + 1) / TAB_SIZE);
    out += tab ? '\t' : ' ';
    at += tab ? TAB_SIZE - (at % TAB_SIZE) : 1;
  }
  return out;
}

const TYPE_LETTER: Readonly<Record<Stat['type'], string>> = {
  file: '-',
  dir: 'd',
  symlink: 'l',
  char: 'c',
  socket: 's',
  fifo: 'p',
};

/** Type and permissions as `drwxr-xr-x`. */
export function modeString(stat: Stat): string {
  const bits = ['r', 'w', 'x', 'r', 'w', 'x', 'r', 'w', 'x'].map((c, i) =>
    (stat.mode & (0o400 >> i)) !== 0 ? c : '-',
  );
  const special = (bit: number, at: number, on: string) => {
    if ((stat.mode & bit) !== 0) bits[at] = bits[at] === 'x' ? on : on.toUpperCase();
  };
  special(0o4000, 2, 's');
  special(0o2000, 5, 's');
  special(0o1000, 8, 't');
  return TYPE_LETTER[stat.type] + bits.join('');
}

function longLines(proc: Process, entries: readonly Entry[], options: Options): string {
  const names = userNames(proc.fs);
  const numeric = options.has('n');
  const rows = entries.map((e) => ({
    e,
    mode: modeString(e.stat),
    links: String(e.stat.nlink),
    user: options.has('g') ? '' : numeric ? String(e.stat.uid) : names.user(e.stat.uid),
    group: options.has('o', 'G') ? '' : numeric ? String(e.stat.gid) : names.group(e.stat.gid),
    size: sizeOf(e.stat, options),
  }));
  const width = (key: 'links' | 'user' | 'group' | 'size') =>
    Math.max(0, ...rows.map((r) => r[key].length));
  const column = (text: string, key: 'user' | 'group') =>
    width(key) === 0 ? '' : `${text.padEnd(width(key))} `;
  return rows
    .map((r) => {
      const owner = column(r.user, 'user') + column(r.group, 'group');
      const head = `${inode(r.e, options)}${r.mode} ${r.links.padStart(width('links'))} ${owner}`;
      return `${head}${r.size.padStart(width('size'))} ${timeOf(proc, r.e.stat)} ${shownName(proc, r.e, options)}\n`;
    })
    .join('');
}

function sizeOf(stat: Stat, options: Options): string {
  if (stat.rdev !== undefined) return `${stat.rdev[0]}, ${String(stat.rdev[1]).padStart(3)}`;
  return options.has('h') ? humanSize(stat.size) : String(stat.size);
}

function timeOf(proc: Process, stat: Stat): string {
  const age = proc.machine.wallClock - stat.mtime;
  const format = age < RECENT && age >= -1 ? '%b %e %H:%M' : '%b %e  %Y';
  return formatDate(format, stat.mtime);
}

function shownName(proc: Process, e: Entry, options: Options): string {
  const name = proc.isTty(1) && /[\s'"$`\\*?[\](){}&;|<>!#]/.test(e.name) ? quote(e.name) : e.name;
  const mark = options.has('F')
    ? classify(e.stat)
    : options.has('p') && e.stat.type === 'dir'
      ? '/'
      : '';
  if (!isLong(options) || e.stat.type !== 'symlink') return name + mark;
  return `${name} -> ${proc.fs.readlink(proc.path(e.path))}`;
}

function classify(stat: Stat): string {
  if (stat.type === 'dir') return '/';
  if (stat.type === 'symlink') return '@';
  return stat.type === 'file' && (stat.mode & 0o111) !== 0 ? '*' : '';
}
