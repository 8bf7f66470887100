import { parseIpv6 } from '@labwire/core/addr';
import { FilterError, FilterSyntaxError } from './filter-error.ts';
import { CONSTANTS, KEYWORDS } from './words.ts';

/** A piece of a filter expression. libpcap scanner.l */
export interface Token {
  /** `id` is a name, `hid` up to four numbers with dots, `hid6` an IPv6 address, `eid` an Ethernet one. */
  readonly kind: 'word' | 'number' | 'op' | 'id' | 'hid' | 'hid6' | 'eid' | 'aid';
  readonly text: string;
  /** Of a number. */
  readonly value: number;
}

const SYMBOL = /^(?:>=|<=|!=|==|<<|>>|&&|\|\||[+\-*/%:[\]!<>()&|^=])/;
const NAME = /^[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/;
const NUMBER = /^(?:0[xX][0-9A-Fa-f]+|[0-9]+)/;
const DOTTED = /^(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]+|[0-9]+)){1,3}/;
const IPV6 = /^(?:[0-9A-Fa-f]{1,4}:|:(?=:))(?::?[0-9A-Fa-f]{0,4}){0,9}(?:(?:\d{1,3}\.){3}\d{1,3})?/;
const ETHER =
  /^(?:[0-9A-Fa-f]{1,2}([:.-])(?:[0-9A-Fa-f]{1,2}\1){4}[0-9A-Fa-f]{1,2}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12})/;
const BOGUS_ETHER = /^[0-9A-Fa-f]{1,2}:+(?:[0-9A-Fa-f]{1,2}:+)+/;
const ESCAPED = /^\\([^ !()\n\t]+)/;
const ARCNET = /^\$[0-9A-Fa-f]{1,2}/;

const SPELLED: Readonly<Record<string, string>> = {
  '==': '=',
  '&&': 'and',
  '||': 'or',
  '!': 'not',
};

/** Cuts an expression into tokens: always the longest that fits. @throws FilterError */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let rest = text.trimStart(); rest !== ''; ) {
    const [token, length] = scan(rest);
    tokens.push(token);
    rest = rest.slice(length).trimStart();
  }
  return tokens;
}

type Kind = Token['kind'] | 'bogus';

/** Rules in the order in which the first of several equally long ones counts. */
const RULES: readonly (readonly [kind: Kind, pattern: RegExp])[] = [
  ['aid', ARCNET],
  ['eid', ETHER],
  ['number', NUMBER],
  ['hid', DOTTED],
  ['hid6', IPV6],
  ['bogus', BOGUS_ETHER],
  ['id', NAME],
  ['op', SYMBOL],
];

function scan(rest: string): readonly [Token, length: number] {
  const escaped = ESCAPED.exec(rest);
  if (escaped !== null)
    return [{ kind: 'id', text: escaped[1] as string, value: 0 }, escaped[0].length];
  let [kind, found]: [Kind, string] = ['op', ''];
  for (const [rule, pattern] of RULES) {
    const match = pattern.exec(rest)?.[0] ?? '';
    if (rule === 'hid6' && parseIpv6(match) === undefined) continue;
    if (match.length > found.length) [kind, found] = [rule, match];
  }
  if (found === '') throw new FilterSyntaxError();
  if (kind === 'bogus') throw new FilterError(`bogus ethernet address ${found}`);
  return [finish(kind, found), found.length];
}

function finish(kind: Token['kind'], text: string): Token {
  if (kind === 'number') return { kind, text, value: numberValue(text) };
  if (kind === 'op') {
    const spelled = SPELLED[text] ?? text;
    return { kind: /^\w/.test(spelled) ? 'word' : 'op', text: spelled, value: 0 };
  }
  if (kind !== 'id') return { kind, text, value: 0 };
  const constant = CONSTANTS[text];
  if (constant !== undefined) return { kind: 'number', text, value: constant };
  const word = Object.hasOwn(KEYWORDS, text) ? KEYWORDS[text] : undefined;
  return word === undefined ? { kind, text, value: 0 } : { kind: 'word', text: word, value: 0 };
}

/** stou() */
function numberValue(text: string): number {
  const octal = /^0\d/.test(text);
  if (octal && /[89]/.test(text)) throw new FilterError(`number ${text} contains non-octal digit`);
  const value = octal ? Number.parseInt(text, 8) : Number(text);
  if (value > 0xffff_ffff) throw new FilterError(`number ${text} overflows 32 bits`);
  return value;
}
