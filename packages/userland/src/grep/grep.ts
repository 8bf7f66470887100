import { KernelError } from '@labwire/core/error';
import {
  closeInput,
  eachFile,
  LineReader,
  linesOf,
  type Options,
  openInput,
  readInputText,
  ToolError,
  tool,
} from '../coreutils/index.ts';
import { type Process, ProcessExit, type Program } from '../machine/index.ts';
import { posixRegExp } from './posix-regexp.ts';

const USAGE =
  "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";

const LONGS = {
  'extended-regexp': 'E',
  'fixed-strings': 'F',
  'basic-regexp': 'G',
  'perl-regexp': 'P',
  'regexp=': 'e',
  'file=': 'f',
  'ignore-case': 'i',
  'invert-match': 'v',
  'word-regexp': 'w',
  'line-regexp': 'x',
  count: 'c',
  'files-with-matches': 'l',
  'files-without-match': 'L',
  'max-count=': 'm',
  'only-matching': 'o',
  quiet: 'q',
  silent: 'q',
  'no-messages': 's',
  'line-number': 'n',
  'with-filename': 'H',
  'no-filename': 'h',
  recursive: 'r',
  'after-context=': 'A',
  'before-context=': 'B',
  'context=': 'C',
  'color?': 'color',
  'colour?': 'color',
  'include=': 'include',
  'exclude=': 'exclude',
  'line-buffered': 'line',
  text: 'a',
};

function grepProgram(kind: 'E' | 'F' | undefined): Program {
  return tool(
    {
      name: 'grep',
      letters: 'EFGPe:f:ivwxclLm:oqsnHhrRA:B:C:abIUzTu',
      longs: LONGS,
      usageStatus: 2,
      usage: USAGE,
      spell: (words) => words.flatMap((a) => (/^-\d+$/.test(a) ? ['-C', a.slice(1)] : [a])),
    },
    async (proc, options, operands) => {
      const { patterns, files } = await patternsOf(proc, options, operands);
      const search = new Search(proc, options, matcher(patterns, options, kind), files);
      return search.run();
    },
  );
}

async function patternsOf(
  proc: Process,
  options: Options,
  operands: readonly string[],
): Promise<{ patterns: string[]; files: readonly string[] }> {
  const patterns = options.values('e').flatMap((p) => p.split('\n'));
  for (const file of options.values('f')) {
    try {
      patterns.push(...linesOf(await readInputText(proc, file)));
    } catch (e) {
      if (e instanceof KernelError) throw new ToolError(`${file}: ${e.message}`, 2);
      throw e;
    }
  }
  if (options.has('e', 'f')) return { patterns, files: operands };
  const [pattern, ...files] = operands;
  if (pattern === undefined) {
    await proc.err(USAGE);
    throw new ProcessExit(2);
  }
  return { patterns: pattern.split('\n'), files };
}

/** The regular expression, for every occurrence, that the patterns and options make. */
function matcher(
  patterns: readonly string[],
  options: Options,
  kind: 'E' | 'F' | undefined,
): RegExp {
  const grammar = options.last('E', 'F', 'G', 'P') ?? kind ?? 'G';
  const ignoreCase = options.has('i');
  const sources = patterns.map((p) => {
    if (grammar === 'F') return p.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    if (grammar === 'P') return p;
    const regexp = posixRegExp(p, { extended: grammar === 'E' });
    if (typeof regexp === 'string') throw new ToolError(regexp, 2);
    return regexp.source;
  });
  const back = sources.some((s) => /\\[1-9]/.test(s));
  let source =
    sources.length === 1 || back
      ? (sources[0] ?? '(?!)')
      : sources.map((s) => `(?:${s})`).join('|');
  if (sources.length === 0) source = '(?!)';
  if (options.has('x')) source = `^(?:${source})$`;
  else if (options.has('w')) source = `(?<!\\w)(?:${source})(?!\\w)`;
  try {
    return new RegExp(source, ignoreCase ? 'gi' : 'g');
  } catch {
    throw new ToolError('unrecognized character in the pattern', 2);
  }
}

/** One run of grep over its inputs. */
class Search {
  readonly #proc: Process;
  readonly #options: Options;
  readonly #regexp: RegExp;
  readonly #files: readonly string[];
  readonly #named: boolean;
  readonly #before: number;
  readonly #after: number;
  #found = false;
  /** Lines of context were printed, so that `--` separates the next. */
  #printed = false;

  constructor(proc: Process, options: Options, regexp: RegExp, files: readonly string[]) {
    this.#proc = proc;
    this.#options = options;
    this.#regexp = regexp;
    const recursive = options.has('r', 'R');
    const given = files.length > 0 ? files : [recursive ? '.' : '-'];
    this.#files = recursive ? given.flatMap((f) => this.#walk(f, files.length === 0)) : given;
    const last = options.last('H', 'h');
    this.#named = last === 'H' || (last === undefined && (recursive || files.length > 1));
    this.#before = Number(options.value('B') ?? options.value('C') ?? 0);
    this.#after = Number(options.value('A') ?? options.value('C') ?? 0);
  }

  #walk(file: string, bare: boolean): string[] {
    const path = this.#proc.path(file);
    if (!this.#proc.fs.exists(path) || this.#proc.fs.stat(path).type !== 'dir')
      return this.#wanted(file) ? [file] : [];
    const base = bare ? '' : file.endsWith('/') ? file : `${file}/`;
    return this.#proc.fs.readdir(path).flatMap((name) => {
      const child = this.#proc.fs.lstat(`${path}/${name}`);
      return child.type === 'dir' || child.type === 'file' ? this.#walk(base + name, false) : [];
    });
  }

  #wanted(file: string): boolean {
    const name = file.slice(file.lastIndexOf('/') + 1);
    const glob = (g: string) =>
      new RegExp(
        `^${g
          .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
      ).test(name);
    const include = this.#options.values('include');
    return (
      (include.length === 0 || include.some(glob)) && !this.#options.values('exclude').some(glob)
    );
  }

  async run(): Promise<number> {
    let failed = 0;
    for (const file of this.#files) {
      failed = Math.max(failed, await this.#file(file));
      if (this.#found && this.#options.has('q')) return 0;
    }
    return failed > 0 ? 2 : this.#found ? 0 : 1;
  }

  async #file(file: string): Promise<number> {
    const path = this.#proc.path(file);
    if (file !== '-' && this.#proc.fs.exists(path) && this.#proc.fs.stat(path).type === 'dir') {
      await this.#proc.err(`grep: ${file}: Is a directory\n`);
      return 0;
    }
    const body = async (name: string) => {
      const fd = openInput(this.#proc, name);
      await this.#lines(fd, name === '-' ? '(standard input)' : name);
      closeInput(this.#proc, fd);
    };
    if (!this.#options.has('s')) return eachFile(this.#proc, 'grep', [file], body);
    if (file !== '-' && !this.#proc.fs.exists(path)) return 1;
    await body(file);
    return 0;
  }

  async #lines(fd: number, name: string): Promise<void> {
    const o = this.#options;
    const reader = new LineReader(this.#proc, fd);
    const limit = Number(o.value('m') ?? Infinity);
    const before: [number, string][] = [];
    let matches = 0;
    let tail = 0;
    let lastShown = 0;
    for (let n = 1; matches < limit || tail > 0; n++) {
      const line = await reader.next();
      if (line === undefined) break;
      const hit = matches < limit && this.#test(line);
      if (hit) {
        matches++;
        this.#found = true;
        if (o.has('q', 'l')) break;
        if (o.has('c', 'L')) continue;
        await this.#context(name, before, n, lastShown);
        await this.#show(name, n, line);
        before.length = 0;
        tail = this.#after;
        lastShown = n;
      } else if (tail > 0) {
        tail--;
        lastShown = n;
        await this.#line(name, n, '-', line);
      } else if (this.#before > 0) {
        before.push([n, line]);
        if (before.length > this.#before) before.shift();
      }
    }
    await this.#summary(name, matches);
  }

  #test(line: string): boolean {
    this.#regexp.lastIndex = 0;
    return this.#regexp.test(line) !== this.#options.has('v');
  }

  async #context(
    name: string,
    before: readonly [number, string][],
    n: number,
    lastShown: number,
  ): Promise<void> {
    if (this.#before === 0 && this.#after === 0) return;
    const first = before[0]?.[0] ?? n;
    if (this.#printed && (lastShown === 0 || first > lastShown + 1)) await this.#proc.out('--\n');
    this.#printed = true;
    if (this.#options.has('o')) return;
    for (const [k, line] of before) await this.#line(name, k, '-', line);
  }

  async #show(name: string, n: number, line: string): Promise<void> {
    if (!this.#options.has('o')) return this.#line(name, n, ':', line);
    if (this.#options.has('v')) return;
    this.#regexp.lastIndex = 0;
    for (const m of line.matchAll(this.#regexp))
      if (m[0] !== '') await this.#line(name, n, ':', m[0]);
  }

  async #line(name: string, n: number, mark: string, text: string): Promise<void> {
    if (mark === '-' && this.#options.has('o')) return;
    const file = this.#named ? `${name}${mark}` : '';
    const number = this.#options.has('n') ? `${n}${mark}` : '';
    await this.#proc.out(`${file}${number}${text}\n`);
  }

  async #summary(name: string, matches: number): Promise<void> {
    const o = this.#options;
    if (o.has('q')) return;
    if (o.has('l')) {
      if (matches > 0) await this.#proc.out(`${name}\n`);
    } else if (o.has('L')) {
      if (matches === 0) await this.#proc.out(`${name}\n`);
    } else if (o.has('c')) await this.#proc.out(`${this.#named ? `${name}:` : ''}${matches}\n`);
  }
}

/** grep(1). */
export const grep: Program = grepProgram(undefined);
/** egrep(1). */
export const egrep: Program = grepProgram('E');
/** fgrep(1). */
export const fgrep: Program = grepProgram('F');
