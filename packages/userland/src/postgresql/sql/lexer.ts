import { SqlError } from './value.ts';

/** One word of a statement, and where it stands. */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'operator' | 'end';
  /** Words in small letters unless quoted. */
  readonly text: string;
  readonly raw: string;
  readonly at: number;
  readonly quoted: boolean;
}

const PATTERN =
  /\s+|--[^\n]*|(?<word>[A-Za-z_][\w$]*)|"(?<quoted>(?:[^"]|"")*)"|(?<number>\d+(?:\.\d*)?|\.\d+)|'(?<string>(?:[^']|'')*)'|(?<operator><=|>=|<>|!=|\|\||::|[-+*/%=<>(),.;])/y;

/** Cuts statements into words. @throws SqlError */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    PATTERN.lastIndex = at;
    const found = PATTERN.exec(sql);
    if (found === null) throw stray(sql, at);
    const raw = found[0];
    const { word, quoted, number, string, operator } = found.groups as Record<string, string>;
    const add = (kind: Token['kind'], text: string, isQuoted = false) =>
      tokens.push({ kind, text, raw, at, quoted: isQuoted });
    if (word !== undefined) add('word', word.toLowerCase());
    else if (quoted !== undefined) add('word', quoted.replaceAll('""', '"'), true);
    else if (number !== undefined) add('number', number);
    else if (string !== undefined) add('string', string.replaceAll("''", "'"));
    else if (operator !== undefined) add('operator', operator);
    at += raw.length;
  }
  tokens.push({ kind: 'end', text: '', raw: '', at: sql.length, quoted: false });
  return tokens;
}

function stray(sql: string, at: number): SqlError {
  const char = sql[at] as string;
  if (char === "'")
    return new SqlError('42601', `unterminated quoted string at or near "${sql.slice(at)}"`, at);
  return new SqlError('42601', `syntax error at or near "${char}"`, at);
}
