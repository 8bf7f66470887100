import type { FileSystem } from '../../machine/index.ts';

/** Numbers and their names: built-in ones, and those of a file under /etc/iproute2. Source: iproute2 lib/rt_names.c. */
export class NameTable {
  readonly #names: Map<number, string>;
  readonly #max: number;

  /** @param max the largest number that the file may name */
  constructor(builtIn: readonly (readonly [number, string])[], max: number) {
    this.#names = new Map(builtIn);
    this.#max = max;
  }

  /** The name of a number. */
  nameOf(id: number): string | undefined {
    return this.#names.get(id);
  }

  /** The number of a name: the lowest one that has it. */
  idOf(name: string): number | undefined {
    const ids = [...this.#names].filter(([, n]) => n === name).map(([id]) => id);
    return ids.length === 0 ? undefined : Math.min(...ids);
  }

  /** Reads a file and the `.conf` files of a folder of its name with `.d`, if they are there. @returns what is wrong with them */
  load(fs: FileSystem, path: string): string {
    const dir = `${path}.d`;
    const more = fs.exists(dir) ? fs.readdir(dir).filter((n) => /^[^.].*\.conf$/.test(n)) : [];
    const files = [path, ...more.map((n) => `${dir}/${n}`)].filter((p) => fs.exists(p));
    return files.map((p) => this.#parse(p, fs.readText(p))).join('');
  }

  #parse(path: string, text: string): string {
    for (const line of text.split('\n')) {
      const entry = line.trimStart();
      if (entry === '' || entry.startsWith('#')) continue;
      const m = /^(0x[0-9a-f]+|-?\d+)\s+([^\s#]\S*)(?:\s+#.*|\s*)$/i.exec(entry);
      if (m === null) return `Database ${path} is corrupted at ${line}\n`;
      const id = Number(m[1]);
      if (id >= 0 && id <= this.#max) this.#names.set(id, m[2] as string);
    }
    return '';
  }
}
