import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import {
  LineReader,
  type Options,
  openInput,
  readInputText,
  ToolError,
  tool,
} from '../coreutils/index.ts';
import { type Process, ProcessExit, type Program } from '../machine/index.ts';
import { type Address, parseSed, type SedCommand, SedError, type Substitution } from './parse.ts';

const USAGE = `Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...

  -n, --quiet, --silent
                 suppress automatic printing of pattern space
  -e script, --expression=script
                 add the script to the commands to be executed
  -f script-file, --file=script-file
                 add the contents of script-file to the commands to be executed
  -E, -r, --regexp-extended
                 use extended regular expressions in the script
  -i[SUFFIX], --in-place[=SUFFIX]
                 edit files in place (makes backup if SUFFIX supplied)
  -s, --separate
                 consider files as separate rather than as a single
                 continuous long stream.
`;

/** sed(1). */
export const sed: Program = tool(
  {
    name: 'sed',
    letters: 'ne:f:Eri::szul:b',
    longs: {
      quiet: 'n',
      silent: 'n',
      'expression=': 'e',
      'file=': 'f',
      'regexp-extended': 'E',
      'in-place?': 'i',
      separate: 's',
      unbuffered: 'u',
      posix: 'posix',
    },
    usage: USAGE,
  },
  async (proc, options, operands) => {
    const { script, files } = await scriptOf(proc, options, operands);
    const commands = parse(script, options);
    const inputs = files.length > 0 ? files : ['-'];
    if (!options.has('i'))
      return new Editor(proc, commands, options.has('n'), 1).run(inputs, options.has('s'));
    return editInPlace(proc, commands, options, files);
  },
);

async function scriptOf(
  proc: Process,
  options: Options,
  operands: readonly string[],
): Promise<{ script: string; files: readonly string[] }> {
  const parts: string[] = [];
  for (const { opt, arg = '' } of options.list()) {
    if (opt === 'e') parts.push(arg);
    else if (opt === 'f') parts.push(await readScript(proc, arg));
  }
  if (parts.length > 0) return { script: parts.join('\n'), files: operands };
  const [script, ...files] = operands;
  if (script === undefined) {
    await proc.err(USAGE);
    throw new ProcessExit(1);
  }
  return { script, files };
}

async function readScript(proc: Process, file: string): Promise<string> {
  try {
    return (await readInputText(proc, file)).replace(/\n$/, '');
  } catch (e) {
    if (e instanceof KernelError) throw new ToolError(`couldn't open file ${file}: ${e.message}`);
    throw e;
  }
}

function parse(script: string, options: Options): SedCommand[] {
  try {
    return parseSed(script, options.has('E', 'r'));
  } catch (e) {
    if (e instanceof SedError) throw new ToolError(`-e expression #1, char ${e.at}: ${e.message}`);
    throw e;
  }
}

async function editInPlace(
  proc: Process,
  commands: readonly SedCommand[],
  options: Options,
  files: readonly string[],
): Promise<number> {
  let status = 0;
  for (const file of files) {
    const path = proc.path(file);
    if (!proc.fs.exists(path)) {
      await proc.err(`sed: can't read ${file}: No such file or directory\n`);
      status = 2;
      continue;
    }
    const before = proc.fs.readFile(path);
    const { mode } = proc.fs.stat(path);
    const temporary = `${path}.sed${proc.pid}`;
    const fd = proc.open(temporary, { write: true, create: true, truncate: true });
    status = Math.max(
      status,
      await new Editor(proc, commands, options.has('n'), fd).run([file], true),
    );
    proc.close(fd);
    const suffix = options.value('i');
    if (suffix !== undefined) proc.fs.writeFile(path + suffix, before);
    proc.fs.chmod(temporary, mode);
    proc.fs.rename(temporary, path);
  }
  return status;
}

/** What ends a cycle early. */
type Next = 'continue' | 'delete' | 'restart' | 'quit' | 'quit-silent';

/** Runs a script over its input. */
class Editor {
  readonly #proc: Process;
  readonly #commands: readonly SedCommand[];
  readonly #quiet: boolean;
  readonly #out: number;
  readonly #files = new Map<string, number>();
  #pattern = '';
  #hold = '';
  #line = 0;
  #appended: string[] = [];
  #substituted = false;
  #lastRegexp: RegExp | undefined;
  #input: Input;
  #status = 0;

  constructor(proc: Process, commands: readonly SedCommand[], quiet: boolean, out: number) {
    this.#proc = proc;
    this.#commands = commands;
    this.#quiet = quiet;
    this.#out = out;
    this.#input = new Input(proc, []);
  }

  async run(files: readonly string[], separate: boolean): Promise<number> {
    for (const group of separate ? files.map((f) => [f]) : [files]) {
      this.#input = new Input(this.#proc, group);
      this.#line = 0;
      if (await this.#stream()) break;
      this.#status = Math.max(this.#status, this.#input.status);
    }
    return this.#status;
  }

  /** @returns whether `q` was run */
  async #stream(): Promise<boolean> {
    let restart = false;
    for (;;) {
      if (!restart) {
        const line = await this.#input.next();
        if (line === undefined) return false;
        this.#pattern = line;
        this.#line++;
      }
      this.#substituted = false;
      const next = await this.#cycle();
      restart = next === 'restart';
      if (next !== 'delete' && next !== 'quit-silent' && !restart && !this.#quiet)
        await this.#print(this.#pattern);
      await this.#flush();
      if (next === 'quit' || next === 'quit-silent') return true;
    }
  }

  async #print(text: string): Promise<void> {
    await this.#write(text + (this.#input.newline ? '\n' : ''));
  }

  #write(text: string): Promise<void> {
    return this.#proc.write(this.#out, utf8Encode(text));
  }

  async #flush(): Promise<void> {
    for (const text of this.#appended.splice(0)) await this.#write(text);
  }

  async #cycle(): Promise<Next> {
    for (let i = 0; i < this.#commands.length; i++) {
      const command = this.#commands[i] as SedCommand;
      if ((await this.#selects(command)) === command.negated) {
        if (command.name === '{') i = command.end;
        continue;
      }
      const next = await this.#execute(command);
      if (typeof next === 'string') return next;
      if (next !== undefined) i = next;
    }
    return 'continue';
  }

  async #selects(c: SedCommand): Promise<boolean> {
    if (c.from === undefined) return true;
    if (c.to === undefined) return this.#matches(c.from);
    if (c.active) {
      if (c.to.kind === 'line' && this.#line > c.to.line) {
        c.active = false;
        return this.#begins(c);
      }
      if (c.to.kind === 'count' ? this.#line >= c.until : await this.#matches(c.to))
        c.active = false;
      return true;
    }
    return this.#begins(c);
  }

  async #begins(c: SedCommand): Promise<boolean> {
    const { from, to } = c;
    if (from === undefined || to === undefined) return false;
    const zero = from.kind === 'line' && from.line === 0;
    if (!(zero ? this.#line === 1 : await this.#matches(from))) return false;
    c.active = true;
    if (to.kind === 'line' && to.line <= this.#line) c.active = false;
    if (to.kind === 'count') {
      c.until = this.#line + to.lines;
      if (to.lines === 0) c.active = false;
    }
    if (zero && (await this.#matches(to))) c.active = false;
    return true;
  }

  async #matches(a: Address): Promise<boolean> {
    switch (a.kind) {
      case 'line':
        return this.#line === a.line;
      case 'last':
        return this.#input.isLast();
      case 'regexp': {
        const regexp = this.#use(a.regexp);
        return regexp.test(this.#pattern);
      }
      case 'step':
        return a.step === 0
          ? this.#line === a.first
          : this.#line >= a.first && (this.#line - a.first) % a.step === 0;
      case 'count':
        return false;
    }
  }

  #use(regexp: RegExp | undefined): RegExp {
    const used = regexp ?? this.#lastRegexp;
    if (used === undefined) throw new ToolError('no previous regular expression');
    this.#lastRegexp = used;
    used.lastIndex = 0;
    return used;
  }

  /** @returns how the cycle ends, the index to go on after, or undefined to go on */
  async #execute(c: SedCommand): Promise<Next | number | undefined> {
    switch (c.name) {
      case 'd':
        return 'delete';
      case 'p':
        await this.#print(this.#pattern);
        return undefined;
      case 'P':
        await this.#write(`${this.#pattern.split('\n', 1)[0]}\n`);
        return undefined;
      case '=':
        await this.#write(`${this.#line}\n`);
        return undefined;
      case 'q':
      case 'Q':
        this.#status = Number(c.text || 0);
        return c.name === 'q' ? 'quit' : 'quit-silent';
      case 's':
        await this.#substitute(c.substitution as Substitution);
        return undefined;
      case 'b':
        return this.#label(c.text);
      case 't':
      case 'T':
        return this.#branchIf(c);
      default:
        return this.#edit(c);
    }
  }

  #label(label: string): number {
    if (label === '') return this.#commands.length;
    const at = this.#commands.findIndex((c) => c.name === ':' && c.text === label);
    if (at < 0)
      throw new ToolError(`-e expression #1, char 0: can't find label for jump to \`${label}'`);
    return at;
  }

  #branchIf(c: SedCommand): number | undefined {
    const jumps = this.#substituted === (c.name === 't');
    this.#substituted = false;
    return jumps ? this.#label(c.text) : undefined;
  }

  async #edit(c: SedCommand): Promise<Next | undefined> {
    switch (c.name) {
      case 'a':
        this.#appended.push(c.text);
        return undefined;
      case 'i':
        await this.#write(c.text);
        return undefined;
      case 'c':
        if (c.to === undefined || c.negated || !c.active) await this.#write(c.text);
        return 'delete';
      case 'n':
        return this.#next();
      case 'N':
        return this.#appendNext();
      case 'D':
        if (!this.#pattern.includes('\n')) return 'delete';
        this.#pattern = this.#pattern.slice(this.#pattern.indexOf('\n') + 1);
        return 'restart';
      case 'r':
        this.#readFile(c.text);
        return undefined;
      case 'w':
        await this.#writeFile(c.text);
        return undefined;
      case 'l':
        await this.#write(`${visible(this.#pattern)}$\n`);
        return undefined;
      case 'y':
        this.#pattern = [...this.#pattern].map((x) => c.map?.get(x) ?? x).join('');
        return undefined;
      default:
        this.#holdSpace(c.name);
        return undefined;
    }
  }

  #holdSpace(name: string): void {
    if (name === 'h') this.#hold = this.#pattern;
    else if (name === 'H') this.#hold += `\n${this.#pattern}`;
    else if (name === 'g') this.#pattern = this.#hold;
    else if (name === 'G') this.#pattern += `\n${this.#hold}`;
    else if (name === 'x') [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
    else if (name === 'z') this.#pattern = '';
  }

  async #next(): Promise<Next | undefined> {
    if (await this.#input.isLast()) return 'quit';
    if (!this.#quiet) await this.#print(this.#pattern);
    await this.#flush();
    this.#pattern = (await this.#input.next()) ?? '';
    this.#line++;
    return undefined;
  }

  async #appendNext(): Promise<Next | undefined> {
    if (await this.#input.isLast()) return 'quit';
    await this.#flush();
    this.#pattern += `\n${(await this.#input.next()) ?? ''}`;
    this.#line++;
    return undefined;
  }

  #readFile(file: string): void {
    const path = this.#proc.path(file);
    if (this.#proc.fs.exists(path)) this.#appended.push(this.#proc.fs.readText(path));
  }

  async #writeFile(file: string): Promise<void> {
    if (file === '/dev/stdout') return this.#write(`${this.#pattern}\n`);
    let fd = this.#files.get(file);
    if (fd === undefined) {
      fd = this.#proc.open(file, { write: true, create: true, truncate: true });
      this.#files.set(file, fd);
    }
    await this.#proc.write(fd, utf8Encode(`${this.#pattern}\n`));
  }

  async #substitute(s: Substitution): Promise<void> {
    const regexp = this.#use(s.regexp);
    let n = 0;
    let end = -1;
    let changed = false;
    const result = this.#pattern.replace(regexp, (...args) => {
      const at = args.find((a) => typeof a === 'number') as number;
      const adjoins = args[0] === '' && at === end; // nothing right after a match is no match
      end = at + (args[0] as string).length;
      if (adjoins) return '';
      n++;
      if (n < s.occurrence || (!s.global && n > s.occurrence)) return args[0] as string;
      changed = true;
      const groups = args.slice(
        0,
        args.findIndex((a) => typeof a === 'number'),
      ) as string[];
      return replacement(s.replacement, groups);
    });
    if (!changed) return;
    this.#pattern = result;
    this.#substituted = true;
    if (s.print) await this.#print(this.#pattern);
    if (s.file !== undefined) await this.#writeFile(s.file);
  }
}

/** What a replacement becomes for one match: `&`, `\1`, `\n` and GNU's changes of case. */
function replacement(text: string, groups: readonly (string | undefined)[]): string {
  let out = '';
  let mode = '';
  let once = '';
  const add = (piece: string) => {
    let t = mode === 'U' ? piece.toUpperCase() : mode === 'L' ? piece.toLowerCase() : piece;
    if (once !== '' && t !== '') {
      t =
        (once === 'u' ? (t[0] as string).toUpperCase() : (t[0] as string).toLowerCase()) +
        t.slice(1);
      once = '';
    }
    out += t;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '&') add(groups[0] ?? '');
    else if (c !== '\\') add(c);
    else {
      const next = text[++i] ?? '';
      if (/\d/.test(next)) add(groups[Number(next)] ?? '');
      else if ('ULE'.includes(next) && next !== '') mode = next === 'E' ? '' : next;
      else if ('ul'.includes(next) && next !== '') once = next;
      else add(next === 'n' ? '\n' : next === 't' ? '\t' : next);
    }
  }
  return out;
}

/** A line as `l` shows it. */
function visible(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '\t': '\\t',
    '\n': '\\n',
    '\r': '\\r',
    '\f': '\\f',
    '\v': '\\v',
    '\b': '\\b',
    '\x07': '\\a',
  };
  let out = '';
  for (const c of text) {
    if (names[c] !== undefined) out += names[c];
    else if (c < ' ' || c > '~')
      for (const b of utf8Encode(c)) out += `\\${b.toString(8).padStart(3, '0')}`;
    else out += c;
  }
  return out;
}

/** The lines of several files, with one read ahead to know the last. */
class Input {
  readonly #proc: Process;
  readonly #files: readonly string[];
  #index = 0;
  #reader: LineReader | undefined;
  #ahead: { readonly line: string; readonly newline: boolean } | undefined;
  /** Whether the line given last ended in a newline. */
  newline = true;
  /** 2 once a file could not be read. */
  status = 0;

  constructor(proc: Process, files: readonly string[]) {
    this.#proc = proc;
    this.#files = files;
  }

  async next(): Promise<string | undefined> {
    await this.#fill();
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead === undefined) return undefined;
    this.newline = ahead.newline;
    return ahead.line;
  }

  async isLast(): Promise<boolean> {
    await this.#fill();
    return this.#ahead === undefined;
  }

  async #fill(): Promise<void> {
    while (this.#ahead === undefined) {
      const line = await this.#reader?.next();
      if (line !== undefined) this.#ahead = { line, newline: this.#reader?.terminated ?? true };
      else if (!(await this.#open())) return;
    }
  }

  async #open(): Promise<boolean> {
    const file = this.#files[this.#index++];
    if (file === undefined) {
      this.#reader = undefined;
      return false;
    }
    try {
      this.#reader = new LineReader(this.#proc, openInput(this.#proc, file));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const isDir = e.errno === 'EISDIR';
      await this.#proc.err(
        isDir
          ? `sed: couldn't edit ${file}: not a regular file\n`
          : `sed: can't read ${file}: ${e.message}\n`,
      );
      this.status = 2;
    }
    return true;
  }
}
