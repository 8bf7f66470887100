import { posixRegExp } from '../grep/posix-regexp.ts';
import type { Program } from '../machine/index.ts';
import { quote, ToolError, tool, UsageError } from './tool.ts';

/** Exit status of a bad expression. EXPR_INVALID */
const INVALID = 2;

/** expr(1). */
export const expr: Program = tool(
  { name: 'expr', letters: '', plain: true, usageStatus: INVALID },
  async (proc, _, operands) => {
    const words = [...operands];
    if (words[0] === '--') words.shift();
    if (words.length === 0) throw new UsageError('missing operand');
    const value = new Evaluation(words).whole();
    await proc.out(`${value}\n`);
    return isNull(value) ? 1 : 0;
  },
);

function isNull(value: string): boolean {
  return value === '' || /^-?0+$/.test(value);
}

function isInteger(value: string): boolean {
  return /^-?\d+$/.test(value);
}

function invalid(message: string): ToolError {
  return new ToolError(message, INVALID);
}

/** One expression, evaluated as it is read; operators of a level go from left to right. GNU coreutils src/expr.c */
class Evaluation {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  whole(): string {
    const value = this.#or();
    if (this.#at < this.#words.length)
      throw invalid(`syntax error: unexpected argument ${quote(this.#words[this.#at] as string)}`);
    return value;
  }

  /** Takes the next word if it is one of these. */
  #next(operators: readonly string[]): string | undefined {
    const word = this.#words[this.#at];
    if (word === undefined || !operators.includes(word)) return undefined;
    this.#at++;
    return word;
  }

  #operand(): string {
    const word = this.#words[this.#at];
    if (word === undefined)
      throw invalid(
        `syntax error: missing argument after ${quote(this.#words[this.#at - 1] ?? '')}`,
      );
    this.#at++;
    return word;
  }

  #or(): string {
    let left = this.#and();
    while (this.#next(['|']) !== undefined) {
      const right = this.#and();
      if (isNull(left)) left = isNull(right) ? '0' : right;
    }
    return left;
  }

  #and(): string {
    let left = this.#comparison();
    while (this.#next(['&']) !== undefined) {
      const right = this.#comparison();
      if (isNull(left) || isNull(right)) left = '0';
    }
    return left;
  }

  #comparison(): string {
    let left = this.#sum();
    for (;;) {
      const operator = this.#next(['<', '<=', '=', '==', '!=', '>=', '>']);
      if (operator === undefined) return left;
      left = compares(left, this.#sum(), operator) ? '1' : '0';
    }
  }

  #sum(): string {
    let left = this.#product();
    for (;;) {
      const operator = this.#next(['+', '-']);
      if (operator === undefined) return left;
      left = reckon(left, this.#product(), operator);
    }
  }

  #product(): string {
    let left = this.#match();
    for (;;) {
      const operator = this.#next(['*', '/', '%']);
      if (operator === undefined) return left;
      left = reckon(left, this.#match(), operator);
    }
  }

  #match(): string {
    let left = this.#function();
    while (this.#next([':']) !== undefined) left = matches(left, this.#function());
    return left;
  }

  #function(): string {
    switch (this.#next(['+', 'length', 'match', 'index', 'substr'])) {
      case '+':
        return this.#operand();
      case 'length':
        return String([...this.#function()].length);
      case 'match': {
        const text = this.#function();
        return matches(text, this.#function());
      }
      case 'index': {
        const [text, set] = [[...this.#function()], new Set(this.#function())];
        return String(text.findIndex((c) => set.has(c)) + 1);
      }
      case 'substr': {
        const text = [...this.#function()];
        const [from, length] = [this.#function(), this.#function()];
        return isInteger(from) && isInteger(length) ? part(text, Number(from), Number(length)) : '';
      }
      default:
        return this.#primary();
    }
  }

  #primary(): string {
    if (this.#next(['(']) === undefined) {
      const word = this.#operand();
      if (word === ')') throw invalid("syntax error: unexpected ')'");
      return word;
    }
    const value = this.#or();
    if (this.#next([')']) !== undefined) return value;
    const [last, found] = [this.#words[this.#at - 1] ?? '', this.#words[this.#at]];
    throw invalid(
      found === undefined
        ? `syntax error: expecting ')' after ${quote(last)}`
        : `syntax error: expecting ')' instead of ${quote(found)}`,
    );
  }
}

function part(text: readonly string[], from: number, length: number): string {
  return from < 1 || length < 1 ? '' : text.slice(from - 1, from - 1 + length).join('');
}

function compares(a: string, b: string, operator: string): boolean {
  const numbers = isInteger(a) && isInteger(b);
  const order = numbers ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '!=':
      return order !== 0;
    default:
      return order === 0;
  }
}

function reckon(a: string, b: string, operator: string): string {
  if (!isInteger(a) || !isInteger(b)) throw invalid('non-integer argument');
  const [x, y] = [BigInt(a), BigInt(b)];
  if ((operator === '/' || operator === '%') && y === 0n) throw invalid('division by zero');
  switch (operator) {
    case '+':
      return String(x + y);
    case '-':
      return String(x - y);
    case '*':
      return String(x * y);
    case '/':
      return String(x / y);
    default:
      return String(x % y);
  }
}

/** What the group matched, or how many characters if there is none. */
function matches(text: string, pattern: string): string {
  const re = posixRegExp(pattern);
  if (typeof re === 'string') throw invalid(re);
  const found = new RegExp(`^(?:${re.source})`, re.flags.replace('g', '')).exec(text);
  const hasGroup = /\\\(/.test(pattern);
  if (found === null) return hasGroup ? '' : '0';
  return hasGroup ? (found[1] ?? '') : String([...found[0]].length);
}
