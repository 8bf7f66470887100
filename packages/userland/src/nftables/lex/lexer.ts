import { KEYWORDS, SIGN_WORDS } from './keywords.ts';
import { type Loc, NftError, type Source } from './source.ts';

/** What a token is. */
export type TokenKind =
  | 'word'
  | 'number'
  | 'string'
  | 'quoted'
  | 'asterisk'
  | 'sign'
  | 'newline'
  | 'end'
  | 'junk';

/** A token: `word` a keyword, `string` a name or an address, `number` in `value`. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly value: bigint;
  readonly loc: Loc;
}

const SIGNS = /==|!=|<=|>=|<<|>>|[<>,.:;{}[\]()^&|!/\-*@$=+]/y;
const STRING = /[A-Za-z_.][A-Za-z0-9/\-_.]*/y;
const ASTERISK =
  /(?:[A-Za-z_.][A-Za-z0-9/\-_.]*\\\*[A-Za-z_.][A-Za-z0-9/\-_.]*|[A-Za-z_.][A-Za-z0-9/\-_.]*\\\*|[A-Za-z_.][A-Za-z0-9/\-_.]*\*|\\\*)/y;
const NUMBER = /0[xX][0-9a-fA-F]+|[0-9]+/y;
const TIME = /(?=[0-9])(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?/y;
const MAC = /(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}/y;
const IPV4 = /(?:[0-9]{1,3}\.){3}[0-9]{1,3}/y;
const CLASSID = /[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}(?=[ \t\n:\-},]|$)/y;
const IPV6_RUN = /[0-9a-fA-F]*:[0-9a-fA-F:.]*/y;
const VLAN_NAME = /8021(?:ad|q)/y;
const QUOTED = /"[^"]*"/y;

function match(re: RegExp, text: string, at: number): string {
  re.lastIndex = at;
  return re.exec(text)?.[0] ?? '';
}

const GROUPS = /^[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*$/;

/** Whether a text is an IPv6 address as the scanner knows them. */
function isIpv6(text: string): boolean {
  const mapped = /^::(?:[fF]{4}:)?(?:[0-9]{1,3}\.){3}[0-9]{1,3}$/;
  if (mapped.test(text)) return true;
  const halves = text.split('::');
  const [head = '', tail = ''] = halves;
  const count = (s: string): number => (s === '' ? 0 : s.split(':').length);
  const fine = (s: string): boolean => s === '' || GROUPS.test(s);
  if (!fine(head) || !fine(tail)) return false;
  if (halves.length === 1) return count(head) === 8;
  return halves.length === 2 && count(head) + count(tail) <= 7;
}

/** The longest IPv6 address at a place. */
function ipv6At(text: string, at: number): string {
  const run = match(IPV6_RUN, text, at);
  for (let n = run.length; n > 1; n--) if (isIpv6(run.slice(0, n))) return run.slice(0, n);
  return '';
}

/** Cuts a source into tokens. src/scanner.l */
export class Lexer {
  readonly source: Source;
  #at = 0;

  constructor(source: Source) {
    this.source = source;
  }

  /** The next token. */
  next(): Token {
    this.#skip();
    const { text } = this.source;
    const at = this.#at;
    if (at >= text.length) return this.#token('end', '', at);
    const c = text[at] as string;
    if (c === '\n') return this.#token('newline', '\n', at);
    if (c === '"') return this.#quoted(at);
    const bracketed = c === '[' ? ipv6At(text, at + 1) : '';
    if (bracketed !== '' && text[at + 1 + bracketed.length] === ']')
      return this.#token('string', `[${bracketed}]`, at);
    return this.#longest(at);
  }

  #skip(): void {
    const { text } = this.source;
    for (;;) {
      const c = text[this.#at];
      if (c === ' ' || c === '\t' || c === '\r') this.#at++;
      else if (c === '\\' && text[this.#at + 1] === '\n') this.#at += 2;
      else if (c === '#') {
        const end = text.indexOf('\n', this.#at);
        const lineStart = text.lastIndexOf('\n', this.#at - 1) + 1;
        const whole = text.slice(lineStart, this.#at).trim() === '';
        if (end < 0) this.#at = text.length;
        else this.#at = whole ? end + 1 : end;
      } else return;
    }
  }

  #quoted(at: number): Token {
    const text = match(QUOTED, this.source.text, at);
    if (text === '') return this.#token('junk', '"', at);
    return { ...this.#token('quoted', text, at), text: text.slice(1, -1) };
  }

  /** The longest of what may stand here; of equals the first. */
  #longest(at: number): Token {
    const { text } = this.source;
    const found: (readonly [TokenKind, string])[] = [
      ['sign', match(SIGNS, text, at)],
      ['string', match(VLAN_NAME, text, at)],
      ['string', match(CLASSID, text, at)],
      ['string', match(MAC, text, at)],
      ['string', match(IPV4, text, at)],
      ['string', ipv6At(text, at)],
      ['number', match(NUMBER, text, at)],
      ['string', match(TIME, text, at)],
      ['asterisk', match(ASTERISK, text, at)],
      ['word', match(STRING, text, at)],
    ];
    let best: readonly [TokenKind, string] = ['junk', ''];
    for (const f of found) if (f[1].length > best[1].length) best = f;
    const [kind, s] = best;
    if (kind === 'junk') return this.#token('junk', text[at] as string, at);
    if (kind === 'word') return this.#word(s, at);
    if (kind === 'string' && /^[0-9]+$/.test(s)) return this.#token('number', s, at);
    return this.#token(kind, s, at);
  }

  #word(s: string, at: number): Token {
    const sign = SIGN_WORDS[s];
    if (sign !== undefined) return { ...this.#token('sign', s, at), text: sign };
    return this.#token(KEYWORDS.has(s) ? 'word' : 'string', s, at);
  }

  #token(kind: TokenKind, text: string, at: number): Token {
    this.#at = at + text.length;
    const loc = { source: this.source, from: at, to: Math.max(this.#at, at + 1) };
    return { kind, text, value: kind === 'number' ? BigInt(text) : 0n, loc };
  }
}

/** What a token is called in errors. src/parser_bison.y, %token */
export function tokenName(t: Token, scoped: ReadonlySet<string> | undefined): string {
  switch (t.kind) {
    case 'word':
      return t.text;
    case 'number':
      return 'number';
    case 'string':
      return scoped?.has(t.text) === true ? t.text : 'string';
    case 'quoted':
      return 'quoted string';
    case 'asterisk':
      return 'string with a trailing asterisk';
    case 'newline':
      return 'newline';
    case 'end':
      return 'end of file';
    case 'junk':
      return 'junk';
    case 'sign':
      return SIGN_NAMES[t.text] ?? t.text;
  }
}

const SIGN_NAMES: Readonly<Record<string, string>> = {
  ',': 'comma',
  ':': 'colon',
  ';': 'semicolon',
  '{': "'{'",
  '}': "'}'",
  '[': "'['",
  ']': "']'",
  '(': "'('",
  ')': "')'",
  $: "'$'",
  '=': "'='",
  '|': "'|'",
};

/** `syntax error, unexpected X, expecting A or B`: bison names what it expects if that is at most four. */
export function syntaxError(
  t: Token,
  expecting: readonly string[],
  scoped?: ReadonlySet<string>,
): NftError {
  const list =
    expecting.length > 0 && expecting.length <= 4 ? `, expecting ${expecting.join(' or ')}` : '';
  return new NftError(`syntax error, unexpected ${tokenName(t, scoped)}${list}`, t.loc);
}
