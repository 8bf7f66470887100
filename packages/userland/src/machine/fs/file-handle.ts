import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { POLLIN, POLLOUT, WaitQueue } from '@labwire/core/sim';
import type { OpenFile } from '../open-file.ts';
import {
  type Caller,
  type InodeTable,
  NOTHING,
  type RegularFile,
  type VirtualFile,
} from './inode.ts';

/** How a file is opened: open(2). */
export interface OpenFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  /** O_APPEND */
  readonly append?: boolean;
  /** O_CREAT */
  readonly create?: boolean;
  /** O_TRUNC */
  readonly truncate?: boolean;
  /** O_EXCL: EEXIST if it is there. */
  readonly exclusive?: boolean;
  /** Permission bits of a new file. Default 0666. */
  readonly mode?: number;
}

/** Cuts or grows a file's content to `size` bytes. */
export function setSize(file: RegularFile, size: number): void {
  if (size > file.data.length) {
    const grown = new Uint8Array(Math.max(size, file.data.length * 2, 64));
    grown.set(file.data.subarray(0, file.size));
    file.data = grown;
    file.shared = false;
  } else if (size === 0 && file.shared) file.data = NOTHING;
  else if (size < file.size) {
    unshare(file);
    file.data.fill(0, size, file.size);
  }
  file.size = size;
}

/** Gives a file a content of its own. */
function unshare(file: RegularFile): void {
  if (!file.shared) return;
  file.data = file.data.slice();
  file.shared = false;
}

/** An ordinary file that is open. Linux `struct file` */
export class FileHandle implements OpenFile {
  readonly isTty = false;
  readonly wq: WaitQueue = new WaitQueue();
  readonly inode: RegularFile;
  readonly #flags: OpenFlags;
  readonly #inodes: InodeTable;
  /** Where the next read or write goes, in bytes. */
  position = 0;

  constructor(inode: RegularFile, flags: OpenFlags, inodes: InodeTable) {
    this.inode = inode;
    this.#flags = flags;
    this.#inodes = inodes;
  }

  poll(): number {
    return POLLIN | POLLOUT;
  }

  read(max: number): Uint8Array {
    if (this.#flags.read !== true) throw new KernelError('EBADF');
    const end = Math.min(this.inode.size, this.position + max);
    const data = this.inode.data.slice(Math.min(this.position, end), end);
    this.position += data.length;
    return data;
  }

  write(data: Uint8Array): number {
    if (this.#flags.write !== true) throw new KernelError('EBADF');
    if (this.#flags.append === true) this.position = this.inode.size;
    const end = this.position + data.length;
    if (end > this.inode.size) setSize(this.inode, end);
    unshare(this.inode);
    this.inode.data.set(data, this.position);
    this.position = end;
    this.inode.mtime = this.#inodes.now;
    return data.length;
  }

  /** Empties the file and goes back to its start: ftruncate(2), lseek(2). */
  truncate(): void {
    setSize(this.inode, 0);
    this.position = 0;
  }

  ref(): void {}

  unref(): void {}
}

/** A computed file that is open: its content is made once, each write is one request. */
export class VirtualHandle implements OpenFile {
  readonly isTty = false;
  readonly wq: WaitQueue = new WaitQueue();
  readonly #file: VirtualFile;
  readonly #caller: Caller;
  #content: Uint8Array | undefined;
  #position = 0;

  constructor(file: VirtualFile, caller: Caller) {
    this.#file = file;
    this.#caller = caller;
  }

  poll(): number {
    return POLLIN | POLLOUT;
  }

  read(max: number): Uint8Array {
    this.#content ??= utf8Encode(this.#file.read(this.#caller));
    const data = this.#content.slice(this.#position, this.#position + max);
    this.#position += data.length;
    return data;
  }

  write(data: Uint8Array): number {
    if (this.#file.write === undefined) throw new KernelError('EINVAL');
    this.#file.write(utf8Decode(data), this.#caller);
    return data.length;
  }

  ref(): void {}

  unref(): void {}
}
