import { KernelError } from '@labwire/core/error';
import type { SysctlFile, SysctlTable } from './sysctl-file.ts';

/** One entry of a directory under /proc/sys. */
export interface SysctlEntry {
  readonly name: string;
  /** Permission bits; a directory has 0o555. */
  readonly mode: number;
  readonly isDirectory: boolean;
}

/** A file together with what it belongs to: its `T` is forgotten here. */
interface Bound {
  readonly mode: number;
  read(): string;
  write(text: string): void;
}

function bind<T>(file: SysctlFile<T>, of: T): Bound {
  return {
    mode: file.mode,
    read: () => file.read(of),
    write: (text) => file.write(of, text),
  };
}

/** /proc/sys as one namespace shows it. Made when asked for: it holds nothing, the layers hold the values. */
export class SysctlTree<N> {
  readonly #netns: N;
  readonly #tables: readonly SysctlTable<N>[];

  constructor(netns: N, tables: readonly SysctlTable<N>[]) {
    this.#netns = netns;
    this.#tables = tables.filter((table) => table.when?.(netns) ?? true);
  }

  /**
   * Reads a file.
   * @param path below /proc/sys, with slashes: `net/ipv4/ip_forward`
   * @returns its text with the newline at the end
   * @throws {@link KernelError} ENOENT, EISDIR
   */
  read(path: string): string {
    return `${this.#file(path).read()}\n`;
  }

  /** Writes a file. @throws {@link KernelError} ENOENT, EISDIR, EACCES, EINVAL */
  write(path: string, text: string): void {
    this.#file(path).write(text);
  }

  /** What a path is; undefined if it is not there. */
  stat(path: string): SysctlEntry | undefined {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const file = this.#find(path);
    if (file !== undefined) return { name, mode: file.mode, isDirectory: false };
    return this.#names(path).length === 0 ? undefined : { name, mode: 0o555, isDirectory: true };
  }

  /** The entries of a directory, by name; undefined if it is none. */
  list(path: string): readonly SysctlEntry[] | undefined {
    const names = this.#names(path);
    if (names.length === 0) return undefined;
    const prefix = path === '' ? '' : `${path}/`;
    return names.map((name) => this.stat(`${prefix}${name}`) as SysctlEntry);
  }

  #file(path: string): Bound {
    const file = this.#find(path);
    if (file !== undefined) return file;
    throw new KernelError(this.#names(path).length > 0 ? 'EISDIR' : 'ENOENT');
  }

  #find(path: string): Bound | undefined {
    const at = path.lastIndexOf('/');
    const dir = path.slice(0, Math.max(at, 0));
    const name = path.slice(at + 1);
    for (const table of this.#tables) {
      const member = this.#memberOf(table, dir);
      const file = member === undefined ? undefined : table.files.find((f) => f.name === name);
      if (file !== undefined && member !== undefined)
        return bind(file, table.of(this.#netns, member));
    }
    return undefined;
  }

  /** The member of a table whose files are in `dir`, '' if the table has none; undefined if `dir` is not the table's. */
  #memberOf(table: SysctlTable<N>, dir: string): string | undefined {
    if (table.members === undefined) return dir === table.dir ? '' : undefined;
    if (!dir.startsWith(`${table.dir}/`)) return undefined;
    const member = dir.slice(table.dir.length + 1);
    return table.members(this.#netns).includes(member) ? member : undefined;
  }

  #names(dir: string): string[] {
    const names = new Set<string>();
    for (const table of this.#tables) {
      const below = dir === '' ? table.dir : table.dir.slice(dir.length + 1);
      if (dir !== '' && table.dir !== dir && !table.dir.startsWith(`${dir}/`)) {
        if (this.#memberOf(table, dir) !== undefined && table.members !== undefined)
          for (const f of table.files) names.add(f.name);
      } else if (below !== '') names.add(below.split('/', 1)[0] as string);
      else for (const n of this.#entriesOf(table)) names.add(n);
    }
    return [...names].sort((a, b) => (a < b ? -1 : 1));
  }

  #entriesOf(table: SysctlTable<N>): readonly string[] {
    return table.members?.(this.#netns) ?? table.files.map((f) => f.name);
  }
}
