import type { Parser } from './parser.ts';
import { isNumber, Oid, SqlError, type Value } from './value.ts';

/** What an expression may ask of the session it is in. */
export interface Scope {
  /** Columns of the row at hand. */
  readonly row: ReadonlyMap<string, Value> | undefined;
  call(name: string, at: number): Value;
}

/** An expression that can be worked out, and what its column is called. */
export interface Expression {
  readonly name: string;
  readonly isAggregate: boolean;
  evaluate(scope: Scope): Value;
}

/** Operators by how tightly they bind. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['=', '<', '>', '<=', '>=', '<>', '!='],
  ['||'],
  ['+', '-'],
  ['*', '/', '%'],
];

const NULL: Value = { type: Oid.text, text: null };
const UNNAMED = '?column?';

function plain(name: string, evaluate: (scope: Scope) => Value): Expression {
  return { name, isAggregate: false, evaluate };
}

/** Reads an expression. @throws SqlError */
export function readExpression(p: Parser, level = 0): Expression {
  if (level === LEVELS.length) return readPrimary(p);
  let left = readExpression(p, level + 1);
  for (;;) {
    const token = p.peek();
    if (token.quoted || token.kind === 'string' || !LEVELS[level]?.includes(token.text))
      return left;
    p.next();
    const [a, b] = [left, readExpression(p, level + 1)];
    left = plain(UNNAMED, (scope) =>
      operate(token.text, a.evaluate(scope), b.evaluate(scope), token.at),
    );
  }
}

function readPrimary(p: Parser): Expression {
  const token = p.next();
  if (token.kind === 'number') {
    const type = token.text.includes('.') ? Oid.numeric : Oid.int4;
    return plain(UNNAMED, () => ({ type, text: token.text }));
  }
  if (token.kind === 'string')
    return cast(
      p,
      plain(UNNAMED, () => ({ type: Oid.text, text: token.text })),
    );
  if (token.text === '(') {
    const inner = readExpression(p);
    p.expect(')');
    return inner;
  }
  if (token.text === '-' && token.kind === 'operator') {
    const inner = readPrimary(p);
    return plain(UNNAMED, (scope) =>
      operate('-', { type: Oid.int4, text: '0' }, inner.evaluate(scope), token.at),
    );
  }
  if (token.kind !== 'word') throw p.unexpected(token);
  if (!token.quoted) {
    if (token.text === 'null') return plain(UNNAMED, () => NULL);
    if (token.text === 'true' || token.text === 'false')
      return plain(token.text === 'true' ? UNNAMED : UNNAMED, () => ({
        type: Oid.bool,
        text: token.text === 'true' ? 't' : 'f',
      }));
    if (token.text === 'not') {
      const inner = readExpression(p, 2);
      return plain(UNNAMED, (scope) => bool(inner.evaluate(scope).text !== 't'));
    }
    if (['current_user', 'session_user', 'user'].includes(token.text))
      return plain(token.text, (scope) => scope.call(token.text, token.at));
  }
  return p.take('(') ? readCall(p, token.text, token.at) : readColumn(token.text, token.at);
}

function cast(p: Parser, inner: Expression): Expression {
  if (!p.take('::')) return inner;
  const type = p.typeName();
  return plain(UNNAMED, (scope) => ({ type, text: inner.evaluate(scope).text }));
}

function readCall(p: Parser, name: string, at: number): Expression {
  if (name === 'count') {
    p.expect('*');
    p.expect(')');
    return { name, isAggregate: true, evaluate: () => NULL };
  }
  p.expect(')');
  return plain(name, (scope) => scope.call(name, at));
}

function readColumn(name: string, at: number): Expression {
  return plain(name, ({ row }) => {
    const value = row?.get(name);
    if (value !== undefined) return value;
    throw new SqlError('42703', `column "${name}" does not exist`, at);
  });
}

function bool(value: boolean): Value {
  return { type: Oid.bool, text: value ? 't' : 'f' };
}

function operate(op: string, a: Value, b: Value, at: number): Value {
  if (op === 'and') return bool(a.text === 't' && b.text === 't');
  if (op === 'or') return bool(a.text === 't' || b.text === 't');
  if (a.text === null || b.text === null) return { ...NULL, type: a.type };
  if (op === '||') return { type: Oid.text, text: a.text + b.text };
  const numbers = isNumber(a.type) || isNumber(b.type);
  if (LEVELS[2]?.includes(op)) return bool(compare(op, a.text, b.text, numbers));
  return arithmetic(op, a, b, at);
}

function compare(op: string, a: string, b: string, numbers: boolean): boolean {
  const order = numbers ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
  switch (op) {
    case '=':
      return order === 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
    default:
      return order !== 0;
  }
}

const INT4_MAX = 2_147_483_647;

function arithmetic(op: string, a: Value, b: Value, at: number): Value {
  const [x, y] = [integer(a, at), integer(b, at)];
  if ((op === '/' || op === '%') && y === 0) throw new SqlError('22012', 'division by zero');
  const results: Record<string, number> = {
    '+': x + y,
    '-': x - y,
    '*': x * y,
    '/': Math.trunc(x / y),
    '%': x % y,
  };
  const result = results[op] as number;
  if (Math.abs(result) > INT4_MAX) throw new SqlError('22003', 'integer out of range');
  return { type: Oid.int4, text: String(result) };
}

/** @deviation arithmetic is of whole numbers alone */
function integer({ type, text }: Value, at: number): number {
  if (/^-?\d+$/.test(text ?? '')) return Number(text);
  if (type === Oid.text)
    throw new SqlError('22P02', `invalid input syntax for type integer: "${text}"`, at);
  throw new SqlError('0A000', 'arithmetic of fractions is not supported by Labwire', at);
}
