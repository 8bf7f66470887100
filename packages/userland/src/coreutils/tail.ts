import { KernelError } from '@labwire/core/error';
import { MS, type Nanos, SEC } from '@labwire/core/sim';
import type { FileHandle, Process, Program } from '../machine/index.ts';
import { count, oldCount, openEach, title } from './filters.ts';
import { LineReader, openInput, readAll } from './input.ts';
import { type Options, tool } from './tool.ts';

/** tail(1). */
export const tail: Program = tool(
  {
    name: 'tail',
    letters: 'n:c:fFqvs:z',
    longs: {
      'lines=': 'n',
      'bytes=': 'c',
      'follow?': 'f',
      quiet: 'q',
      silent: 'q',
      verbose: 'v',
      'sleep-interval=': 's',
      'pid=': 'pid',
      retry: 'retry',
    },
    spell: oldCount,
  },
  async (proc, options, operands) => {
    const files = operands.length > 0 ? operands : ['-'];
    let i = 0;
    const status = await openEach(proc, 'tail', files, async (fd) => {
      await title(proc, options, files, i++);
      await tailOne(proc, fd, options);
    });
    if (options.has('f', 'F') && operands.length > 0) await follow(proc, options, files);
    return status;
  },
);

async function tailOne(proc: Process, fd: number, options: Options): Promise<void> {
  const c = options.value('c');
  const n = options.value('n') ?? '10';
  if (c !== undefined) {
    const all = await readAll(proc, fd);
    const k = count(c, 'bytes');
    await proc.write(
      1,
      c.startsWith('+') ? all.subarray(k - 1) : all.subarray(Math.max(0, all.length - k)),
    );
  } else if (n.startsWith('+')) await tailFrom(proc, fd, count(n, 'lines'));
  else await tailLast(proc, fd, count(n, 'lines'));
}

async function tailFrom(proc: Process, fd: number, n: number): Promise<void> {
  const reader = new LineReader(proc, fd);
  for (let i = 1; ; i++) {
    const line = await reader.next();
    if (line === undefined) return;
    if (i >= n) await proc.out(line + (reader.terminated ? '\n' : ''));
  }
}

async function tailLast(proc: Process, fd: number, n: number): Promise<void> {
  const reader = new LineReader(proc, fd);
  let kept: string[] = [];
  for (;;) {
    const line = await reader.next();
    if (line === undefined) break;
    kept.push(line + (reader.terminated ? '\n' : ''));
    if (kept.length > 2 * n + 64) kept = kept.slice(-n);
  }
  if (n > 0) await proc.out(kept.slice(-n).join(''));
}

/** One file that is being followed. */
interface Followed {
  readonly name: string;
  readonly fd: number;
}

/** Prints what is added to files, until a signal ends it. */
async function follow(proc: Process, options: Options, files: readonly string[]): Promise<never> {
  const interval: Nanos = Number(options.value('s') ?? 0.2) * SEC || 200 * MS;
  const followed = files.flatMap((name) => openAtEnd(proc, name));
  let shown = followed.at(-1)?.name;
  for (;;) {
    for (const file of followed) {
      const data = await proc.read(file.fd);
      if (data.length === 0) continue;
      if (files.length > 1 && shown !== file.name) await proc.out(`\n==> ${file.name} <==\n`);
      shown = file.name;
      await proc.write(1, data);
    }
    await proc.sleep(interval);
  }
}

function openAtEnd(proc: Process, name: string): Followed[] {
  try {
    const fd = openInput(proc, name);
    const file = proc.file(fd) as FileHandle;
    file.position = file.inode.size;
    return [{ name, fd }];
  } catch (e) {
    if (e instanceof KernelError) return [];
    throw e;
  }
}
