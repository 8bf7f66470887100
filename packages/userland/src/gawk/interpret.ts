import { utf8Encode } from '@labwire/core/bytes';
import { formatDate, formatPrintf, openInput } from '../coreutils/index.ts';
import { exec, type OpenFile, openPipe, type Process } from '../machine/index.ts';
import { AwkError, type AwkProgram, type Expr, type Pattern, type Rule, type Stmt } from './ast.ts';
import { formatAwk } from './format.ts';
import { awkRegExp } from './lex.ts';
import { applyUnary, arithmetic, holds } from './operators.ts';
import { AwkRecord, splitByRegExp, splitFields } from './record.ts';
import { lineSource, recordSource } from './source.ts';
import { callText } from './text-functions.ts';
import { compareValues, fromInput, isTrue, Strnum, toNumber, toText, type Value } from './value.ts';

/** Leaves a loop, a record, a function or the program. */
class Jump extends Error {
  readonly to: 'next' | 'break' | 'continue' | 'exit' | 'return';
  readonly value: Value;
  constructor(to: Jump['to'], value: Value = '') {
    super(to);
    this.to = to;
    this.value = value;
  }
}

type AwkArray = Map<string, Value>;
type Cell = Value | AwkArray | undefined;

/** What print writes to by its target's name. */
interface Output {
  readonly fd: number;
  readonly child: Process | undefined;
}

/** Calls within calls that are too many. */
const MAX_DEPTH = 1000;
/** Loop rounds between two moments at which time passes. */
const ROUNDS_PER_SLICE = 1000;

/** Runs an awk program. */
export class Interpreter {
  readonly #proc: Process;
  readonly #program: AwkProgram;
  readonly #globals = new Map<string, Cell>();
  readonly #locals: Map<string, Cell>[] = [];
  readonly #outputs = new Map<string, Output>();
  readonly #active = new Set<Rule>();
  readonly record: AwkRecord = new AwkRecord();
  #rounds = 0;
  #out = '';
  #status = 0;

  constructor(proc: Process, program: AwkProgram) {
    this.#proc = proc;
    this.#program = program;
    const defaults: Readonly<Record<string, Value>> = {
      NR: 0,
      FNR: 0,
      NF: 0,
      FS: ' ',
      OFS: ' ',
      ORS: '\n',
      RS: '\n',
      SUBSEP: '\x1c',
      CONVFMT: '%.6g',
      OFMT: '%.6g',
      FILENAME: '',
      RSTART: 0,
      RLENGTH: -1,
    };
    for (const [name, value] of Object.entries(defaults)) this.#globals.set(name, value);
    this.#globals.set('ENVIRON', new Map([...proc.env].map(([k, v]) => [k, fromInput(v)])));
  }

  /** Assigns a variable, as -v and an operand `NAME=VALUE` do. */
  assign(name: string, value: Value): void {
    this.#setVar(name, value);
  }

  /** Runs the program over files. @returns its exit status */
  async run(files: readonly string[]): Promise<number> {
    this.#globals.set('ARGC', files.length + 1);
    this.#globals.set('ARGV', new Map(['awk', ...files].map((f, i) => [String(i), fromInput(f)])));
    try {
      await this.#rules('BEGIN');
      const reads = this.#program.rules.some((r) => r.pattern.t !== 'BEGIN');
      if (reads) await this.#input(files);
    } catch (e) {
      if (!(e instanceof Jump) || e.to !== 'exit') throw e;
    }
    try {
      await this.#rules('END');
    } catch (e) {
      if (!(e instanceof Jump) || e.to !== 'exit') throw e;
    }
    await this.#flush();
    for (const name of [...this.#outputs.keys()]) await this.#close(name);
    return this.#status;
  }

  async #rules(which: 'BEGIN' | 'END'): Promise<void> {
    for (const rule of this.#program.rules)
      if (rule.pattern.t === which && rule.action !== undefined) await this.#statement(rule.action);
  }

  async #input(files: readonly string[]): Promise<void> {
    let read = false;
    for (const file of files) {
      const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(file);
      if (assignment !== null) {
        this.#setVar(assignment[1] as string, fromInput(assignment[2] as string));
        continue;
      }
      read = true;
      await this.#file(file);
    }
    if (!read) await this.#file('-');
  }

  async #file(file: string): Promise<void> {
    let fd: number;
    try {
      fd = openInput(this.#proc, file);
    } catch (e) {
      await this.#flush();
      await this.#proc.err(`awk: cannot open "${file}" (${(e as Error).message})\n`);
      this.#status = 2;
      return;
    }
    this.#globals.set('FILENAME', file === '-' ? '' : file);
    this.#globals.set('FNR', 0);
    const rs = this.#text(this.#var('RS'));
    const next = rs === '\n' ? lineSource(this.#proc, fd) : await recordSource(this.#proc, fd, rs);
    for (let text = await next(); text !== undefined; text = await next()) {
      this.record.set(text);
      this.#globals.set('NR', toNumber(this.#var('NR')) + 1);
      this.#globals.set('FNR', toNumber(this.#var('FNR')) + 1);
      await this.#main();
      if (this.#out.length > 0) await this.#flush();
    }
  }

  async #main(): Promise<void> {
    try {
      for (const rule of this.#program.rules) {
        if (!(await this.#selected(rule, rule.pattern))) continue;
        if (rule.action !== undefined) await this.#statement(rule.action);
        else this.#out += this.record.text(this.#ofs) + this.#text(this.#var('ORS'));
      }
    } catch (e) {
      if (!(e instanceof Jump) || e.to !== 'next') throw e;
    }
  }

  async #selected(rule: Rule, p: Pattern): Promise<boolean> {
    if (p.t === 'always') return true;
    if (p.t === 'when') return isTrue(await this.#eval(p.e));
    if (p.t !== 'range') return false;
    if (!this.#active.has(rule)) {
      if (!isTrue(await this.#eval(p.from))) return false;
      this.#active.add(rule);
    }
    if (isTrue(await this.#eval(p.to))) this.#active.delete(rule);
    return true;
  }

  async #flush(): Promise<void> {
    const text = this.#out;
    this.#out = '';
    if (text !== '') await this.#proc.out(text);
  }

  get #ofs(): string {
    return this.#text(this.#var('OFS'));
  }

  get #fs(): string {
    return this.#text(this.#var('FS'));
  }

  #text(v: Value): string {
    return toText(v, (n) => this.#number(n, 'CONVFMT'));
  }

  #number(n: number, format: string): string {
    const f = this.#globals.get(format);
    return formatPrintf(typeof f === 'string' ? f : '%.6g', [String(n)]).text;
  }

  #cell(name: string): Cell {
    const frame = this.#locals.at(-1);
    return frame?.has(name) === true ? frame.get(name) : this.#globals.get(name);
  }

  #var(name: string): Value {
    if (name === 'NF')
      return this.record.fields(this.#text(this.#globals.get('FS') as Value)).length;
    const cell = this.#cell(name);
    if (cell instanceof Map) throw new AwkError(`can't use array ${name} in scalar context`);
    return cell ?? UNSET;
  }

  #setVar(name: string, value: Value): void {
    const frame = this.#locals.at(-1);
    if (name === 'NF') this.record.setCount(toNumber(value), this.#fs);
    else if (frame?.has(name) === true) frame.set(name, value);
    else this.#globals.set(name, value);
  }

  #array(name: string): AwkArray {
    const cell = this.#cell(name);
    if (cell instanceof Map) return cell;
    if (cell !== undefined) throw new AwkError(`can't use scalar ${name} as array`);
    const fresh: AwkArray = new Map();
    const frame = this.#locals.at(-1);
    (frame?.has(name) === true ? frame : this.#globals).set(name, fresh);
    return fresh;
  }

  async #keys(keys: readonly Expr[]): Promise<string> {
    const parts: string[] = [];
    for (const key of keys) parts.push(this.#text(await this.#eval(key)));
    return parts.join(this.#text(this.#var('SUBSEP')));
  }

  async #statement(s: Stmt): Promise<void> {
    switch (s.t) {
      case 'block':
        for (const one of s.list) await this.#statement(one);
        return;
      case 'expr':
        await this.#eval(s.e);
        return;
      case 'print':
        return this.#print(s);
      case 'if':
        if (isTrue(await this.#eval(s.test))) return this.#statement(s.yes);
        return s.no === undefined ? undefined : this.#statement(s.no);
      case 'delete':
        if (s.keys === undefined) this.#array(s.name).clear();
        else this.#array(s.name).delete(await this.#keys(s.keys));
        return;
      case 'jump':
        throw new Jump(s.to);
      case 'exit':
        if (s.e !== undefined) this.#status = toNumber(await this.#eval(s.e)) & 255;
        throw new Jump('exit');
      case 'return':
        throw new Jump('return', s.e === undefined ? UNSET : await this.#eval(s.e));
      default:
        return this.#loop(s);
    }
  }

  async #loop(s: Extract<Stmt, { t: 'while' | 'do' | 'for' | 'forin' }>): Promise<void> {
    if (s.t === 'forin') {
      for (const key of [...this.#array(s.array).keys()]) {
        this.#setVar(s.name, fromInput(key));
        if (!(await this.#round(s.body))) return;
      }
      return;
    }
    if (s.t === 'for' && s.init !== undefined) await this.#statement(s.init);
    const holds = async () => s.test === undefined || isTrue(await this.#eval(s.test));
    if (s.t === 'do' && !(await this.#round(s.body))) return;
    while (await holds()) {
      if (!(await this.#round(s.body))) return;
      if (s.t === 'for' && s.next !== undefined) await this.#statement(s.next);
    }
  }

  /** @returns false after break */
  async #round(body: Stmt): Promise<boolean> {
    this.#proc.noteProgress();
    if (++this.#rounds % ROUNDS_PER_SLICE === 0) await this.#proc.sleep(ROUNDS_PER_SLICE * 100);
    try {
      await this.#statement(body);
    } catch (e) {
      if (!(e instanceof Jump) || (e.to !== 'break' && e.to !== 'continue')) throw e;
      return e.to === 'continue';
    }
    return true;
  }

  async #print(s: Extract<Stmt, { t: 'print' }>): Promise<void> {
    const values: Value[] = [];
    for (const arg of s.args) values.push(await this.#eval(arg));
    const shown = values.map((v) =>
      typeof v === 'number' ? toText(v, (n) => this.#number(n, 'OFMT')) : this.#text(v),
    );
    let text: string;
    if (s.printf) text = formatAwk(shown[0] ?? '', values.slice(1), (v) => this.#text(v));
    else if (values.length === 0) text = this.record.text(this.#ofs) + this.#text(this.#var('ORS'));
    else text = shown.join(this.#ofs) + this.#text(this.#var('ORS'));
    if (s.to === undefined) this.#out += text;
    else await this.#printTo(s.to.op, this.#text(await this.#eval(s.to.e)), text);
    if (this.#out.length > 65_536) await this.#flush();
  }

  async #printTo(op: string, target: string, text: string): Promise<void> {
    if (target === '/dev/stdout' || target === '-') {
      this.#out += text;
      return;
    }
    if (target === '/dev/stderr') {
      await this.#flush();
      return this.#proc.err(text);
    }
    let output = this.#outputs.get(target);
    if (output === undefined) {
      await this.#flush();
      output =
        op === '|'
          ? this.#startPipe(target)
          : { fd: this.#openOut(target, op === '>>'), child: undefined };
      this.#outputs.set(target, output);
    }
    await this.#proc.write(output.fd, utf8Encode(text));
  }

  #openOut(target: string, append: boolean): number {
    return this.#proc.open(target, { write: true, create: true, truncate: !append, append });
  }

  #startPipe(command: string): Output {
    const { reader, writer } = openPipe();
    const child = spawnShell(this.#proc, command, new Map(this.#proc.fds).set(0, reader));
    let fd = 3;
    while (this.#proc.fds.has(fd)) fd++;
    this.#proc.setFd(fd, writer);
    return { fd, child };
  }

  async #close(name: string): Promise<number> {
    const output = this.#outputs.get(name);
    if (output === undefined) return -1;
    this.#outputs.delete(name);
    this.#proc.close(output.fd);
    return output.child === undefined ? 0 : this.#proc.waitFor(output.child);
  }

  async #eval(e: Expr): Promise<Value> {
    switch (e.t) {
      case 'num':
      case 'str':
        return e.v;
      case 'regex':
        e.re.lastIndex = 0;
        return Number(e.re.test(this.record.text(this.#ofs)));
      case 'var':
        return this.#var(e.name);
      case 'group':
        return this.#eval(e.e);
      case 'field':
        return this.#field(toNumber(await this.#eval(e.e)));
      case 'index':
        return this.#element(e.name, await this.#keys(e.keys));
      case 'in':
        return Number(this.#array(e.name).has(await this.#keys(e.keys)));
      case 'assign':
        return this.#assign(e);
      case 'cond':
        return isTrue(await this.#eval(e.test)) ? this.#eval(e.yes) : this.#eval(e.no);
      case 'unary':
        return applyUnary(e.op, await this.#eval(e.e));
      case 'step':
        return this.#step(e);
      case 'match':
        return Number((await this.#regexp(e.r)).test(this.#text(await this.#eval(e.l))) !== e.not);
      case 'bin':
        return this.#binary(e);
      case 'call':
        return this.#call(e.name, e.args);
    }
  }

  #field(n: number): Value {
    if (n < 0) throw new AwkError(`negative field index $${n}`);
    if (n === 0) return fromInput(this.record.text(this.#ofs));
    const text = this.record.fields(this.#fs)[Math.trunc(n) - 1];
    return text === undefined ? UNSET : fromInput(text);
  }

  #element(name: string, key: string): Value {
    const array = this.#array(name);
    const value = array.get(key);
    if (value === undefined) array.set(key, UNSET);
    return value ?? UNSET;
  }

  async #store(to: Expr, value: Value): Promise<void> {
    if (to.t === 'var') this.#setVar(to.name, value);
    else if (to.t === 'index') this.#array(to.name).set(await this.#keys(to.keys), value);
    else if (to.t === 'field') {
      const n = toNumber(await this.#eval(to.e));
      if (n === 0) this.record.set(this.#text(value));
      else this.record.setField(n, this.#text(value), this.#fs);
    }
  }

  async #assign(e: Extract<Expr, { t: 'assign' }>): Promise<Value> {
    const right = await this.#eval(e.e);
    const value =
      e.op === '' ? right : arithmetic(e.op, toNumber(await this.#eval(e.to)), toNumber(right));
    await this.#store(e.to, value);
    return value;
  }

  async #step(e: Extract<Expr, { t: 'step' }>): Promise<Value> {
    const old = toNumber(await this.#eval(e.to));
    await this.#store(e.to, old + e.by);
    return e.prefix ? old + e.by : old;
  }

  async #regexp(e: Expr): Promise<RegExp> {
    const re = e.t === 'regex' ? e.re : awkRegExp(this.#text(await this.#eval(e)));
    re.lastIndex = 0;
    return re;
  }

  async #binary(e: Extract<Expr, { t: 'bin' }>): Promise<Value> {
    const l = await this.#eval(e.l);
    if (e.op === '&&') return Number(isTrue(l) && isTrue(await this.#eval(e.r)));
    if (e.op === '||') return Number(isTrue(l) || isTrue(await this.#eval(e.r)));
    const r = await this.#eval(e.r);
    if (e.op === ' ') return this.#text(l) + this.#text(r);
    if ('<=>!='.includes(e.op[0] as string))
      return Number(
        holds(
          e.op,
          compareValues(l, r, (v) => this.#text(v)),
        ),
      );
    return arithmetic(e.op, toNumber(l), toNumber(r));
  }

  async #call(name: string, args: readonly Expr[]): Promise<Value> {
    const fn = this.#program.functions.get(name);
    if (fn !== undefined) return this.#callFunction(name, args);
    switch (name) {
      case 'length':
        return this.#length(args[0]);
      case 'split':
        return this.#split(args);
      case 'sub':
      case 'gsub':
        return this.#substitute(name === 'gsub', args);
      case 'match':
        return this.#match(args);
      case 'sprintf': {
        const values = await this.#values(args);
        return formatAwk(this.#text(values[0] ?? ''), values.slice(1), (v) => this.#text(v));
      }
      case 'close':
        return this.#close(this.#text((await this.#values(args))[0] ?? ''));
      case 'fflush':
        await this.#flush();
        return 0;
      case 'system':
        return this.#system(this.#text((await this.#values(args))[0] ?? ''));
      default:
        return this.#plain(name, await this.#values(args));
    }
  }

  async #values(args: readonly Expr[]): Promise<Value[]> {
    const values: Value[] = [];
    for (const arg of args) values.push(await this.#eval(arg));
    return values;
  }

  #plain(name: string, values: readonly Value[]): Value {
    const { sim } = this.#proc.machine.kernel;
    if (name === 'rand') return sim.random(`${this.#proc.machine.name} awk`).fraction();
    if (name === 'srand') return 0;
    if (name === 'systime') return Math.floor(this.#proc.machine.wallClock);
    if (name === 'strftime')
      return formatDate(
        this.#text(values[0] ?? '%c'),
        values[1] === undefined ? this.#proc.machine.wallClock : toNumber(values[1]),
      );
    const result = callText(name, values, (v) => this.#text(v));
    if (result === undefined) throw new AwkError(`function ${name} never defined`);
    return result;
  }

  async #callFunction(name: string, args: readonly Expr[]): Promise<Value> {
    const fn = this.#program.functions.get(name) as NonNullable<
      ReturnType<AwkProgram['functions']['get']>
    >;
    if (this.#locals.length > MAX_DEPTH)
      throw new AwkError(`function ${name}: too many nested calls`);
    const frame = new Map<string, Cell>();
    const made: (readonly [string, string])[] = [];
    for (const [i, param] of fn.params.entries())
      frame.set(param, await this.#argument(args[i], param, made));
    this.#locals.push(frame);
    try {
      await this.#statement(fn.body);
    } catch (e) {
      if (e instanceof Jump && e.to === 'return') return e.value;
      throw e;
    } finally {
      this.#locals.pop();
      for (const [param, outer] of made) this.#adopt(outer, frame.get(param));
    }
    return UNSET;
  }

  /** A name that is unset may become an array in the function. */
  async #argument(
    arg: Expr | undefined,
    param: string,
    made: (readonly [string, string])[],
  ): Promise<Cell> {
    if (arg === undefined) return undefined;
    if (arg.t !== 'var') return this.#eval(arg);
    const cell = arg.name === 'NF' ? this.#var('NF') : this.#cell(arg.name);
    if (cell === undefined) made.push([param, arg.name]);
    return cell;
  }

  #adopt(outer: string, cell: Cell): void {
    if (!(cell instanceof Map) || this.#cell(outer) !== undefined) return;
    const frame = this.#locals.at(-1);
    (frame?.has(outer) === true ? frame : this.#globals).set(outer, cell);
  }

  async #length(arg: Expr | undefined): Promise<Value> {
    if (arg === undefined) return this.record.text(this.#ofs).length;
    if (arg.t === 'var' && this.#cell(arg.name) instanceof Map) return this.#array(arg.name).size;
    return [...this.#text(await this.#eval(arg))].length;
  }

  async #split(args: readonly Expr[]): Promise<Value> {
    const [source, target, separator] = args;
    if (source === undefined || target?.t !== 'var')
      throw new AwkError('split needs a text and an array');
    const text = this.#text(await this.#eval(source));
    const parts =
      separator?.t === 'regex'
        ? splitByRegExp(text, separator.re)
        : splitFields(
            text,
            separator === undefined ? this.#fs : this.#text(await this.#eval(separator)),
          );
    const array = this.#array(target.name);
    array.clear();
    parts.forEach((part, i) => {
      array.set(String(i + 1), fromInput(part));
    });
    return parts.length;
  }

  async #substitute(all: boolean, args: readonly Expr[]): Promise<Value> {
    const [pattern, by, target = { t: 'field', e: { t: 'num', v: 0 } } as Expr] = args;
    if (pattern === undefined || by === undefined)
      throw new AwkError('sub needs a pattern and a replacement');
    const regexp = await this.#regexp(pattern);
    const replacement = this.#text(await this.#eval(by));
    const text = this.#text(await this.#eval(target));
    let n = 0;
    let end = -1;
    const result = text.replace(regexp, (match, ...rest) => {
      const at = rest.find((r) => typeof r === 'number') as number;
      const adjoins = match === '' && at === end;
      end = at + match.length;
      if (adjoins) return '';
      n++;
      if (!all && n > 1) return match;
      return replacement.replace(/\\\\|\\&|&/g, (m) =>
        m === '&' ? match : m === '\\&' ? '&' : '\\',
      );
    });
    const count = all ? n : Math.min(n, 1);
    if (count > 0) await this.#store(target, result);
    return count;
  }

  async #match(args: readonly Expr[]): Promise<Value> {
    const text = this.#text(await this.#eval(args[0] as Expr));
    const m = (await this.#regexp(args[1] as Expr)).exec(text);
    this.#globals.set('RSTART', m === null ? 0 : m.index + 1);
    this.#globals.set('RLENGTH', m === null ? -1 : m[0].length);
    return m === null ? 0 : m.index + 1;
  }

  async #system(command: string): Promise<Value> {
    await this.#flush();
    return this.#proc.waitFor(spawnShell(this.#proc, command, this.#proc.fds));
  }
}

/** What has never been assigned: 0 and the empty text. */
const UNSET: Value = new Strnum('', 0);

function spawnShell(proc: Process, command: string, fds: ReadonlyMap<number, OpenFile>): Process {
  return proc.spawn(['sh', '-c', command], (p) => exec(p, '/bin/sh', ['sh', '-c', command]), {
    fds,
  });
}
