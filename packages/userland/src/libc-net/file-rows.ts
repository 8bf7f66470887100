import { KernelError } from '@labwire/core/error';
import type { FileSystem } from '../machine/index.ts';

/** The lines of a file in /etc without comments, as words; none if it cannot be read. */
export function fileRows(
  fs: FileSystem,
  path: string,
  separator: string | RegExp = /\s+/,
): string[][] {
  let text: string;
  try {
    text = fs.readText(path);
  } catch (e) {
    if (e instanceof KernelError) return [];
    throw e;
  }
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(separator));
}
