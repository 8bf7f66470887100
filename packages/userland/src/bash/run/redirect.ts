import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { POLLIN, WaitQueue } from '@labwire/core/sim';
import type { OpenFile, OpenFlags, Process } from '../../machine/index.ts';
import { ExpansionError } from '../control.ts';
import { expandHereText, expandToString, expandWord } from '../expand/index.ts';
import { type HereDoc, parseHereText, type Redirect, type Redirection } from '../parse/index.ts';
import type { Shell } from '../shell.ts';
import { openNetworkFile } from './network-file.ts';

/** One change to a process's descriptors, its words expanded. */
export type Change =
  | { readonly fd: number; readonly open: string; readonly flags: OpenFlags }
  | { readonly fd: number; readonly from: number; readonly move: boolean }
  | { readonly fd: number; readonly text: string }
  | { readonly fd: number; readonly close: true };

/** A here-document or here-string as a program reads it. */
class TextFile implements OpenFile {
  readonly isTty = false;
  readonly wq: WaitQueue = new WaitQueue();
  #rest: Uint8Array;

  constructor(text: string) {
    this.#rest = utf8Encode(text);
  }

  poll(): number {
    return POLLIN;
  }

  read(max: number): Uint8Array {
    const data = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(data.length);
    return data;
  }

  write(): number {
    throw new KernelError('EBADF');
  }

  ref(): void {}

  unref(): void {}
}

/** Expands the words of redirections, in order. @throws ExpansionError for an ambiguous redirect */
export async function expandRedirections(
  sh: Shell,
  redirections: readonly Redirection[],
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const r of redirections) changes.push(...(await expandRedirection(sh, r)));
  return changes;
}

async function expandRedirection(sh: Shell, r: Redirection): Promise<Change[]> {
  const given = r.descriptor?.type === 'FileDescriptor' ? r.descriptor.value : undefined;
  if (r.descriptor?.type === 'FileDescriptorVariable')
    throw new ExpansionError(`{${r.descriptor.name}}: a descriptor in a variable is not supported`);
  if (r.type === 'HereDoc') return [{ fd: given ?? 0, text: await hereText(sh, r) }];
  if (r.target === undefined) throw new ExpansionError('syntax error near redirection');
  if (r.type === 'HereString')
    return [{ fd: given ?? 0, text: `${await expandToString(sh, r.target)}\n` }];
  const words = await expandWord(sh, r.target);
  const target = words[0];
  if (words.length !== 1 || target === undefined)
    throw new ExpansionError(`${r.target.text}: ambiguous redirect`);
  return fileChange(sh, r, given, target);
}

async function hereText(sh: Shell, doc: HereDoc): Promise<string> {
  const { parts, text } = doc.body;
  if (doc.operator === '<<-') {
    const bare = text.replace(/^\t+/gm, '');
    return doc.delimiter?.quoted === true ? bare : expandHereText(sh, parseHereText(bare));
  }
  return parts === undefined || doc.delimiter?.quoted === true ? text : expandHereText(sh, parts);
}

const WRITE: OpenFlags = { write: true, create: true, truncate: true };
const APPEND: OpenFlags = { write: true, create: true, append: true };

function fileChange(sh: Shell, r: Redirect, given: number | undefined, target: string): Change[] {
  switch (r.operator) {
    case '<':
      return [{ fd: given ?? 0, open: target, flags: { read: true } }];
    case '<>':
      return [{ fd: given ?? 0, open: target, flags: { read: true, write: true, create: true } }];
    case '>':
      return [{ fd: given ?? 1, open: target, flags: noClobber(sh, target) }];
    case '>|':
      return [{ fd: given ?? 1, open: target, flags: WRITE }];
    case '>>':
      return [{ fd: given ?? 1, open: target, flags: APPEND }];
    case '&>':
    case '&>>':
      return both(target, r.operator === '&>' ? WRITE : APPEND);
    case '<&':
      return duplicate(given ?? 0, target);
    case '>&':
      if (!/^(\d+-?|-)$/.test(target) && given === undefined) return both(target, WRITE);
      return duplicate(given ?? 1, target);
  }
}

function noClobber(sh: Shell, target: string): OpenFlags {
  const path = sh.proc.path(target);
  const guard = sh.options.has('C') && sh.proc.fs.exists(path);
  return guard && sh.proc.fs.stat(path).type === 'file' ? { ...WRITE, exclusive: true } : WRITE;
}

function both(target: string, flags: OpenFlags): Change[] {
  return [
    { fd: 1, open: target, flags },
    { fd: 2, from: 1, move: false },
  ];
}

function duplicate(fd: number, target: string): Change[] {
  if (target === '-') return [{ fd, close: true }];
  const m = /^(\d+)(-?)$/.exec(target);
  if (m === null) throw new ExpansionError(`${target}: ambiguous redirect`);
  return [{ fd, from: Number(m[1]), move: m[2] === '-' }];
}

/** A redirection that failed; the message is bash's, without the prefix. */
class RedirectionError extends Error {}

/**
 * Makes the changes to a process's descriptors.
 * @returns false if one failed; the message has been printed
 */
export async function redirect(
  sh: Shell,
  proc: Process,
  changes: readonly Change[],
): Promise<boolean> {
  try {
    for (const change of changes) await apply(proc, change, sh);
    return true;
  } catch (e) {
    if (!(e instanceof RedirectionError)) throw e;
    await proc.err(`${sh.prefix}${e.message}\n`);
    return false;
  }
}

async function apply(proc: Process, change: Change, sh: Shell): Promise<void> {
  if ('close' in change) proc.close(change.fd);
  else if ('text' in change) proc.setFd(change.fd, new TextFile(change.text));
  else if ('open' in change) await openChange(proc, change, sh);
  else {
    const file = proc.fds.get(change.from);
    if (file === undefined) throw new RedirectionError(`${change.from}: Bad file descriptor`);
    proc.setFd(change.fd, file);
    if (change.move && change.from !== change.fd) proc.close(change.from);
  }
}

async function openChange(
  proc: Process,
  change: Extract<Change, { open: string }>,
  sh: Shell,
): Promise<void> {
  try {
    const network = await openNetworkFile(proc, change.open);
    if (network !== undefined) {
      if (network === change.fd) return;
      proc.setFd(change.fd, proc.file(network));
      proc.close(network);
      return;
    }
    const mode = 0o666 & ~proc.umask;
    proc.setFd(change.fd, proc.fs.open(proc.path(change.open), { ...change.flags, mode }));
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new RedirectionError(openMessage(sh, change, e));
  }
}

function openMessage(sh: Shell, change: Extract<Change, { open: string }>, e: KernelError): string {
  if (e.errno === 'EEXIST') return `${change.open}: cannot overwrite existing file`;
  if (sh.dialect === 'bash') return `${change.open}: ${e.message}`;
  const what = change.flags.create === true ? 'create' : 'open';
  const why =
    e.errno === 'ENOENT'
      ? what === 'create'
        ? 'Directory nonexistent'
        : 'No such file'
      : e.message;
  return `cannot ${what} ${change.open}: ${why}`;
}

/** Runs something with changed descriptors and puts them back. */
export async function withRedirections(
  sh: Shell,
  redirections: readonly Redirection[],
  body: () => Promise<number>,
): Promise<number> {
  if (redirections.length === 0) return body();
  const changes = await expandRedirections(sh, redirections);
  const saved = save(sh.proc, changes);
  try {
    return (await redirect(sh, sh.proc, changes)) ? await body() : 1;
  } finally {
    restore(sh.proc, saved);
  }
}

/** Holds on to what descriptors stand for. */
function save(proc: Process, changes: readonly Change[]): Map<number, OpenFile | undefined> {
  const saved = new Map<number, OpenFile | undefined>();
  for (const change of changes) {
    for (const fd of 'from' in change && change.move ? [change.fd, change.from] : [change.fd]) {
      if (saved.has(fd)) continue;
      const file = proc.fds.get(fd);
      file?.ref();
      saved.set(fd, file);
    }
  }
  return saved;
}

function restore(proc: Process, saved: ReadonlyMap<number, OpenFile | undefined>): void {
  for (const [fd, file] of saved) {
    if (file === undefined) proc.close(fd);
    else {
      proc.setFd(fd, file);
      file.unref();
    }
  }
}
