import type { Netns } from '@labwire/devices/netns';
import type { Program } from '../manual.ts';
import type { OpenFile } from '../open-file.ts';
import type { Process } from '../process.ts';

/** What a path leads to. */
export type FileType = 'file' | 'dir' | 'symlink' | 'char' | 'socket' | 'fifo';

/** Who asks something of the files: a process, or the machine itself. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  /** Whose /proc/sys/net and /sys/class/net it sees. */
  readonly netns: Netns;
  /** What /proc/self leads to; undefined for the machine itself. */
  readonly self: Process | undefined;
}

/** A file under /proc or /sys. */
export interface VirtualFile {
  /** Its content, as the caller's namespaces show it. */
  read(caller: Caller): string;
  /** Absent: read-only. @throws KernelError EINVAL, EPERM */
  write?(text: string, caller: Caller): void;
  /** Permission bits. Default 0444, or 0644 with `write`. */
  readonly mode?: number;
}

/** A directory under /proc or /sys whose entries are computed. */
export interface VirtualDir {
  list(caller: Caller): readonly string[];
  /** @returns undefined: ENOENT */
  lookup(name: string, caller: Caller): VirtualNode | undefined;
}

/** A symbolic link under /proc or /sys. */
export interface VirtualLink {
  readlink(caller: Caller): string;
  /** The namespace that a link of /proc/PID/ns/net leads to. */
  readonly netns?: Netns;
}

/** A file under /dev/fd: opening it opens what it stands for. */
export interface VirtualDevice {
  open(caller: Caller): OpenFile;
}

/** Anything that is computed. */
export type VirtualNode = VirtualFile | VirtualDir | VirtualLink | VirtualDevice;

/** What inodes of every type have. */
interface InodeBase {
  readonly ino: number;
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since the epoch. */
  mtime: number;
  nlink: number;
}

/** An ordinary file. */
export interface RegularFile extends InodeBase {
  readonly type: 'file';
  /** Content in its first `size` bytes. */
  data: Uint8Array;
  size: number;
  /** Others have the same `data`: it is copied before it changes. */
  shared: boolean;
  /** What running it does. */
  program?: Program | undefined;
  /** The network namespace that is mounted on it: /run/netns/NAME. */
  netns?: Netns | undefined;
}

/** A directory. */
export interface Directory extends InodeBase {
  readonly type: 'dir';
  readonly entries: Map<string, Inode>;
}

/** A symbolic link. */
export interface Symlink extends InodeBase {
  readonly type: 'symlink';
  readonly target: string;
}

/** A device node. */
export interface CharDevice extends InodeBase {
  readonly type: 'char';
  readonly rdev: readonly [major: number, minor: number];
  /** Gives what reading and writing it does. @throws KernelError ENXIO */
  open(caller: Caller): OpenFile;
}

/** A Unix-domain socket's name in the file tree. */
export interface SocketInode extends InodeBase {
  readonly type: 'socket';
  /** Who listens there; undefined once nobody does. */
  listener: object | undefined;
}

/** A node whose content is computed. */
export interface VirtualInode extends InodeBase {
  readonly type: 'virtual';
  readonly node: VirtualNode;
}

/** A file of any type. Linux `struct inode`. */
export type Inode = RegularFile | Directory | Symlink | CharDevice | SocketInode | VirtualInode;

/** Whether a computed node is a directory. */
export function isVirtualDir(node: VirtualNode): node is VirtualDir {
  return 'lookup' in node;
}

/** Whether a computed node is a symbolic link. */
export function isVirtualLink(node: VirtualNode): node is VirtualLink {
  return 'readlink' in node;
}

/** The type that stat(2) tells. */
export function fileType(inode: Inode): FileType {
  if (inode.type !== 'virtual') return inode.type;
  if (isVirtualDir(inode.node)) return 'dir';
  if ('open' in inode.node) return 'char';
  return isVirtualLink(inode.node) ? 'symlink' : 'file';
}

/** What every new file holds. */
export const NOTHING: Uint8Array = new Uint8Array(0);

/** Makes and numbers inodes of one machine. */
export class InodeTable {
  readonly #clock: () => number;
  #next = 2;

  /** @param clock the time for mtime, in seconds since the epoch */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Seconds since the epoch. */
  get now(): number {
    return this.#clock();
  }

  #base(mode: number, uid: number): InodeBase {
    return { ino: this.#next++, mode, uid, gid: uid, mtime: this.now, nlink: 1 };
  }

  /** There are hundreds on every machine: a literal is made faster than a copy. */
  file(mode: number, uid: number): RegularFile {
    return {
      ino: this.#next++,
      mode,
      uid,
      gid: uid,
      mtime: this.now,
      nlink: 1,
      type: 'file',
      data: NOTHING,
      size: 0,
      shared: true,
      program: undefined,
      netns: undefined,
    };
  }

  dir(mode: number, uid: number): Directory {
    return { ...this.#base(mode, uid), type: 'dir', entries: new Map(), nlink: 2 };
  }

  symlink(target: string, uid: number): Symlink {
    return { ...this.#base(0o777, uid), type: 'symlink', target };
  }

  device(
    rdev: readonly [number, number],
    mode: number,
    open: (caller: Caller) => OpenFile,
  ): CharDevice {
    return { ...this.#base(mode, 0), type: 'char', rdev, open };
  }

  socket(listener: object, mode: number, uid: number): SocketInode {
    return { ...this.#base(mode, uid), type: 'socket', listener };
  }

  virtual(node: VirtualNode): VirtualInode {
    return { ...this.#base(virtualMode(node), 0), type: 'virtual', node };
  }
}

function virtualMode(node: VirtualNode): number {
  if (isVirtualDir(node)) return 0o555;
  if (isVirtualLink(node)) return 0o777;
  if ('open' in node) return 0o666;
  return node.mode ?? (node.write === undefined ? 0o444 : 0o644);
}
