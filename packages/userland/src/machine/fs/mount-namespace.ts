import { KernelError } from '@labwire/core/error';
import {
  type Caller,
  type Directory,
  type Inode,
  type InodeTable,
  isVirtualDir,
  isVirtualLink,
} from './inode.ts';
import { MAY_EXEC, permitted } from './permission.ts';

/** Symbolic links that one path may go through. Linux include/linux/namei.h, MAXSYMLINKS */
const MAX_SYMLINKS = 40;

/** Where a path leads. */
export interface Found {
  /** The directory that holds it. */
  readonly parent: Inode;
  /** Its name there. */
  readonly name: string;
  /** Undefined: there is nothing of that name. */
  readonly inode: Inode | undefined;
  /** The path without links and dots. */
  readonly path: string;
}

interface Step {
  readonly name: string;
  readonly inode: Inode;
}

/** The tree of files, and what is mounted over it. */
export class MountNamespace {
  readonly inodes: InodeTable;
  readonly root: Directory;
  readonly #mounts: Map<string, Inode>;

  constructor(
    inodes: InodeTable,
    root?: Directory,
    mounts: ReadonlyMap<string, Inode> = new Map(),
  ) {
    this.inodes = inodes;
    this.root = root ?? inodes.dir(0o755, 0);
    this.#mounts = new Map(mounts);
  }

  /** Another namespace with the same tree and the same mounts. */
  clone(): MountNamespace {
    return new MountNamespace(this.inodes, this.root, this.#mounts);
  }

  /** Shows an inode at a path without links. */
  mount(path: string, inode: Inode): void {
    this.#mounts.set(path, inode);
  }

  /** @returns false if nothing is mounted there */
  unmount(path: string): boolean {
    return this.#mounts.delete(path);
  }

  /** Whether something is mounted at a path without links. */
  isMounted(path: string): boolean {
    return this.#mounts.has(path);
  }

  /**
   * Goes along a path. Linux fs/namei.c, path_lookupat()
   * @throws KernelError ENOENT, ENOTDIR, EACCES, ELOOP
   */
  walk(path: string, follow: boolean, caller: Caller): Found {
    if (path === '') throw new KernelError('ENOENT');
    const todo = parts(path);
    const steps: Step[] = [{ name: '/', inode: this.root }];
    let links = 0;
    while (todo.length > 0) {
      const name = todo.shift() as string;
      const dir = (steps.at(-1) as Step).inode;
      if (!isDir(dir)) throw new KernelError('ENOTDIR');
      if (name === '..') {
        if (steps.length > 1) steps.pop();
        continue;
      }
      const inode = this.#child(steps, name, caller);
      if (inode === undefined) {
        if (todo.length > 0) throw new KernelError('ENOENT');
        return { parent: dir, name, inode, path: join(steps, name) };
      }
      const target =
        todo.length > 0 || follow || path.endsWith('/') ? linkTarget(inode, caller) : undefined;
      if (target === undefined) steps.push({ name, inode });
      else {
        if (++links > MAX_SYMLINKS) throw new KernelError('ELOOP');
        if (target.startsWith('/')) steps.length = 1;
        todo.unshift(...parts(target));
      }
    }
    return found(steps, path);
  }

  #child(steps: readonly Step[], name: string, caller: Caller): Inode | undefined {
    const dir = (steps.at(-1) as Step).inode;
    if (!permitted(dir, MAY_EXEC, caller)) throw new KernelError('EACCES');
    const mounted = this.#mounts.size > 0 ? this.#mounts.get(join(steps, name)) : undefined;
    if (mounted !== undefined) return mounted;
    if (dir.type === 'dir') return dir.entries.get(name);
    if (dir.type !== 'virtual' || !isVirtualDir(dir.node)) return undefined;
    const node = dir.node.lookup(name, caller);
    return node === undefined ? undefined : this.inodes.virtual(node);
  }
}

function found(steps: readonly Step[], path: string): Found {
  const last = steps.at(-1) as Step;
  if (path.endsWith('/') && !isDir(last.inode)) throw new KernelError('ENOTDIR');
  const parent = (steps.at(-2) ?? last).inode;
  return { parent, name: last.name, inode: last.inode, path: join(steps.slice(0, -1), last.name) };
}

function parts(path: string): string[] {
  return path.split('/').filter((p) => p !== '' && p !== '.');
}

function join(steps: readonly Step[], name: string): string {
  if (steps.length === 0) return '/';
  return `${steps
    .slice(1)
    .map((s) => `/${s.name}`)
    .join('')}/${name}`;
}

/** Whether an inode holds others. */
export function isDir(inode: Inode): boolean {
  return inode.type === 'dir' || (inode.type === 'virtual' && isVirtualDir(inode.node));
}

/** Where a link leads that can be gone along; undefined for what is none, and for a namespace's link. */
function linkTarget(inode: Inode, caller: Caller): string | undefined {
  if (inode.type === 'symlink') return inode.target;
  if (inode.type !== 'virtual' || !isVirtualLink(inode.node)) return undefined;
  return inode.node.netns === undefined ? inode.node.readlink(caller) : undefined;
}
