import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { Netns } from '@labwire/devices/netns';
import type { Program } from '../manual.ts';
import type { OpenFile } from '../open-file.ts';
import { FileHandle, type OpenFlags, setSize, VirtualHandle } from './file-handle.ts';
import {
  type Caller,
  type Directory,
  type FileType,
  fileType,
  type Inode,
  isVirtualDir,
  isVirtualLink,
  type RegularFile,
  type VirtualNode,
} from './inode.ts';
import { type Found, isDir, type MountNamespace } from './mount-namespace.ts';
import { MAY_EXEC, MAY_READ, MAY_WRITE, permitted } from './permission.ts';

/** What a namespace's file shows of its rights, whatever it is mounted on. Linux fs/nsfs.c, `nsfs_init_inode()` */
const NSFS_MODE = 0o444;

/** stat(2), as far as programs here ask. */
export interface Stat {
  readonly type: FileType;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly ino: number;
  readonly nlink: number;
  /** Major and minor number of a device node. */
  readonly rdev: readonly [number, number] | undefined;
}

/** What a program of ours holds. */
const ELF = utf8Encode('\x7fELF');

/** How {@link FileSystem.writeFile} makes and fills a file. */
export interface WriteOptions {
  /** Adds at the end. */
  readonly append?: boolean;
  /** Owner of a new file. Default: the caller. */
  readonly uid?: number;
  /** Permission bits of a new file. Default 0644. */
  readonly mode?: number;
}

/**
 * A machine's files as one mount namespace shows them to one caller, whose user id decides what is allowed and whose
 * network namespace what /proc and /sys say. Paths are absolute. Failures are KernelErrors: ENOENT, ENOTDIR,
 * EISDIR, EEXIST, EACCES, EPERM, ENOTEMPTY, EBUSY, ELOOP.
 */
export class FileSystem {
  readonly #mounts: MountNamespace;
  readonly #caller: Caller;

  constructor(mounts: MountNamespace, caller: Caller) {
    this.#mounts = mounts;
    this.#caller = caller;
  }

  /** The same files for another caller. */
  as(caller: Caller): FileSystem {
    return new FileSystem(this.#mounts, caller);
  }

  /** Another mount namespace: the same files, in which {@link bindMount} changes only what it shows. unshare(CLONE_NEWNS) */
  clone(): FileSystem {
    return new FileSystem(this.#mounts.clone(), this.#caller);
  }

  /** Shows `source` at `target` too: mount --bind. */
  bindMount(source: string, target: string): void {
    this.#mounts.mount(this.#locate(target).path, this.#inode(source));
  }

  /** Takes away what is mounted at `target`. @throws KernelError EINVAL if nothing is */
  unmount(target: string): void {
    if (!this.#mounts.unmount(this.#locate(target).path)) throw new KernelError('EINVAL');
  }

  /** Mounts a network namespace on a file, or with undefined takes it away: /run/netns/NAME. */
  bindNetns(path: string, netns: Netns | undefined): void {
    const inode = this.#inode(path);
    if (inode.type !== 'file') throw new KernelError('EINVAL');
    netns?.ref();
    inode.netns?.unref();
    inode.netns = netns;
  }

  /** The network namespace that a file stands for: /run/netns/NAME or /proc/PID/ns/net. @throws KernelError EINVAL if none */
  netnsOf(path: string): Netns {
    const inode = this.#inode(path);
    const netns =
      inode.type === 'file'
        ? inode.netns
        : inode.type === 'virtual' && isVirtualLink(inode.node)
          ? inode.node.netns
          : undefined;
    if (netns === undefined) throw new KernelError('EINVAL');
    return netns;
  }

  /** The path without links, `.` and `..`; its last part need not exist. realpath(3) */
  realpath(path: string): string {
    return this.#locate(path).path;
  }

  exists(path: string): boolean {
    try {
      return this.#locate(path).inode !== undefined;
    } catch (e) {
      if (e instanceof KernelError) return false;
      throw e;
    }
  }

  /** access(2): whether the caller may do what an or of 4 (read), 2 (write) and 1 (execute) says. */
  access(path: string, want: number): boolean {
    try {
      return permitted(this.#inode(path), want, this.#caller);
    } catch (e) {
      if (e instanceof KernelError) return false;
      throw e;
    }
  }

  /** Follows symbolic links. */
  stat(path: string): Stat {
    return this.#stat(this.#inode(path));
  }

  /** Does not follow a symbolic link at the end. */
  lstat(path: string): Stat {
    return this.#stat(this.#inode(path, false));
  }

  /** Opens a file or device: open(2). */
  open(path: string, flags: OpenFlags): OpenFile {
    const at = this.#locate(path);
    const inode = at.inode ?? this.#create(at, flags);
    if (at.inode !== undefined && flags.exclusive === true) throw new KernelError('EEXIST');
    if (isDir(inode) && (flags.write === true || flags.create === true))
      throw new KernelError('EISDIR');
    const want = (flags.read === true ? MAY_READ : 0) | (flags.write === true ? MAY_WRITE : 0);
    if (at.inode !== undefined) this.#demand(inode, want);
    return this.#opened(inode, flags);
  }

  /** The whole content. */
  readFile(path: string): Uint8Array {
    const inode = this.#inode(path);
    if (isDir(inode)) throw new KernelError('EISDIR');
    this.#demand(inode, MAY_READ);
    if (inode.type === 'file') return inode.data.slice(0, inode.size);
    return this.#opened(inode, { read: true }).read(1 << 20) ?? new Uint8Array(0);
  }

  /** The whole content, as text. */
  readText(path: string): string {
    return utf8Decode(this.readFile(path));
  }

  /** Replaces or makes a file. */
  writeFile(path: string, data: Uint8Array | string, options: WriteOptions = {}): void {
    const { append = false, mode = 0o644, uid } = options;
    const made = !this.exists(path);
    const file = this.open(path, { write: true, create: true, truncate: !append, append, mode });
    if (made && uid !== undefined) this.chown(path, uid, uid);
    file.write(typeof data === 'string' ? utf8Encode(data) : data);
  }

  /** Names in order of their bytes. */
  readdir(path: string): string[] {
    const inode = this.#inode(path);
    if (!isDir(inode)) throw new KernelError('ENOTDIR');
    this.#demand(inode, MAY_READ);
    const names =
      inode.type === 'dir'
        ? [...inode.entries.keys()]
        : inode.type === 'virtual' && isVirtualDir(inode.node)
          ? [...inode.node.list(this.#caller)]
          : [];
    return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  mkdir(path: string, options: { recursive?: boolean; mode?: number; uid?: number } = {}): void {
    const at = this.#locateForDir(path, options.recursive === true);
    if (at.inode !== undefined) {
      if (options.recursive === true && isDir(at.inode)) return;
      throw new KernelError('EEXIST');
    }
    const dir = this.#mounts.inodes.dir(options.mode ?? 0o755, options.uid ?? this.#caller.uid);
    this.#link(at, dir);
  }

  #locateForDir(path: string, recursive: boolean): Found {
    const bare = path.replace(/\/+$/, '') || '/';
    if (recursive) {
      const parent = bare.slice(0, bare.lastIndexOf('/'));
      if (parent !== '' && !this.exists(parent)) this.mkdir(parent, { recursive });
    }
    return this.#locate(bare);
  }

  unlink(path: string): void {
    const at = this.#entry(path);
    if (isDir(at.inode)) throw new KernelError('EISDIR');
    this.#remove(at);
  }

  rmdir(path: string): void {
    const at = this.#entry(path.replace(/(.)\/+$/, '$1'));
    if (!isDir(at.inode)) throw new KernelError('ENOTDIR');
    if (this.#mounts.isMounted(at.path)) throw new KernelError('EBUSY');
    if (at.inode.type !== 'dir') throw new KernelError('EPERM');
    if (at.inode.entries.size > 0) throw new KernelError('ENOTEMPTY');
    this.#remove(at);
  }

  rename(from: string, to: string): void {
    const source = this.#entry(from);
    const target = this.#locate(to, false);
    if (target.inode === source.inode) return;
    if (target.path.startsWith(`${source.path}/`)) throw new KernelError('EINVAL');
    if (target.inode !== undefined) this.#checkReplace(source.inode, target.inode);
    this.#writableDir(target.parent);
    this.#remove(source);
    source.inode.nlink++;
    (target.parent as Directory).entries.set(target.name, source.inode);
  }

  #checkReplace(source: Inode, target: Inode): void {
    if (isDir(target) && !isDir(source)) throw new KernelError('EISDIR');
    if (!isDir(target) && isDir(source)) throw new KernelError('ENOTDIR');
    if (target.type === 'dir' && target.entries.size > 0) throw new KernelError('ENOTEMPTY');
  }

  symlink(target: string, path: string): void {
    const at = this.#locate(path, false);
    if (at.inode !== undefined) throw new KernelError('EEXIST');
    this.#link(at, this.#mounts.inodes.symlink(target, this.#caller.uid));
  }

  /** Makes another name for a file: link(2). */
  link(existing: string, path: string): void {
    const inode = this.#inode(existing, false);
    if (isDir(inode)) throw new KernelError('EPERM');
    const at = this.#locate(path, false);
    if (at.inode !== undefined) throw new KernelError('EEXIST');
    this.#link(at, inode);
    inode.nlink++;
  }

  readlink(path: string): string {
    const inode = this.#inode(path, false);
    if (inode.type === 'symlink') return inode.target;
    if (inode.type === 'virtual' && isVirtualLink(inode.node))
      return inode.node.readlink(this.#caller);
    throw new KernelError('EINVAL');
  }

  chmod(path: string, mode: number): void {
    const inode = this.#owned(path);
    inode.mode = mode;
  }

  chown(path: string, uid: number, gid: number): void {
    const inode = this.#inode(path);
    if (this.#caller.uid !== 0) throw new KernelError('EPERM');
    inode.uid = uid;
    inode.gid = gid;
  }

  /** Sets when it was last changed, in seconds since the epoch: utimensat(2). */
  utime(path: string, mtime: number): void {
    this.#owned(path).mtime = mtime;
  }

  truncate(path: string, size: number): void {
    const inode = this.#inode(path);
    if (inode.type !== 'file') throw new KernelError(isDir(inode) ? 'EISDIR' : 'EINVAL');
    this.#demand(inode, MAY_WRITE);
    setSize(inode, size);
  }

  /** Makes a computed file, directory or link, with the directories above it. */
  addVirtual(path: string, node: VirtualNode): void {
    this.#mkparents(path);
    this.#link(this.#locate(path, false), this.#mounts.inodes.virtual(node));
  }

  /** Makes a device node. */
  addDevice(
    path: string,
    rdev: readonly [number, number],
    open: (caller: Caller) => OpenFile,
    mode = 0o666,
  ): void {
    this.#mkparents(path);
    this.#link(this.#locate(path, false), this.#mounts.inodes.device(rdev, mode, open));
  }

  /** Gives a Unix-domain socket a name: bind(2) and listen(2). `listener` is whatever a caller of {@link socketAt} needs to talk to it. @returns the file's inode number. @throws KernelError EADDRINUSE */
  bindSocket(path: string, listener: object, mode = 0o777): number {
    const at = this.#locate(path, false);
    if (at.inode !== undefined) throw new KernelError('EADDRINUSE');
    const inode = this.#mounts.inodes.socket(listener, mode, this.#caller.uid);
    this.#link(at, inode);
    return inode.ino;
  }

  /** Ends listening; the name stays until it is unlinked. */
  closeSocket(path: string): void {
    const inode = this.#inode(path);
    if (inode.type === 'socket') inode.listener = undefined;
  }

  /** Who listens at a name: connect(2). @throws KernelError ENOENT, EACCES, ECONNREFUSED if nobody does */
  socketAt(path: string): object {
    const inode = this.#inode(path);
    this.#demand(inode, MAY_WRITE);
    if (inode.type !== 'socket' || inode.listener === undefined)
      throw new KernelError('ECONNREFUSED');
    return inode.listener;
  }

  /** Makes a file with a content that machines share until one changes it, and the directories above it. */
  layFile(path: string, data: Uint8Array, mode = 0o644): void {
    this.#layFile(path, data, mode);
  }

  /** Makes an executable file that runs `program`. */
  addProgram(path: string, program: Program): void {
    this.#layFile(path, ELF, 0o755).program = program;
  }

  #layFile(path: string, data: Uint8Array, mode: number): RegularFile {
    this.#mkparents(path);
    const at = this.#locate(path);
    const inode = at.inode ?? this.#create(at, { create: true, mode });
    if (inode.type !== 'file') throw new KernelError('EISDIR');
    inode.data = data;
    inode.size = data.length;
    inode.shared = true;
    return inode;
  }

  /** What running a file does: a program of ours, or undefined for a script. @throws KernelError EACCES if it is not executable */
  programOf(path: string): Program | undefined {
    const inode = this.#inode(path);
    if (inode.type !== 'file') throw new KernelError('EACCES');
    this.#demand(inode, MAY_EXEC);
    return inode.program;
  }

  /** Copies what `from` is to the file `to`: content, and the program that it runs. */
  copyProgram(from: string, to: string): void {
    const source = this.#inode(from);
    const target = this.#inode(to);
    if (source.type === 'file' && target.type === 'file') target.program = source.program;
  }

  #mkparents(path: string): void {
    const dir = path.slice(0, path.lastIndexOf('/'));
    if (dir !== '') this.mkdir(dir, { recursive: true });
  }

  #locate(path: string, follow = true): Found {
    return this.#mounts.walk(path, follow, this.#caller);
  }

  #inode(path: string, follow = true): Inode {
    const { inode } = this.#locate(path, follow);
    if (inode === undefined) throw new KernelError('ENOENT');
    return inode;
  }

  #entry(path: string): Found & { readonly inode: Inode } {
    const at = this.#locate(path, false);
    if (at.inode === undefined) throw new KernelError('ENOENT');
    return at as Found & { inode: Inode };
  }

  #owned(path: string): Inode {
    const inode = this.#inode(path);
    if (this.#caller.uid !== 0 && this.#caller.uid !== inode.uid) throw new KernelError('EPERM');
    return inode;
  }

  #demand(inode: Inode, want: number): void {
    if (!permitted(inode, want, this.#caller)) throw new KernelError('EACCES');
  }

  #writableDir(parent: Inode): Directory {
    if (parent.type !== 'dir') throw new KernelError('EPERM');
    this.#demand(parent, MAY_WRITE | MAY_EXEC);
    return parent;
  }

  #create(at: Found, flags: OpenFlags): RegularFile {
    if (flags.create !== true || at.parent.type === 'virtual') throw new KernelError('ENOENT');
    const file = this.#mounts.inodes.file(flags.mode ?? 0o666, this.#caller.uid);
    this.#link(at, file);
    return file;
  }

  #link(at: Found, inode: Inode): void {
    const dir = this.#writableDir(at.parent);
    dir.entries.set(at.name, inode);
    dir.mtime = this.#mounts.inodes.now;
  }

  #remove(at: Found & { readonly inode: Inode }): void {
    const dir = this.#writableDir(at.parent);
    const sticky = (dir.mode & 0o1000) !== 0 && this.#caller.uid !== 0;
    if (sticky && at.inode.uid !== this.#caller.uid && dir.uid !== this.#caller.uid)
      throw new KernelError('EPERM');
    if (at.inode.type === 'file' && at.inode.netns !== undefined) throw new KernelError('EBUSY');
    dir.entries.delete(at.name);
    dir.mtime = this.#mounts.inodes.now;
    at.inode.nlink--;
  }

  #opened(inode: Inode, flags: OpenFlags): OpenFile {
    if (inode.type === 'char') return inode.open(this.#caller);
    if (inode.type === 'file') {
      if (flags.truncate === true) setSize(inode, 0);
      return new FileHandle(inode, flags, this.#mounts.inodes);
    }
    if (inode.type === 'virtual' && 'open' in inode.node) return inode.node.open(this.#caller);
    if (inode.type === 'virtual' && 'read' in inode.node)
      return new VirtualHandle(inode.node, this.#caller);
    throw new KernelError(isDir(inode) ? 'EISDIR' : 'ENXIO');
  }

  #stat(inode: Inode): Stat {
    const { uid, gid, mtime, ino } = inode;
    const mounted = inode.type === 'file' && inode.netns !== undefined;
    const mode = mounted ? NSFS_MODE : inode.mode;
    const nlink = inode.type === 'dir' ? 2 + subdirectories(inode) : inode.nlink;
    const size =
      inode.type === 'file'
        ? inode.size
        : inode.type === 'symlink'
          ? utf8Encode(inode.target).length
          : inode.type === 'dir'
            ? 4096
            : 0;
    const rdev = inode.type === 'char' ? inode.rdev : undefined;
    return { type: fileType(inode), mode, uid, gid, size, mtime, ino, nlink, rdev };
  }
}

/** Each directory in a directory has a link to it: its `..`. */
function subdirectories(dir: Directory): number {
  let n = 0;
  for (const child of dir.entries.values()) if (isDir(child)) n++;
  return n;
}
