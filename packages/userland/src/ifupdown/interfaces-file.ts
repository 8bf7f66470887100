import type { Process } from '../machine/index.ts';

/** What a stanza says: options in their order, under the names that ifquery shows. */
export interface Option {
  readonly name: string;
  readonly value: string;
}

/** One `iface` stanza. */
export interface IfaceStanza {
  readonly name: string;
  readonly family: 'inet' | 'inet6';
  readonly method: string;
  readonly options: Option[];
}

/** /etc/network/interfaces with all that it reads. interfaces(5) */
export interface InterfacesFile {
  readonly auto: string[];
  readonly allow: Map<string, string[]>;
  readonly stanzas: IfaceStanza[];
  /** What is wrong in files that this one reads, whose rest is left out. */
  readonly complaints: string[];
}

/** A file that can't be read: the words behind `ifup: `. */
export class InterfacesError extends Error {}

const METHODS: Readonly<Record<string, readonly string[]>> = {
  inet: ['loopback', 'static', 'manual', 'dhcp'],
  inet6: ['loopback', 'static', 'manual', 'auto', 'dhcp'],
};
/** Methods that ifupdown has and Labwire has not. */
const OTHER_METHODS = ['bootp', 'tunnel', 'ppp', 'wvdial', 'ipv4ll', '6to4', 'v4tunnel'];
/** Options that may be said several times, and what ifquery calls them. */
const COMMANDS: Readonly<Record<string, string>> = {
  up: 'up',
  'post-up': 'up',
  down: 'down',
  'pre-down': 'down',
  'pre-up': 'pre-up',
  'post-down': 'post-down',
};

interface Line {
  readonly text: string;
  readonly number: number;
}

/** Lines without comments; one that ends in a backslash goes on in the next. */
function logicalLines(text: string): Line[] {
  const lines: Line[] = [];
  const raw = text.split('\n');
  for (let i = 0; i < raw.length; i++) {
    let line = (raw[i] as string).trim();
    if (line.startsWith('#')) continue;
    while (line.endsWith('\\') && i + 1 < raw.length)
      line = `${line.slice(0, -1)}${(raw[++i] as string).trim()}`;
    if (line !== '') lines.push({ text: line, number: i + 1 });
  }
  return lines;
}

/** Reads interfaces(5). @throws InterfacesError */
export function readInterfaces(proc: Process, path: string): InterfacesFile {
  const file: InterfacesFile = { auto: [], allow: new Map(), stanzas: [], complaints: [] };
  new Reader(proc, file).read(path);
  return file;
}

class Reader {
  readonly #proc: Process;
  readonly #file: InterfacesFile;
  #stanza: IfaceStanza | undefined;

  constructor(proc: Process, file: InterfacesFile) {
    this.#proc = proc;
    this.#file = file;
  }

  read(path: string): void {
    const { fs } = this.#proc;
    if (!fs.exists(path)) return;
    for (const line of logicalLines(fs.readText(path))) this.#line(line, path);
    this.#stanza = undefined;
  }

  #error(path: string, line: Line, what: string): InterfacesError {
    return new InterfacesError(`${path}:${line.number}: ${what}`);
  }

  #line(line: Line, path: string): void {
    const [word = '', ...rest] = line.text.split(/\s+/);
    if (word === 'source' || word === 'source-directory') {
      for (const pattern of rest) this.#source(word, pattern, path);
    } else if (word === 'auto' || /^(allow|no-auto)-/.test(word)) {
      this.#stanza = undefined;
      const kind = word === 'auto' ? 'auto' : word.replace(/^allow-/, '');
      const list = kind === 'auto' ? this.#file.auto : (this.#file.allow.get(kind) ?? []);
      for (const name of rest) if (!list.includes(name)) list.push(name);
      if (kind !== 'auto') this.#file.allow.set(kind, list);
    } else if (word === 'iface') this.#iface(line, rest, path);
    else if (['mapping', 'rename', 'template'].includes(word))
      throw this.#error(path, line, `"${word}" is not supported by Labwire`);
    else if (this.#stanza === undefined) throw this.#error(path, line, 'misplaced option');
    else this.#option(word, line.text.slice(word.length).trim());
  }

  #iface(line: Line, [name = '', family, method]: readonly string[], path: string): void {
    if (name === '') throw this.#error(path, line, 'too few parameters for iface line');
    const methods = family === undefined ? undefined : METHODS[family];
    if (methods === undefined)
      throw this.#error(path, line, 'unknown or no address type and no inherits keyword specified');
    if (method !== undefined && OTHER_METHODS.includes(method))
      throw this.#error(path, line, `method "${method}" is not supported by Labwire`);
    if (method === undefined || !methods.includes(method))
      throw this.#error(path, line, 'unknown or no method and no inherits keyword specified');
    this.#stanza = { name, family: family as 'inet' | 'inet6', method, options: [] };
    this.#file.stanzas.push(this.#stanza);
  }

  #option(word: string, value: string): void {
    const { options } = this.#stanza as IfaceStanza;
    const name = COMMANDS[word] ?? word;
    // of an option that is no command the first one counts
    if (COMMANDS[word] === undefined && options.some((o) => o.name === name)) return;
    options.push({ name, value });
  }

  #readOther(path: string): void {
    try {
      this.read(path);
    } catch (e) {
      if (!(e instanceof InterfacesError)) throw e;
      this.#file.complaints.push(e.message);
      this.#stanza = undefined;
    }
  }

  #source(word: string, pattern: string, from: string): void {
    const { fs } = this.#proc;
    const base = from.slice(0, from.lastIndexOf('/'));
    const full = pattern.startsWith('/') ? pattern : `${base}/${pattern}`;
    const dir = word === 'source' ? full.slice(0, full.lastIndexOf('/')) : full;
    const glob = word === 'source' ? full.slice(full.lastIndexOf('/') + 1) : '*';
    if (!fs.exists(dir === '' ? '/' : dir)) return;
    const matches = globPattern(glob);
    const names = fs
      .readdir(dir === '' ? '/' : dir)
      .filter((name) => matches.test(name) && !name.startsWith('.'))
      .filter((name) => word === 'source' || /^[\w-]+$/.test(name));
    for (const name of names.sort()) this.#readOther(`${dir}/${name}`);
  }
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
