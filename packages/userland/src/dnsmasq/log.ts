import { utf8Encode } from '@labwire/core/bytes';
import { formatDate } from '../coreutils/index.ts';
import { installFd } from '../libc-net/index.ts';
import type { OpenFile, Process } from '../machine/index.ts';
import { Config } from './config/index.ts';

/** Priorities of syslog(3). */
export const LOG_CRIT = 2;
export const LOG_ERR = 3;
export const LOG_WARNING = 4;
export const LOG_INFO = 6;
export const LOG_DEBUG = 7;
const FACILITY_DAEMON = 3;
const FACILITY_LOCAL0 = 16;
/** The path that stands for standard error. */
const STDERR = '-';

/** The part of dnsmasq that says something: it stands behind the program's name. */
export type LogPart = '' | 'dhcp' | 'tftp' | 'script' | 'debug';

/** Where dnsmasq's messages go: the journal, a file, or standard error. dnsmasq src/log.c */
export class Log {
  readonly #config: Config;
  #proc: Process;
  #file: OpenFile | undefined;
  /** Its descriptor. */
  #fd: number | undefined;

  constructor(proc: Process, config: Config) {
    this.#proc = proc;
    this.#config = config;
  }

  /** A log for a process whose options could not be read. */
  static forErrors(proc: Process): Log {
    return new Log(proc, new Config());
  }

  /** Opens the log file for the process that goes on. log_start() @throws KernelError */
  start(proc: Process): void {
    this.#proc = proc;
    const path = this.#config.logFile;
    if (path === STDERR) this.#hold(proc.file(2));
    else if (path !== undefined) this.reopen();
  }

  /** Opens the log file anew, for one that was moved away: SIGUSR2. @throws KernelError */
  reopen(): void {
    const path = this.#config.logFile;
    if (path === undefined || path === STDERR) return;
    const { fs } = this.#proc;
    this.#hold(fs.open(path, { write: true, create: true, append: true, mode: 0o640 }));
  }

  #hold(file: OpenFile): void {
    if (this.#fd !== undefined) this.#proc.close(this.#fd);
    this.#fd = installFd(this.#proc, file);
    this.#file = file;
  }

  /** The same log for a process of dnsmasq's. */
  as(proc: Process): Log {
    const log = new Log(proc, this.#config);
    log.#file = this.#file;
    return log;
  }

  info(text: string, part: LogPart = ''): void {
    this.write(LOG_INFO, text, part);
  }

  warning(text: string, part: LogPart = ''): void {
    this.write(LOG_WARNING, text, part);
  }

  error(text: string, part: LogPart = ''): void {
    this.write(LOG_ERR, text, part);
  }

  /** Logs one line. my_syslog() */
  write(priority: number, text: string, part: LogPart = ''): void {
    if (part === 'debug' && !this.#config.has('log-debug')) return;
    const name = part === '' ? 'dnsmasq' : `dnsmasq-${part}`;
    const toStderr = this.#config.logFile === STDERR;
    if (this.#config.has('no-daemon') && !toStderr) this.#stderr(`${name}: ${text}\n`);
    if (this.#file === undefined) this.#journal(priority, name, text);
    else this.#toFile(`${this.#stamp(toStderr)}${name}[${this.#proc.pid}]: ${text}\n`);
  }

  #stderr(line: string): void {
    this.#proc.fds.get(2)?.write(utf8Encode(line));
  }

  #toFile(line: string): void {
    this.#file?.write(utf8Encode(line));
  }

  #stamp(toStderr: boolean): string {
    if (toStderr && this.#config.has('keep-in-foreground')) return '';
    return formatDate('%b %e %H:%M:%S ', this.#proc.machine.wallClock);
  }

  #journal(priority: number, name: string, text: string): void {
    const fallback = this.#config.has('no-daemon') ? FACILITY_LOCAL0 : FACILITY_DAEMON;
    this.#proc.machine.journal.add({
      at: this.#proc.now,
      facility: this.#config.logFacility ?? fallback,
      priority,
      identifier: name,
      pid: this.#proc.pid,
      text,
    });
  }

  /** Says why dnsmasq cannot start. die() */
  die(message: string): void {
    const file = this.#file;
    const toStderr = this.#config.logFile === STDERR && file !== undefined;
    if (!toStderr) this.#stderr(`\ndnsmasq: ${message}\n`);
    for (const text of [message, 'FAILED to start up']) {
      if (file === undefined) this.#journal(LOG_CRIT, 'dnsmasq', text);
      else this.#toFile(`${this.#stamp(toStderr)}dnsmasq[${this.#proc.pid}]: ${text}\n`);
    }
  }
}
