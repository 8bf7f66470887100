import { KernelError } from '@labwire/core/error';
import { userNames } from '../base/index.ts';
import {
  exec,
  findProgram,
  type Process,
  type Program,
  rowsOf,
  type Stat,
  withManual,
} from '../machine/index.ts';

/** One file that find looks at. */
interface Visit {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly stat: Stat;
}

/** A test or action. @returns whether it holds */
type Test = (v: Visit) => Promise<boolean> | boolean;

/** Makes a test or action out of its name and the words behind it. */
type Primary = (e: Expression, name: string) => Test;

/** An expression that makes no sense. */
class FindError extends Error {}

async function main(proc: Process): Promise<number> {
  const args = proc.argv.slice(1);
  const at = args.findIndex((a) => /^[-(!]/.test(a));
  const starts = at < 0 ? args : args.slice(0, at);
  try {
    const expression = new Expression(proc, at < 0 ? [] : args.slice(at));
    return await walkAll(proc, expression, starts.length > 0 ? starts : ['.']);
  } catch (e) {
    if (!(e instanceof FindError)) throw e;
    await proc.err(`find: ${e.message}\n`);
    return 1;
  }
}

async function walkAll(proc: Process, e: Expression, starts: readonly string[]): Promise<number> {
  let status = 0;
  for (const start of starts) {
    if (!proc.fs.exists(proc.path(start))) {
      await proc.err(`find: '${start}': No such file or directory\n`);
      status = 1;
    } else
      await visit(
        proc,
        e,
        start,
        start
          .replace(/(.)\/+$/, '$1')
          .split('/')
          .at(-1) ?? start,
        0,
      );
  }
  return status;
}

async function visit(
  proc: Process,
  e: Expression,
  path: string,
  name: string,
  depth: number,
): Promise<void> {
  const stat = proc.fs.lstat(proc.path(path));
  const self = { path, name, depth, stat };
  e.pruned = false;
  if (!e.depthFirst && depth >= e.minDepth) await e.test(self);
  if (stat.type === 'dir' && !e.pruned && depth < e.maxDepth) {
    for (const child of children(proc, path))
      await visit(proc, e, `${path.replace(/\/$/, '')}/${child}`, child, depth + 1);
  }
  if (e.depthFirst && depth >= e.minDepth) await e.test(self);
}

function children(proc: Process, path: string): string[] {
  try {
    return proc.fs.readdir(proc.path(path));
  } catch (e) {
    if (e instanceof KernelError) return [];
    throw e;
  }
}

class Expression {
  readonly #proc: Process;
  readonly #args: readonly string[];
  #at = 0;
  #acts = false;
  maxDepth = Infinity;
  minDepth = 0;
  depthFirst = false;
  pruned = false;
  readonly test: Test;

  constructor(proc: Process, args: readonly string[]) {
    this.#proc = proc;
    this.#args = args;
    const test = args.length === 0 ? () => true : this.#or();
    if (this.#at < args.length)
      throw new FindError(`paths must precede expression: \`${args[this.#at]}'`);
    this.test = this.#acts ? test : async (v) => (await test(v)) && this.#print(v, '\n');
  }

  async #print(v: Visit, end: string): Promise<boolean> {
    await this.#proc.out(v.path + end);
    return true;
  }

  #or(): Test {
    let left = this.#and();
    while (this.#args[this.#at] === '-o' || this.#args[this.#at] === '-or') {
      this.#at++;
      const [a, b] = [left, this.#and()];
      left = async (v) => (await a(v)) || (await b(v));
    }
    return left;
  }

  #and(): Test {
    let left = this.#not();
    for (;;) {
      const next = this.#args[this.#at];
      if (next === undefined || next === ')' || next === '-o' || next === '-or') return left;
      if (next === '-a' || next === '-and') this.#at++;
      const [a, b] = [left, this.#not()];
      left = async (v) => (await a(v)) && (await b(v));
    }
  }

  #not(): Test {
    if (this.#args[this.#at] === '!' || this.#args[this.#at] === '-not') {
      this.#at++;
      const inner = this.#not();
      return async (v) => !(await inner(v));
    }
    return this.#primary();
  }

  #value(name: string): string {
    const value = this.#args[this.#at++];
    if (value === undefined) throw new FindError(`missing argument to \`${name}'`);
    return value;
  }

  #primary(): Test {
    const name = this.#args[this.#at++] as string;
    if (name === '(') {
      const inner = this.#or();
      this.#at++;
      return inner;
    }
    const make = Object.hasOwn(Expression.#PRIMARIES, name)
      ? Expression.#PRIMARIES[name]
      : undefined;
    if (make === undefined) throw new FindError(`unknown predicate \`${name}'`);
    return make(this, name);
  }

  #name(name: string) {
    return matchName(this.#value(name), name === '-iname', (v) => v.name);
  }

  #path(name: string) {
    return matchName(this.#value(name), false, (v) => v.path);
  }

  #prints(end: string): Test {
    this.#acts = true;
    return (v) => this.#print(v, end);
  }

  /** Tests and actions by name. */
  static readonly #PRIMARIES: Readonly<Record<string, Primary>> = {
    '-name': (e, name) => e.#name(name),
    '-iname': (e, name) => e.#name(name),
    '-path': (e, name) => e.#path(name),
    '-wholename': (e, name) => e.#path(name),
    '-type': (e, name) => e.#type(e.#value(name)),
    '-maxdepth': (e, name) => {
      e.maxDepth = Number(e.#value(name));
      return () => true;
    },
    '-mindepth': (e, name) => {
      e.minDepth = Number(e.#value(name));
      return () => true;
    },
    '-empty': (e) => (v) =>
      v.stat.type === 'dir' ? children(e.#proc, v.path).length === 0 : v.stat.size === 0,
    '-size': (e, name) => sizeTest(e.#value(name)),
    '-user': (e, name) => e.#user(e.#value(name)),
    '-perm': (e, name) => permTest(e.#value(name)),
    '-print': (e) => e.#prints('\n'),
    '-print0': (e) => e.#prints('\0'),
    '-delete': (e) => {
      e.#acts = true;
      e.depthFirst = true;
      return (v) => e.#delete(v);
    },
    '-depth': (e) => {
      e.depthFirst = true;
      return () => true;
    },
    '-prune': (e) => () => {
      e.pruned = true;
      return true;
    },
    '-exec': (e) => {
      e.#acts = true;
      return e.#exec();
    },
    '-true': () => () => true,
    '-false': () => () => false,
  };

  /** The names of all tests and actions, and of what joins them. */
  static names(): string[] {
    return [
      ...['(', ')', '!', '-not', '-a', '-and', '-o', '-or'],
      ...Object.keys(Expression.#PRIMARIES),
    ];
  }

  #type(letters: string): Test {
    const types: Readonly<Record<string, Stat['type']>> = {
      f: 'file',
      d: 'dir',
      l: 'symlink',
      c: 'char',
      s: 'socket',
      p: 'fifo',
    };
    const wanted = letters.split(',').map((l) => types[l]);
    if (wanted.includes(undefined)) throw new FindError(`Unknown argument to -type: ${letters}`);
    return (v) => wanted.includes(v.stat.type);
  }

  #user(name: string): Test {
    const names = userNames(this.#proc.fs);
    return (v) => names.user(v.stat.uid) === name || String(v.stat.uid) === name;
  }

  #delete(v: Visit): boolean {
    const path = this.#proc.path(v.path);
    if (v.stat.type === 'dir') this.#proc.fs.rmdir(path);
    else this.#proc.fs.unlink(path);
    return true;
  }

  #exec(): Test {
    const words: string[] = [];
    for (;;) {
      const word = this.#args[this.#at++];
      if (word === undefined) throw new FindError("missing argument to `-exec'");
      if (word === ';' || (word === '+' && words.at(-1) === '{}')) break;
      words.push(word);
    }
    return async (v) => {
      const argv = words.map((w) => w.replaceAll('{}', v.path));
      const path = findProgram(this.#proc, argv[0] as string);
      if (path === undefined) {
        await this.#proc.err(`find: '${argv[0]}': No such file or directory\n`);
        return false;
      }
      return (await this.#proc.waitFor(this.#proc.spawn(argv, (p) => exec(p, path, argv)))) === 0;
    };
  }
}

function matchName(glob: string, ignoreCase: boolean, text: (v: Visit) => string): Test {
  const source = glob
    .replace(/[\\^$.+(){}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  const regexp = new RegExp(`^${source}$`, ignoreCase ? 'si' : 's');
  return (v) => regexp.test(text(v));
}

function sizeTest(spec: string): Test {
  const m = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(spec);
  if (m === null) throw new FindError(`Invalid argument \`${spec}' to -size`);
  const units: Readonly<Record<string, number>> = {
    '': 512,
    b: 512,
    c: 1,
    w: 2,
    k: 1024,
    M: 1 << 20,
    G: 1 << 30,
  };
  const unit = units[m[3] as string] as number;
  const wanted = Number(m[2]);
  return (v) => {
    const size = Math.ceil(v.stat.size / unit);
    return m[1] === '+' ? size > wanted : m[1] === '-' ? size < wanted : size === wanted;
  };
}

function permTest(spec: string): Test {
  const bits = Number.parseInt(spec.replace(/^[-/]/, ''), 8);
  if (spec.startsWith('-')) return (v) => (v.stat.mode & bits) === bits;
  if (spec.startsWith('/')) return (v) => (v.stat.mode & bits) !== 0;
  return (v) => v.stat.mode === bits;
}

/** find(1): the common tests and actions. */
export const find: Program = withManual(main, () => [
  { title: 'Expressions', rows: rowsOf(Expression.names()) },
]);
