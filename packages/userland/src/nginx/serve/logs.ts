import { utf8Encode } from '@labwire/core/bytes';
import { civilTime, two } from '../../http/index.ts';
import { installFd } from '../../libc-net/index.ts';
import type { OpenFile, Process } from '../../machine/index.ts';
import type { Scope } from '../conf/index.ts';
import type { Request } from './request.ts';
import { expand, type VariableContext } from './variables.ts';

/** The format that access logs have by default. */
const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

/** `2026/11/21 10:33:32` */
export function errorTime(epoch: number): string {
  const t = civilTime(epoch);
  return `${t.year}/${two(t.month)}/${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
}

/** Log levels from the worst on. */
const LEVELS: readonly string[] = [
  'emerg',
  'alert',
  'crit',
  'error',
  'warn',
  'notice',
  'info',
  'debug',
];

/** The log files of a running nginx by path, each a descriptor; they stay open until they are asked to be opened again. */
export class LogFiles {
  readonly #files = new Map<string, { readonly fd: number; file: OpenFile }>();

  /** Opens a file now, so that errors show at the start. @throws KernelError */
  ensure(proc: Process, path: string): void {
    if (this.#files.has(path)) return;
    const file = openLog(proc, path);
    this.#files.set(path, { fd: installFd(proc, file), file });
  }

  /** Adds a line to a file that is open. */
  write(path: string, line: string): void {
    this.#files.get(path)?.file.write(utf8Encode(`${line}\n`));
  }

  /** Opens all files again: USR1, for log rotation. */
  reopen(proc: Process): void {
    for (const [path, log] of this.#files) {
      proc.close(log.fd);
      log.file = openLog(proc, path);
      log.file.ref();
      proc.fds.set(log.fd, log.file);
    }
  }
}

function openLog(proc: Process, path: string): OpenFile {
  return proc.fs.open(path, { write: true, create: true, append: true, mode: 0o640 });
}

/** Where a block's access log goes, with its format; none if it is off. */
export function accessLogs(scope: Scope): { readonly path: string; readonly format: string }[] {
  const directives = scope.all('access_log');
  if (directives.some((d) => d.args[0] === 'off')) return [];
  return directives.map((d) => ({
    path: d.args[0] as string,
    format: formatOf(scope, d.args[1] ?? 'combined'),
  }));
}

function formatOf(scope: Scope, name: string): string {
  const found = scope.all('log_format').find((d) => d.args[0] === name);
  if (found === undefined) return COMBINED;
  return found.args
    .slice(1)
    .filter((a) => !a.startsWith('escape='))
    .join('');
}

function escapeLog(value: string): string {
  if (value === '') return '-';
  return value.replace(
    /["\\\x7f-\uffff]|[^\x20-\x7e]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** Writes the access log of a request that has been answered. */
export function logAccess(logs: LogFiles, r: Request, c: VariableContext): void {
  for (const { path, format } of accessLogs(r.scope))
    logs.write(path, expand(format, r, c, escapeLog));
}

/** The error log of a block: its path, and whether a level is written. */
export function errorLog(scope: Scope): {
  readonly path: string;
  readonly admits: (level: string) => boolean;
} {
  const [path = 'stderr', least = 'error'] = scope.args('error_log') ?? [];
  return { path, admits: (level) => LEVELS.indexOf(level) <= LEVELS.indexOf(least) };
}
