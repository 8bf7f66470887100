import { FilterError, SYNTAX_ERROR } from './filter-error.ts';

/** A piece of a filter expression. */
export interface Token {
  readonly kind: 'word' | 'number' | 'op';
  readonly text: string;
  /** Written with a backslash: no keyword. */
  readonly escaped: boolean;
}

const OPERATORS = /^(?:&&|\|\||<<|>>|<=|>=|!=|==|[!()[\]<>=+\-*/%&|^:])/;
const ADDRESS =
  /^(?:[0-9a-fA-F]{1,2}(?:[:-][0-9a-fA-F]{1,2}){5}(?![0-9a-fA-F:])|[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:\/\d+)?|\d+(?:\.\d+){1,3}(?:\/\d+)?|0[xX][0-9a-fA-F]+(?![\w.])|\d+(?![\w.-]))/;
const NAME = /^[A-Za-z0-9_](?:[\w.-]*\w)?/;

/** Cuts an expression into tokens; within brackets names, numbers and colons stand alone. pcap-filter(7) */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let rest = text;
  let depth = 0;
  for (;;) {
    rest = rest.trimStart();
    if (rest === '') return tokens;
    const escaped = rest.startsWith('\\');
    if (escaped) rest = rest.slice(1);
    const inBrackets = depth > 0;
    const number = inBrackets ? /^(?:0[xX][0-9a-fA-F]+|\d+)/.exec(rest) : ADDRESS.exec(rest);
    const name = NAME.exec(rest);
    const op = OPERATORS.exec(rest);
    const longer =
      !inBrackets &&
      name !== null &&
      number !== null &&
      name[0].length > number[0].length &&
      !number[0].includes('/');
    if (number !== null && !longer) {
      const isNumber = /^(?:0[xX][0-9a-fA-F]+|\d+)$/.test(number[0]);
      tokens.push({ kind: isNumber ? 'number' : 'word', text: number[0], escaped });
      rest = rest.slice(number[0].length);
    } else if (name !== null) {
      const word = inBrackets ? (/^[A-Za-z][\w-]*/.exec(rest)?.[0] ?? name[0]) : name[0];
      tokens.push({ kind: /^\d+$/.test(word) ? 'number' : 'word', text: word, escaped });
      rest = rest.slice(word.length);
    } else if (op !== null) {
      if (op[0] === '[') depth++;
      if (op[0] === ']') depth--;
      tokens.push({ kind: 'op', text: op[0], escaped: false });
      rest = rest.slice(op[0].length);
    } else throw new FilterError(SYNTAX_ERROR);
  }
}
