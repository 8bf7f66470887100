import { ExpansionError } from '../control.ts';
import type { Variables } from '../variables.ts';

/** What may be assigned to: a variable or an array element. */
interface Place {
  readonly name: string;
  readonly key: string | undefined;
}

/** A value, and where it came from if it can be assigned to. */
interface Operand {
  readonly value: bigint;
  readonly place: Place | undefined;
}

/** Binary operators by how tightly they bind. bash expr.c */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const ASSIGN = /^(?:<<=|>>=|[-+*/%&|^]=|=(?!=))/;
const TOKEN =
  /^(?:\s+|(?:<<=|>>=|\*\*|\+\+|--|&&|\|\||<<|>>|<=|>=|==|!=|[-+*/%&|^]=|[-+*/%&|^<>=!~?:(),]))/;
/** Variables whose values are expressions that name variables, and so on. bash expr.c, MAX_EXPR_RECURSION_LEVEL */
const MAX_DEPTH = 1024;

/**
 * Evaluates a shell's arithmetic: 64-bit integers, C's operators, variables without `$`. bash expr.c
 * @throws ExpansionError on a syntax error or a division by zero
 */
export function evaluateArithmetic(text: string, vars: Variables, depth = 0): bigint {
  if (depth > MAX_DEPTH)
    throw new ExpansionError(
      `${text}: expression recursion level exceeded (error token is "${text}")`,
    );
  return new Evaluator(text, vars, depth).run();
}

class Evaluator {
  readonly #text: string;
  readonly #vars: Variables;
  readonly #depth: number;
  #at = 0;
  /** Where the last operator began. */
  #last = 0;
  /** Greater than 0 in a branch that is not taken: nothing is assigned, nothing divides. */
  #dry = 0;

  constructor(text: string, vars: Variables, depth: number) {
    this.#text = text;
    this.#vars = vars;
    this.#depth = depth;
  }

  run(): bigint {
    this.#space();
    if (this.#at >= this.#text.length) return 0n;
    const value = this.#comma();
    if (this.#at < this.#text.length) this.#fail('syntax error in expression');
    return value;
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }

  #fail(what: string, at = this.#at): never {
    const text = this.#text.replace(/^\s+/, '');
    throw new ExpansionError(`${text}: ${what} (error token is "${this.#text.slice(at)}")`);
  }

  #peek(): string {
    const m = TOKEN.exec(this.#rest());
    return m === null ? '' : m[0];
  }

  #accept(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#last = this.#at;
    this.#at += token.length;
    this.#space();
    return true;
  }

  #comma(): bigint {
    let value = this.#assignment().value;
    while (this.#accept(',')) value = this.#assignment().value;
    return value;
  }

  #assignment(): Operand {
    const start = this.#at;
    const left = this.#ternary();
    const m = ASSIGN.exec(this.#rest());
    if (m === null) return left;
    if (left.place === undefined) this.#fail('attempted assignment to non-variable');
    this.#at += m[0].length;
    this.#space();
    if (this.#at >= this.#text.length) this.#fail('syntax error: operand expected', start);
    const right = this.#assignment().value;
    const operator = m[0].slice(0, -1);
    const value = operator === '' ? right : this.#apply(operator, left.value, right);
    this.#store(left.place as Place, value);
    return { value, place: undefined };
  }

  #store(place: Place, value: bigint): void {
    if (this.#dry > 0) return;
    if (place.key === undefined) this.#vars.set(place.name, String(value));
    else this.#vars.setElement(place.name, place.key, String(value));
  }

  #ternary(): Operand {
    const test = this.#binary(0);
    if (!this.#accept('?')) return test;
    const yes = this.#branch(test.value !== 0n, () => this.#comma());
    if (!this.#accept(':')) this.#fail("`:' expected for conditional expression");
    const no = this.#branch(test.value === 0n, () => this.#assignment().value);
    return { value: test.value !== 0n ? yes : no, place: undefined };
  }

  #branch(taken: boolean, evaluate: () => bigint): bigint {
    if (!taken) this.#dry++;
    const value = evaluate();
    if (!taken) this.#dry--;
    return value;
  }

  #binary(level: number): Operand {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#power();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#peek();
      if (!operators.includes(operator) || ASSIGN.test(this.#rest())) return left;
      this.#accept(operator);
      left = { value: this.#right(operator, left.value, level), place: undefined };
    }
  }

  #right(operator: string, left: bigint, level: number): bigint {
    const decided = operator === '&&' ? left === 0n : operator === '||' ? left !== 0n : false;
    const right = this.#branch(!decided, () => this.#binary(level + 1).value);
    return this.#apply(operator, left, right);
  }

  #power(): Operand {
    const base = this.#unary();
    if (!this.#accept('**')) return base;
    const exponent = this.#power().value;
    if (exponent < 0n) this.#fail('exponent less than 0');
    return { value: BigInt.asIntN(64, base.value ** exponent), place: undefined };
  }

  #unary(): Operand {
    for (const step of ['++', '--']) {
      if (this.#peek() !== step || !/^..\s*[A-Za-z_]/.test(this.#rest())) continue;
      this.#accept(step);
      const operand = this.#unary();
      const value = operand.value + (step === '++' ? 1n : -1n);
      if (operand.place !== undefined) this.#store(operand.place, value);
      return { value, place: undefined };
    }
    for (const operator of ['!', '~', '-', '+']) {
      if (!this.#accept(operator)) continue;
      const { value } = this.#unary();
      return { value: applyUnary(operator, value), place: undefined };
    }
    if (this.#peek() === '++' || this.#peek() === '--') {
      this.#at++;
      return {
        value: applyUnary(this.#text[this.#at - 1] as string, this.#unary().value),
        place: undefined,
      };
    }
    return this.#postfix();
  }

  #postfix(): Operand {
    const operand = this.#primary();
    if (operand.place === undefined) return operand;
    for (const [token, by] of [
      ['++', 1n],
      ['--', -1n],
    ] as const) {
      if (!this.#accept(token)) continue;
      this.#store(operand.place, operand.value + by);
      return { value: operand.value, place: undefined };
    }
    return operand;
  }

  #primary(): Operand {
    if (this.#accept('(')) {
      const value = this.#comma();
      if (!this.#accept(')')) this.#fail("missing `)'");
      return { value, place: undefined };
    }
    const number = /^[0-9][0-9a-zA-Z#@_]*/.exec(this.#rest());
    if (number !== null) return this.#number(number[0]);
    const name = /^[A-Za-z_]\w*/.exec(this.#rest());
    if (name === null)
      this.#fail(
        'syntax error: operand expected',
        this.#at < this.#text.length ? this.#at : this.#last,
      );
    this.#at += (name as RegExpExecArray)[0].length;
    return this.#variable((name as RegExpExecArray)[0]);
  }

  #number(text: string): Operand {
    const start = this.#at;
    this.#at += text.length;
    this.#space();
    const value = parseNumber(text);
    if (typeof value === 'string') this.#fail(value, start);
    return { value: value as bigint, place: undefined };
  }

  #variable(name: string): Operand {
    let key: string | undefined;
    if (this.#text[this.#at] === '[') key = this.#subscript(name);
    this.#space();
    const raw = key === undefined ? this.#vars.get(name) : this.#vars.elements(name).get(key);
    const value = raw === undefined || raw === '' ? 0n : this.#recurse(raw);
    return { value, place: { name, key } };
  }

  #recurse(raw: string): bigint {
    const number = parseNumber(raw.trim());
    return typeof number === 'bigint'
      ? number
      : evaluateArithmetic(raw, this.#vars, this.#depth + 1);
  }

  #subscript(name: string): string {
    let depth = 0;
    const start = this.#at + 1;
    for (; this.#at < this.#text.length; this.#at++) {
      if (this.#text[this.#at] === '[') depth++;
      else if (this.#text[this.#at] === ']' && --depth === 0) break;
    }
    const text = this.#text.slice(start, this.#at++);
    if (this.#vars.find(name)?.kind === 'associative') return text;
    return String(evaluateArithmetic(text, this.#vars, this.#depth + 1));
  }

  #apply(operator: string, a: bigint, b: bigint): bigint {
    if ((operator === '/' || operator === '%') && b === 0n) {
      if (this.#dry > 0) return 0n;
      this.#at = this.#text.search(/\S\s*$/);
      this.#fail('division by 0');
    }
    return BigInt.asIntN(64, applyBinary(operator, a, b));
  }
}

function applyUnary(operator: string, value: bigint): bigint {
  switch (operator) {
    case '!':
      return value === 0n ? 1n : 0n;
    case '~':
      return ~value;
    case '-':
      return -value;
    default:
      return value;
  }
}

const bool = (value: boolean): bigint => (value ? 1n : 0n);

const BINARY: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '||': (a, b) => bool(a !== 0n || b !== 0n),
  '&&': (a, b) => bool(a !== 0n && b !== 0n),
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '==': (a, b) => bool(a === b),
  '!=': (a, b) => bool(a !== b),
  '<=': (a, b) => bool(a <= b),
  '>=': (a, b) => bool(a >= b),
  '<': (a, b) => bool(a < b),
  '>': (a, b) => bool(a > b),
  '<<': (a, b) => a << (b & 63n),
  '>>': (a, b) => a >> (b & 63n),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

function applyBinary(operator: string, a: bigint, b: bigint): bigint {
  return (BINARY[operator] as (a: bigint, b: bigint) => bigint)(a, b);
}

/** A number in any of the shell's notations; a text says what is wrong with it. */
function parseNumber(text: string): bigint | string {
  if (/^-?(?:0|[1-9]\d*)$/.test(text)) return BigInt.asIntN(64, BigInt(text));
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return BigInt.asIntN(64, BigInt(text));
  if (/^0[0-7]+$/.test(text)) return BigInt.asIntN(64, BigInt(`0o${text.slice(1)}`));
  const m = /^(\d+)#([0-9a-zA-Z@_]+)$/.exec(text);
  if (m === null) return 'value too great for base';
  const base = Number(m[1]);
  return base < 2 || base > 64 ? 'invalid arithmetic base' : inBase(m[2] as string, base);
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_';

function inBase(digits: string, base: number): bigint | string {
  let value = 0n;
  for (const c of base <= 36 ? digits.toLowerCase() : digits) {
    const digit = DIGITS.indexOf(c);
    if (digit < 0 || digit >= base) return 'value too great for base';
    value = value * BigInt(base) + BigInt(digit);
  }
  return BigInt.asIntN(64, value);
}
