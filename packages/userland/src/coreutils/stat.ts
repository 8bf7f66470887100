import { KernelError } from '@labwire/core/error';
import { userNames } from '../base/index.ts';
import type { Process, Program, Stat } from '../machine/index.ts';
import { formatDate } from './date-format.ts';
import { modeString } from './ls.ts';
import { quote, tool, UsageError } from './tool.ts';

/** stat(1). */
export const stat: Program = tool(
  {
    name: 'stat',
    letters: 'Lc:ft',
    longs: { 'format=': 'c', dereference: 'L', 'printf=': 'printf' },
  },
  async (proc, options, operands) => {
    if (operands.length === 0) throw new UsageError('missing operand');
    let status = 0;
    for (const file of operands) {
      try {
        const path = proc.path(file);
        const st = options.has('L') ? proc.fs.stat(path) : proc.fs.lstat(path);
        const format = options.value('c');
        await proc.out(
          format === undefined ? full(proc, file, st) : `${formatStat(proc, format, file, st)}\n`,
        );
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        await proc.err(`stat: cannot statx ${quote(file)}: ${e.message}\n`);
        status = 1;
      }
    }
    return status;
  },
);

const TYPES: Readonly<Record<Stat['type'], string>> = {
  file: 'regular file',
  dir: 'directory',
  symlink: 'symbolic link',
  char: 'character special file',
  socket: 'socket',
  fifo: 'fifo',
};

function typeName(st: Stat): string {
  return st.type === 'file' && st.size === 0 ? 'regular empty file' : TYPES[st.type];
}

function formatStat(proc: Process, format: string, file: string, st: Stat): string {
  const names = userNames(proc.fs);
  const values: Readonly<Record<string, () => string>> = {
    a: () => st.mode.toString(8),
    A: () => modeString(st),
    b: () => String(Math.ceil(st.size / 4096) * 8),
    B: () => '512',
    F: () => typeName(st),
    g: () => String(st.gid),
    G: () => names.group(st.gid),
    h: () => String(st.nlink),
    i: () => String(st.ino),
    n: () => file,
    N: () =>
      st.type === 'symlink'
        ? `${quote(file)} -> ${quote(proc.fs.readlink(proc.path(file)))}`
        : quote(file),
    s: () => String(st.size),
    u: () => String(st.uid),
    U: () => names.user(st.uid),
    y: () => `${formatDate('%Y-%m-%d %H:%M:%S', st.mtime)}.000000000 +0000`,
    Y: () => String(st.mtime),
    '%': () => '%',
  };
  return format.replace(/%(.)/g, (all, c: string) => values[c]?.() ?? all);
}

function full(proc: Process, file: string, st: Stat): string {
  const f = (format: string) => formatStat(proc, format, file, st);
  const time = f('%y');
  return `  File: ${st.type === 'symlink' ? f('%N').replaceAll("'", '') : file}
  Size: ${f('%s').padEnd(10)}\tBlocks: ${f('%b').padEnd(10)} IO Block: 4096   ${f('%F')}
Device: 0,1\tInode: ${f('%i').padEnd(11)} Links: ${f('%h')}
Access: (${st.mode.toString(8).padStart(4, '0')}/${f('%A')})  Uid: (${f('%u').padStart(5)}/${f('%U').padStart(8)})   Gid: (${f('%g').padStart(5)}/${f('%G').padStart(8)})
Access: ${time}
Modify: ${time}
Change: ${time}
 Birth: -
`;
}
