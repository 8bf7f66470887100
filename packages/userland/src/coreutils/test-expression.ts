import { KernelError } from '@labwire/core/error';
import type { Process } from '../machine/index.ts';

/** A test that makes no sense; its message is what `test` prints after its name. */
export class TestError extends Error {}

const UNARY = /^-[abcdefghkLnoOGNprsStuwxz]$/;
const BINARY = [
  '=',
  '==',
  '!=',
  '<',
  '>',
  '-eq',
  '-ne',
  '-lt',
  '-le',
  '-gt',
  '-ge',
  '-nt',
  '-ot',
  '-ef',
];

/** Evaluates what test(1) and `[` are given. @returns 0 true, 1 false. @throws TestError */
export function evaluateTest(proc: Process, args: readonly string[]): number {
  return Number(!new TestParser(proc, args).run());
}

/** `-f FILE` and its like. */
export function testUnary(proc: Process, operator: string, operand: string): boolean {
  switch (operator) {
    case '-n':
      return operand !== '';
    case '-z':
      return operand === '';
    case '-t':
      return proc.isTty(Number(operand));
    case '-v':
      return proc.env.has(operand);
    default:
      return testFile(proc, operator, operand);
  }
}

function testFile(proc: Process, operator: string, operand: string): boolean {
  if (operand === '') return false;
  const path = proc.path(operand);
  try {
    const st = operator === '-h' || operator === '-L' ? proc.fs.lstat(path) : proc.fs.stat(path);
    switch (operator) {
      case '-f':
        return st.type === 'file';
      case '-d':
        return st.type === 'dir';
      case '-h':
      case '-L':
        return st.type === 'symlink';
      case '-c':
        return st.type === 'char';
      case '-p':
        return st.type === 'fifo';
      case '-S':
        return st.type === 'socket';
      case '-s':
        return st.size > 0;
      case '-r':
        return proc.fs.access(path, 4);
      case '-w':
        return proc.fs.access(path, 2);
      case '-x':
        return proc.fs.access(path, 1);
      case '-O':
        return st.uid === proc.uid;
      case '-G':
        return st.gid === proc.gid;
      case '-k':
        return (st.mode & 0o1000) !== 0;
      case '-g':
        return (st.mode & 0o2000) !== 0;
      case '-u':
        return (st.mode & 0o4000) !== 0;
      case '-b':
        return false;
      default:
        return true;
    }
  } catch (e) {
    if (e instanceof KernelError) return false;
    throw e;
  }
}

class TestParser {
  readonly #proc: Process;
  readonly #args: readonly string[];
  #at = 0;

  constructor(proc: Process, args: readonly string[]) {
    this.#proc = proc;
    this.#args = args;
  }

  run(): boolean {
    const n = this.#args.length;
    if (n === 0) return false;
    if (n === 1) return this.#args[0] !== '';
    const value = this.#or();
    if (this.#at < n) {
      if (n === 2) throw new TestError(`${this.#args[0]}: unary operator expected`);
      if (n === 3 && this.#at === 1)
        throw new TestError(`${this.#args[1]}: binary operator expected`);
      throw new TestError('too many arguments');
    }
    return value;
  }

  #or(): boolean {
    let value = this.#and();
    while (this.#args[this.#at] === '-o') {
      this.#at++;
      const right = this.#and();
      value = value || right;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#not();
    while (this.#args[this.#at] === '-a') {
      this.#at++;
      const right = this.#not();
      value = value && right;
    }
    return value;
  }

  #not(): boolean {
    if (this.#args[this.#at] === '!' && this.#at + 1 < this.#args.length && !this.#isBinaryNext()) {
      this.#at++;
      return !this.#not();
    }
    return this.#primary();
  }

  #isBinaryNext(): boolean {
    return BINARY.includes(this.#args[this.#at + 1] ?? '') && this.#args.length - this.#at === 3;
  }

  #primary(): boolean {
    const args = this.#args;
    const [a, b, c] = [args[this.#at], args[this.#at + 1], args[this.#at + 2]];
    if (a === undefined) throw new TestError('argument expected');
    if (b !== undefined && c !== undefined && BINARY.includes(b)) {
      this.#at += 3;
      return testBinary(this.#proc, a, b, c);
    }
    if (a === '(' && args.length > this.#at + 1) return this.#group();
    if (UNARY.test(a) && b !== undefined) {
      this.#at += 2;
      return testUnary(this.#proc, a, b);
    }
    this.#at++;
    return a !== '';
  }

  #group(): boolean {
    this.#at++;
    const value = this.#or();
    if (this.#args[this.#at] !== ')') throw new TestError("`)' expected");
    this.#at++;
    return value;
  }
}

function testBinary(proc: Process, a: string, operator: string, b: string): boolean {
  switch (operator) {
    case '=':
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '-nt':
    case '-ot':
    case '-ef':
      return compareFiles(proc, a, operator, b);
    default:
      return compareIntegers(integer(a), operator, integer(b));
  }
}

function integer(text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestError(`${text}: integer expression expected`);
  return BigInt(text.trim().replace(/^\+/, ''));
}

/** `-eq`, `-ne`, `-lt`, `-le`, `-gt` and `-ge`. */
export function compareIntegers(a: bigint, operator: string, b: bigint): boolean {
  switch (operator) {
    case '-eq':
      return a === b;
    case '-ne':
      return a !== b;
    case '-lt':
      return a < b;
    case '-le':
      return a <= b;
    case '-gt':
      return a > b;
    default:
      return a >= b;
  }
}

function compareFiles(proc: Process, a: string, operator: string, b: string): boolean {
  const stat = (path: string) =>
    proc.fs.exists(proc.path(path)) ? proc.fs.stat(proc.path(path)) : undefined;
  const x = stat(a);
  const y = stat(b);
  if (operator === '-ef') return x !== undefined && x.ino === y?.ino;
  const [newer, older] = operator === '-nt' ? [x, y] : [y, x];
  return newer !== undefined && (older === undefined || newer.mtime > older.mtime);
}
