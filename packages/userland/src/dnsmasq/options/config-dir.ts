import { KernelError, strerror } from '@labwire/core/error';
import type { FileSystem } from '../../machine/index.ts';
import { EC_FILE, Fatal } from '../fatal.ts';
import { splitAll, unhide } from './option-text.ts';

/** Whether a name is neither hidden nor what an editor left. file_filter() */
export function isPlainName(name: string): boolean {
  return !(
    name.endsWith('~') ||
    (name.startsWith('#') && name.endsWith('#')) ||
    name.startsWith('.')
  );
}

/** Whether a name ends in one of `suffixes` and is longer than that. */
function endsIn(name: string, suffixes: readonly string[]): boolean {
  return suffixes.some((s) => name.length > s.length && name.endsWith(s));
}

/**
 * The files that --conf-dir=DIRECTORY[,SUFFIX…] means, in order; a suffix with `*` in front is wanted, another is not.
 * @throws Fatal
 */
export function configFilesIn(fs: FileSystem, arg: string): string[] {
  const [dir = '', ...suffixes] = splitAll(arg).map(unhide);
  if (dir === '') return [];
  const wanted = suffixes.filter((s) => s.startsWith('*') && s.length > 1).map((s) => s.slice(1));
  const unwanted = suffixes.filter((s) => s !== '' && !s.startsWith('*'));
  let names: string[];
  try {
    names = fs.readdir(dir);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new Fatal(`cannot access directory ${dir}: ${strerror(e.errno)}`, EC_FILE);
  }
  return names
    .filter((n) => isPlainName(n) && !endsIn(n, unwanted))
    .filter((n) => wanted.length === 0 || endsIn(n, wanted))
    .map((n) => `${dir}/${n}`)
    .filter((path) => isFile(fs, path));
}

function isFile(fs: FileSystem, path: string): boolean {
  try {
    return fs.stat(path).type === 'file';
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new Fatal(`cannot access ${path}: ${strerror(e.errno)}`, EC_FILE);
  }
}
