import { ExpansionError } from '../control.ts';
import { type Piece, patternSource } from './pattern.ts';

/** `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`. */
export function removeMatch(value: string, operator: string, pattern: readonly Piece[]): string {
  const whole = new RegExp(`^(?:${patternSource(pattern)})$`, 's');
  const longest = operator.length === 2;
  for (let n = 0; n <= value.length; n++) {
    const length = longest ? value.length - n : n;
    const at = operator.startsWith('#') ? length : value.length - length;
    const piece = operator.startsWith('#') ? value.slice(0, at) : value.slice(at);
    if (whole.test(piece)) return operator.startsWith('#') ? value.slice(at) : value.slice(0, at);
  }
  return value;
}

/** `${x/p/r}`, `${x//p/r}`, `${x/#p/r}`, `${x/%p/r}`. */
export function replaceMatch(
  value: string,
  operator: string,
  pattern: readonly Piece[],
  replacement: string,
): string {
  const source = patternSource(pattern);
  if (source === '')
    return operator === '/#'
      ? replacement + value
      : operator === '/%'
        ? value + replacement
        : value;
  const anchored =
    operator === '/#' ? `^(?:${source})` : operator === '/%' ? `(?:${source})$` : source;
  const all = operator === '//';
  return value.replace(new RegExp(anchored, all ? 'gs' : 's'), (match, ...rest) => {
    const offset = rest.find((r) => typeof r === 'number') as number;
    return match === '' && all && offset > 0 ? '' : replacement;
  });
}

/** `${x^p}`, `${x^^p}`, `${x,p}`, `${x,,p}`. */
export function changeCase(
  value: string,
  operator: string,
  pattern: readonly Piece[] | undefined,
): string {
  const one = new RegExp(`^(?:${pattern === undefined ? '.' : patternSource(pattern)})$`, 's');
  const change = (c: string) => {
    if (!one.test(c)) return c;
    return operator.startsWith('^') ? c.toUpperCase() : c.toLowerCase();
  };
  if (operator.length === 2) return [...value].map(change).join('');
  const [first = '', ...rest] = [...value];
  return change(first) + rest.join('');
}

/** `${x:offset:length}` of a text. */
export function sliceText(value: string, offset: number, length: number | undefined): string {
  const from = offset < 0 ? value.length + offset : offset;
  if (from < 0 || from > value.length) return '';
  if (length === undefined) return value.slice(from);
  const to = length < 0 ? value.length + length : from + length;
  if (to < from) throw new ExpansionError(`${length}: substring expression < 0`);
  return value.slice(from, to);
}

/** `${a[@]:offset:length}`. */
export function sliceList(
  list: readonly string[],
  offset: number,
  length: number | undefined,
): string[] {
  const from = offset < 0 ? list.length + offset : offset;
  if (from < 0) return [];
  if (length !== undefined && length < 0)
    throw new ExpansionError(`${length}: substring expression < 0`);
  return list.slice(from, length === undefined ? undefined : from + length);
}

/** `${x@Q}` and its like. @throws ExpansionError for one that is not known */
export function transform(value: string, operator: string): string {
  switch (operator) {
    case 'Q':
      return quoteAlways(value);
    case 'U':
      return value.toUpperCase();
    case 'L':
      return value.toLowerCase();
    case 'u':
      return changeCase(value, '^', undefined);
    case 'E':
      return ansiC(value);
    default:
      throw new ExpansionError(`\${...@${operator}}: bad substitution`);
  }
}

function ansiC(value: string): string {
  const names: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    a: '\x07',
    b: '\b',
    e: '\x1b',
    f: '\f',
    v: '\v',
  };
  return value.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/gs, (_, c: string) => {
    if (c.startsWith('x') && c.length > 1)
      return String.fromCharCode(Number.parseInt(c.slice(1), 16));
    if (/^[0-7]/.test(c)) return String.fromCharCode(Number.parseInt(c, 8));
    return names[c] ?? c;
  });
}

/** A text in single quotes, as `${x@Q}` and `declare -p` need it. */
export function quoteAlways(text: string): string {
  if (hasControl(text)) return `$'${escapeControl(text)}'`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text quoted as `printf %q` and `set -x` do: only if it needs it. */
export function quoteIfNeeded(text: string): string {
  if (text === '') return "''";
  if (hasControl(text)) return `$'${escapeControl(text)}'`;
  return text.replace(/[^\w@%+=:,./-]/g, (c) => (c > '~' ? c : `\\${c}`));
}

/** A text quoted as `set -x` shows it. */
export function quoteTrace(text: string): string {
  if (text === '') return "''";
  if (hasControl(text)) return `$'${escapeControl(text)}'`;
  return /^[\w@%+:,./=^{}-]+$/.test(text) || text > '~' ? text : quoteAlways(text);
}

function hasControl(text: string): boolean {
  for (const c of text) if (c < ' ' || c === '\x7f') return true;
  return false;
}

function escapeControl(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '\n': '\\n',
    '\t': '\\t',
    '\r': '\\r',
    '\x1b': '\\E',
    '\x07': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\v': '\\v',
    "'": "\\'",
    '\\': '\\\\',
  };
  let out = '';
  for (const c of text)
    out +=
      names[c] ??
      (c < ' ' || c === '\x7f' ? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}` : c);
  return out;
}
