import { KernelError, strerror } from '@labwire/core/error';
import type { Daemon } from '../../daemon.ts';
import { isPlainName } from '../../options/index.ts';

/** What is done with a file of such a directory. */
export interface HostsFileActions {
  read(path: string): void;
  /** @returns how many names were forgotten */
  forget(path: string): number;
}

/** Directories whose hosts files are read when they change: --hostsdir. dnsmasq src/inotify.c */
export class HostsDirs {
  readonly #daemon: Daemon;
  readonly #actions: HostsFileActions;
  /** What each file looked like when it was read. */
  readonly #seen = new Map<string, string>();

  constructor(daemon: Daemon, actions: HostsFileActions) {
    this.#daemon = daemon;
    this.#actions = actions;
  }

  /** Reads all files. */
  readAll(): void {
    this.#seen.clear();
    for (const dir of this.#daemon.config.hostsDirs)
      for (const path of this.#files(dir, true)) {
        this.#seen.set(path, this.#look(path));
        this.#actions.read(path);
      }
  }

  /** Reads files that are new or have changed, and forgets the names of those that are gone. */
  poll(): void {
    const { hostsDirs } = this.#daemon.config;
    if (hostsDirs.length === 0) return;
    const present = new Set(hostsDirs.flatMap((dir) => this.#files(dir, false)));
    for (const path of this.#seen.keys()) if (!present.has(path)) this.#gone(path);
    for (const path of present) {
      const look = this.#look(path);
      if (look === this.#seen.get(path)) continue;
      this.#seen.set(path, look);
      this.#daemon.log.info(`inotify: ${path} new or modified`);
      this.#forget(path);
      this.#actions.read(path);
    }
  }

  #gone(path: string): void {
    this.#seen.delete(path);
    this.#daemon.log.info(`inotify: ${path} removed`);
    this.#forget(path);
  }

  #forget(path: string): void {
    const count = this.#actions.forget(path);
    if (count > 0) this.#daemon.log.info(`inotify: flushed ${count} names read from ${path}`);
  }

  /** What shows that a file has changed. */
  #look(path: string): string {
    const { ino, size, mtime } = this.#daemon.proc.fs.stat(path);
    return `${ino} ${size} ${mtime}`;
  }

  #files(dir: string, complain: boolean): string[] {
    const { fs } = this.#daemon.proc;
    try {
      const names = fs.readdir(dir).filter(isPlainName);
      return names.map((n) => `${dir}/${n}`).filter((path) => fs.stat(path).type === 'file');
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const why = e.errno === 'ENOTDIR' ? 'not a directory' : strerror(e.errno);
      if (complain) this.#daemon.log.error(`bad dynamic directory ${dir}: ${why}`);
      return [];
    }
  }
}
