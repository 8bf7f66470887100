import type { FileSystem } from './file-system.ts';
import type { Process, Program } from './process.ts';

/** A service that systemctl knows. */
export interface Unit {
  readonly name: string;
  readonly description: string;
  /** Starts it in the background; resolves once it runs. @returns its main process, or undefined for a one-shot. */
  start(proc: Process): Promise<Process | undefined>;
  /** Enabled by its package's installation. */
  readonly enabledByDefault: boolean;
}

/** A Debian package that Labwire has. */
export interface DebPackage {
  readonly name: string;
  readonly version: string;
  /** Installed on a fresh machine; else `apt install` brings it. */
  readonly preinstalled: boolean;
  /** Programs by absolute path: `/usr/sbin/ip`. */
  readonly programs: Readonly<Record<string, Program>>;
  /** Lays out its files when it is installed. */
  install?(fs: FileSystem): void;
  readonly units?: readonly Unit[];
}
