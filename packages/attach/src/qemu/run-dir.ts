import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { LabwireError } from '@labwire/core/error';

const CONSOLE = '.console';
/** Characters of a guest's name in a socket's path, which has room for about a hundred. */
const LONGEST_NAME = 32;

/** A console that one can try to open. */
export interface ConsolePath {
  readonly guest: string;
  readonly path: string;
}

/** Where the labs of this user keep their sockets: one directory for each, named after its process. */
function base(): string {
  return join(tmpdir(), `labwire-${process.getuid?.() ?? userInfo().username}`);
}

/** Makes this lab's directory. Nobody else may enter it. @throws LabwireError */
export function makeRunDir(): string {
  const dir = join(base(), String(process.pid));
  mkdirSync(base(), { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(base());
  const mine = process.getuid === undefined || uid === process.getuid();
  if (!mine || (process.getuid !== undefined && (mode & 0o077) !== 0))
    throw new LabwireError(
      `${base()}: others could get at the sockets of guests; remove it, or set TMPDIR to a directory of yours`,
    );
  for (const lab of entries(base())) if (!isAlive(Number(lab))) remove(join(base(), lab));
  remove(dir);
  mkdirSync(dir, { mode: 0o700 });
  return dir;
}

function remove(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

/** Whether there is a process of this number; a lab that was killed has left its directory. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A guest's name as part of a file's. */
export function fileName(guest: string): string {
  return guest.replace(/[^\w.-]/g, '_').slice(0, LONGEST_NAME);
}

export function consolePath(dir: string, guest: string): string {
  return join(dir, `${fileName(guest)}${CONSOLE}`);
}

/** The consoles of all labs of this user; some may be left over from labs that were killed. */
export function consolePaths(): ConsolePath[] {
  return entries(base()).flatMap((lab) =>
    entries(join(base(), lab)).flatMap((file) =>
      file.endsWith(CONSOLE)
        ? [{ guest: file.slice(0, -CONSOLE.length), path: join(base(), lab, file) }]
        : [],
    ),
  );
}

function entries(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
