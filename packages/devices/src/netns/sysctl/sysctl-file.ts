/** One file under /proc/sys, for whatever `T` it belongs to: a layer of a namespace, or one device's switches there. */
export interface SysctlFile<T> {
  readonly name: string;
  /** Permission bits: 0o644, or 0o444 for one that cannot be written. */
  readonly mode: number;
  /** Its text without the newline at the end. */
  read(of: T): string;
  /** Takes what was written. @throws {@link KernelError} EINVAL, with what came before the bad value in force, as in the kernel */
  write(of: T, text: string): void;
}

/** The files of one directory, or of one directory per member (`net/ipv4/conf/*`). */
export interface SysctlTable<N, T = unknown> {
  /** Path below /proc/sys with slashes: `net/ipv4`, `net/ipv4/conf`. */
  readonly dir: string;
  /** Whether a namespace has these files; absent: every one has. */
  readonly when?: (netns: N) => boolean;
  /** The names of the directories in `dir` that hold the files; absent: the files are in `dir` itself. */
  readonly members?: (netns: N) => readonly string[];
  /** What the files read and write. */
  readonly of: (netns: N, member: string) => T;
  readonly files: readonly SysctlFile<T>[];
}
