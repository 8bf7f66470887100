import { KernelError } from '@labwire/core/error';
import type { SysctlFile } from './sysctl-file.ts';

/** Numbers below `size`, single and in ranges, with commas between; what is written takes the place of all. `proc_do_large_bitmap()` */
export function bitmapFile<T>(
  name: string,
  size: number,
  get: (of: T) => ReadonlySet<number>,
  put: (of: T, v: ReadonlySet<number>) => void,
): SysctlFile<T> {
  return {
    name,
    mode: 0o644,
    read: (of) => ranges(get(of)).join(','),
    write: (of, text) =>
      put(
        of,
        new Set(
          text
            .trim()
            .split(',')
            .flatMap((w) => numbers(w, size)),
        ),
      ),
  };
}

function numbers(word: string, size: number): number[] {
  if (word === '') return [];
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === undefined || to >= size || from > to) throw new KernelError('EINVAL');
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function ranges(of: ReadonlySet<number>): string[] {
  const sorted = [...of].sort((a, b) => a - b);
  const starts = sorted.filter((n) => !of.has(n - 1));
  const ends = sorted.filter((n) => !of.has(n + 1));
  return starts.map((n, i) => (n === ends[i] ? `${n}` : `${n}-${ends[i]}`));
}
