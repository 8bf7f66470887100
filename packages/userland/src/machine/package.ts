import type { FileSystem } from './fs/index.ts';
import type { Machine } from './machine.ts';
import type { Program } from './manual.ts';
import type { Process } from './process.ts';
import type { LoginShell } from './terminal.ts';

/** A service that systemctl knows. */
export interface Unit {
  /** With its suffix: `nginx.service`. */
  readonly name: string;
  readonly description: string;
  /** Starts it in the background; resolves once it runs, or exits with a status that is not 0. @returns its main process, or undefined for a one-shot. */
  start(proc: Process): Promise<Process | undefined>;
  /** What stopping it does beside ending its main process. */
  stop?(proc: Process): Promise<void>;
  /** Takes over a changed configuration; absent: it cannot. */
  reload?(proc: Process, main: Process | undefined): Promise<void>;
  /** Enabled by its package's installation. */
  readonly enabledByDefault: boolean;
  /** Has an init script too, which systemctl enable and disable tell of. */
  readonly sysv?: boolean;
  /** What `Docs:` says. */
  readonly documentation?: readonly string[];
}

/** A Debian package that Labwire has. */
export interface DebPackage {
  readonly name: string;
  readonly version: string;
  /** Installed on a fresh machine; else `apt install` brings it. */
  readonly preinstalled: boolean;
  /** One line of what it is. */
  readonly description?: string;
  /** Names of packages that come with it. */
  readonly depends?: readonly string[];
  /** Programs by absolute path: `/usr/sbin/ip`. */
  readonly programs: Readonly<Record<string, Program>>;
  /** Lays out its files when it is installed. */
  install?(fs: FileSystem, machine: Machine): void;
  readonly units?: readonly Unit[];
  /** The shell that terminals run, if this package brings it. */
  readonly loginShell?: (proc: Process) => LoginShell;
}
