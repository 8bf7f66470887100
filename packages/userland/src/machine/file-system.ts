/** What a path leads to. */
export type FileType = 'file' | 'dir' | 'symlink' | 'char' | 'socket' | 'fifo';

/** stat(2), as far as programs here ask. */
export interface Stat {
  readonly type: FileType;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly ino: number;
  readonly nlink: number;
}

/**
 * A machine's files as one mount namespace shows them. Paths are absolute. Failures are KernelErrors: ENOENT, ENOTDIR,
 * EISDIR, EEXIST, EACCES, ENOTEMPTY, EROFS, ELOOP. `uid` is who asks; 0 may do everything.
 */
export interface FileSystem {
  /** The whole content. */
  readFile(path: string, uid?: number): Uint8Array;
  /** The whole content, as text. */
  readText(path: string, uid?: number): string;
  /** Replaces or makes a file; `append` adds at its end. */
  writeFile(
    path: string,
    data: Uint8Array | string,
    options?: { append?: boolean; uid?: number; mode?: number },
  ): void;
  exists(path: string): boolean;
  /** Follows symbolic links. */
  stat(path: string): Stat;
  lstat(path: string): Stat;
  /** Names in order of their bytes. */
  readdir(path: string): string[];
  mkdir(path: string, options?: { recursive?: boolean; mode?: number; uid?: number }): void;
  unlink(path: string, uid?: number): void;
  rmdir(path: string, uid?: number): void;
  rename(from: string, to: string, uid?: number): void;
  symlink(target: string, path: string): void;
  readlink(path: string): string;
  chmod(path: string, mode: number): void;
  chown(path: string, uid: number, gid: number): void;
  /** Makes a file whose content is computed: a file under /proc or /sys. `write` absent: read-only. */
  addVirtual(path: string, node: VirtualFile): void;
  /** Another mount namespace: the same files, in which {@link bindMount} changes only what it shows. */
  clone(): FileSystem;
  /** Shows `source` at `target` too: mount --bind. */
  bindMount(source: string, target: string): void;
}

/** A file under /proc or /sys. */
export interface VirtualFile {
  read(): string;
  /** @throws KernelError EINVAL */
  write?(text: string): void;
  readonly mode?: number;
}
