import { KernelError } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import { fieldText } from './fields.ts';
import { hasGlob, type Piece, patternRegExp } from './pattern.ts';

/** What steers pathname expansion: `shopt`. */
export interface GlobOptions {
  readonly dotglob: boolean;
  readonly globstar: boolean;
  readonly nocase: boolean;
}

/** The paths that match a pattern, sorted; none if nothing does. bash lib/glob/glob.c */
export function expandPathname(
  proc: Process,
  field: readonly Piece[],
  options: GlobOptions,
): string[] {
  const parts = splitAtSlashes(field);
  const absolute = fieldText(field).startsWith('/');
  let paths = [absolute ? '/' : ''];
  parts.forEach((part, i) => {
    if (part.length === 0) return;
    const isLast = i === parts.length - 1;
    paths = paths.flatMap((path) => step(proc, path, part, isLast, options));
  });
  if (fieldText(field).endsWith('/'))
    paths = paths.filter((p) => isDirectory(proc, p)).map((p) => `${p}/`);
  return paths.sort((a, b) => (a < b ? -1 : 1));
}

function splitAtSlashes(field: readonly Piece[]): Piece[][] {
  const parts: Piece[][] = [[]];
  for (const piece of field) {
    piece.text.split('/').forEach((text, i) => {
      if (i > 0) parts.push([]);
      if (text !== '') parts.at(-1)?.push({ text, quoted: piece.quoted });
    });
  }
  return parts;
}

function step(
  proc: Process,
  path: string,
  part: readonly Piece[],
  isLast: boolean,
  options: GlobOptions,
): string[] {
  const base = path === '' || path.endsWith('/') ? path : `${path}/`;
  if (!hasGlob(part)) {
    const next = base + fieldText(part);
    return proc.fs.exists(proc.path(next)) ? [next] : [];
  }
  if (options.globstar && !part.some((p) => p.quoted) && fieldText(part) === '**')
    return everyDirectory(proc, base, isLast);
  const regexp = patternRegExp(part, options.nocase ? 'i' : '');
  const dots = options.dotglob || fieldText(part).startsWith('.');
  return namesIn(proc, base)
    .filter((name) => (dots || !name.startsWith('.')) && regexp.test(name))
    .map((name) => base + name)
    .filter((next) => isLast || isDirectory(proc, next));
}

function everyDirectory(proc: Process, base: string, files: boolean): string[] {
  const out: string[] = files || base !== '' ? [base.replace(/(.)\/$/, '$1')] : [''];
  for (const name of namesIn(proc, base)) {
    if (name.startsWith('.')) continue;
    const path = base + name;
    if (isDirectory(proc, path)) out.push(...everyDirectory(proc, `${path}/`, files));
    else if (files) out.push(path);
  }
  return out;
}

function namesIn(proc: Process, base: string): string[] {
  try {
    return proc.fs.readdir(base === '' ? proc.cwd : proc.path(base));
  } catch (e) {
    if (e instanceof KernelError) return [];
    throw e;
  }
}

function isDirectory(proc: Process, path: string): boolean {
  const full = proc.path(path);
  return proc.fs.exists(full) && proc.fs.stat(full).type === 'dir';
}
