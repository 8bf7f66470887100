import { posixRegExp } from '../grep/index.ts';
import { AwkError } from './ast.ts';

/** A word of an awk program. */
export interface Token {
  readonly t:
    | 'num'
    | 'str'
    | 'regex'
    | 'name'
    | 'func'
    | 'builtin'
    | 'word'
    | 'op'
    | 'newline'
    | 'end';
  readonly text: string;
  readonly line: number;
  readonly re?: RegExp;
}

const WORDS = [
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
];
/** Functions that awk has. */
export const BUILTINS: readonly string[] = [
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'match',
  'sprintf',
  'tolower',
  'toupper',
  'int',
  'sqrt',
  'exp',
  'log',
  'sin',
  'cos',
  'atan2',
  'rand',
  'srand',
  'system',
  'close',
  'fflush',
  'strftime',
  'systime',
  'gensub',
];
const OPERATORS =
  /^(?:\*\*=|\*\*|\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|&&|\|\||>>|!~|[-+*/%^!<>|?:~$=,;(){}[\]])/;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** Cuts a program into words. */
export function lex(text: string): Token[] {
  const out: Token[] = [];
  let at = 0;
  let line = 1;
  const push = (t: Token['t'], value: string, length: number, re?: RegExp) => {
    out.push(re === undefined ? { t, text: value, line } : { t, text: value, line, re });
    at += length;
  };
  while (at < text.length) {
    const rest = text.slice(at);
    const skip = /^(?:[ \t\r]+|#[^\n]*|\\\r?\n)/.exec(rest);
    if (skip !== null) {
      at += skip[0].length;
      if (skip[0].includes('\n')) line++;
    } else if (rest.startsWith('\n')) {
      push('newline', '\n', 1);
      line++;
    } else if (rest.startsWith('"')) {
      const s = quoted(rest, '"', line);
      push('str', unescapeText(s.body), s.length);
    } else if (rest.startsWith('/') && regexMayFollow(out.at(-1))) {
      const s = quoted(rest, '/', line);
      push('regex', s.body, s.length, awkRegExp(s.body));
    } else pushWord(rest, push, line);
  }
  out.push({ t: 'end', text: '', line });
  return out;
}

function pushWord(
  rest: string,
  push: (t: Token['t'], value: string, length: number) => void,
  line: number,
): void {
  const number = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(rest);
  const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
  const operator = OPERATORS.exec(rest)?.[0];
  if (number !== null) push('num', number[0], number[0].length);
  else if (name !== undefined) {
    if (WORDS.includes(name)) push('word', name, name.length);
    else if (BUILTINS.includes(name)) push('builtin', name, name.length);
    else push(rest[name.length] === '(' ? 'func' : 'name', name, name.length);
  } else if (operator !== undefined) push('op', operator, operator.length);
  else throw new AwkError(`syntax error at or near ${rest[0]}`, line);
}

/** After an operand a slash divides. */
function regexMayFollow(last: Token | undefined): boolean {
  if (last === undefined) return true;
  if (last.t === 'num' || last.t === 'str' || last.t === 'name' || last.t === 'builtin')
    return false;
  return !(last.t === 'op' && [')', ']', '$', '++', '--'].includes(last.text));
}

function quoted(rest: string, quote: string, line: number): { body: string; length: number } {
  for (let i = 1, inSet = false; i < rest.length; i++) {
    const c = rest[i];
    if (c === '\\') i++;
    else if (quote === '/' && c === '[') inSet = true;
    else if (quote === '/' && c === ']') inSet = false;
    else if (c === quote && !inSet) return { body: rest.slice(1, i), length: i + 1 };
    else if (c === '\n') break;
  }
  throw new AwkError(
    quote === '"'
      ? `runaway string constant ${rest.slice(0, 20)} ...`
      : 'regular expression compile failed (missing operand)',
    line,
  );
}

/** Puts in place of a string's escapes what they stand for. */
export function unescapeText(text: string): string {
  return text.replace(/\\([0-7]{1,3}|[\s\S])/g, (_, c: string) => {
    if (/^[0-7]/.test(c)) return String.fromCharCode(Number.parseInt(c, 8));
    return ESCAPES[c] ?? `\\${c}`;
  });
}

const cache = new Map<string, RegExp>();

/** The regular expression of an awk text, for every occurrence. @throws AwkError */
export function awkRegExp(source: string): RegExp {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const text = source
    .replace(/\\\//g, '/')
    .replace(/\\"/g, '"')
    .replace(/\\t/g, '\t')
    .replace(/\\n/g, '\n');
  const regexp = posixRegExp(text, { extended: true, global: true });
  if (typeof regexp === 'string')
    throw new AwkError(`regular expression compile failed (${regexp})\n${source}`);
  if (cache.size > 500) cache.clear();
  cache.set(source, regexp);
  return regexp;
}
