/** The tokens of a text with a look ahead, the variables that are defined, and where a syntax error is thrown. */
import {
  Lexer,
  type Loc,
  NftError,
  SCOPED_KEYWORDS,
  type Source,
  span,
  syntaxError,
  type Token,
} from '../lex/index.ts';
import type { Node } from './ast.ts';

/** Reads a file for `include`. @returns its text, undefined if there is none */
export type Includer = (pattern: string) => readonly Source[] | undefined;

/** Names defined in one block and those around it. */
class Scope {
  readonly names: Map<string, Node>;
  readonly outer: Scope | undefined;

  constructor(outer: Scope | undefined, names: Map<string, Node> = new Map()) {
    this.outer = outer;
    this.names = names;
  }

  find(name: string): Node | undefined {
    return this.names.get(name) ?? this.outer?.find(name);
  }
}

/** A stream of tokens. */
export class Tokens {
  #lexers: Lexer[];
  #ahead: Token[] = [];
  #last: Token | undefined;
  #scope: Scope;
  /** The words that are tokens where the parser is. */
  words: ReadonlySet<string> | undefined;
  readonly include: Includer;

  /** @param defines variables; what the text defines outside of blocks is added to them */
  constructor(source: Source, include: Includer, defines: Map<string, Node> = new Map()) {
    this.#lexers = [new Lexer(source)];
    this.include = include;
    this.#scope = new Scope(undefined, defines);
  }

  #fetch(): Token {
    const lexer = this.#lexers.at(-1) as Lexer;
    const t = lexer.next();
    if (t.kind === 'end' && this.#lexers.length > 1) {
      this.#lexers.pop();
      return this.#fetch();
    }
    return t;
  }

  /** Goes on with another text, then here again. */
  push(source: Source): void {
    if (this.#lexers.length > 16) throw new NftError('Include nested too deeply, max 16 levels');
    this.#ahead = [];
    this.#lexers.push(new Lexer(source));
  }

  /** The token that is `n` ahead. */
  peek(n = 0): Token {
    while (this.#ahead.length <= n) this.#ahead.push(this.#fetch());
    return this.#ahead[n] as Token;
  }

  /** Takes the next token. */
  next(): Token {
    const t = this.peek();
    this.#ahead.shift();
    this.#last = t;
    return t;
  }

  /** The place of the last token taken. */
  get lastLoc(): Loc {
    return (this.#last as Token).loc;
  }

  /** From a place to the last token taken. */
  since(from: Loc): Loc {
    return span(from, this.lastLoc);
  }

  /** Whether the next token is a word or sign. */
  at(...texts: readonly string[]): boolean {
    const t = this.peek();
    return t.kind !== 'quoted' && t.kind !== 'number' && t.kind !== 'end' && texts.includes(t.text);
  }

  /** Whether the token after the next is one of these. */
  after(...texts: readonly string[]): boolean {
    const t = this.peek(1);
    return t.kind !== 'quoted' && t.kind !== 'number' && texts.includes(t.text);
  }

  /** Takes the next token if it is this word or sign. */
  take(text: string): boolean {
    if (!this.at(text)) return false;
    this.next();
    return true;
  }

  /** Takes one of these, or fails. */
  want(...texts: readonly string[]): Token {
    if (!this.at(...texts)) this.fail(...texts.map(quoteSign));
    return this.next();
  }

  /** A name. */
  identifier(): Token {
    if (this.peek().kind !== 'string') this.fail('string');
    return this.next();
  }

  /** A name, or a text in quotes. */
  string(): Token {
    if (!['string', 'quoted', 'asterisk'].includes(this.peek().kind)) {
      this.fail('string', 'quoted string', 'string with a trailing asterisk');
    }
    return this.next();
  }

  /** A number. */
  number(...expecting: readonly string[]): number {
    if (this.peek().kind !== 'number')
      this.fail(...(expecting.length > 0 ? expecting : ['number']));
    return Number(this.next().value);
  }

  /** @throws NftError syntax error at the next token */
  fail(...expecting: readonly string[]): never {
    throw syntaxError(this.peek(), expecting, this.words);
  }

  /** Runs with other words being tokens. */
  within<T>(words: string, run: () => T): T {
    const before = this.words;
    this.words = SCOPED_KEYWORDS[words];
    const got = run();
    this.words = before;
    return got;
  }

  /** Takes newlines. */
  newlines(): void {
    while (this.peek().kind === 'newline') this.next();
  }

  /** Whether the next token ends a line. */
  get atSeparator(): boolean {
    const t = this.peek();
    return t.kind === 'newline' || (t.kind === 'sign' && t.text === ';');
  }

  /** Takes newlines and semicolons. */
  separators(): void {
    while (this.atSeparator) this.next();
  }

  /** Opens a block of variables. */
  openScope(): void {
    this.#scope = new Scope(this.#scope);
  }

  /** Closes it. */
  closeScope(): void {
    this.#scope = this.#scope.outer ?? this.#scope;
  }

  /** `define`, `redefine` @throws NftError */
  define(name: Token, value: Node, again: boolean): void {
    if (!again && this.#scope.find(name.text) !== undefined)
      throw new NftError(`redefinition of symbol '${name.text}'`, name.loc);
    this.#scope.names.set(name.text, value);
  }

  /** `undefine` @throws NftError */
  undefine(name: Token): void {
    if (!this.#scope.names.delete(name.text))
      throw new NftError(`undefined symbol '${name.text}'`, name.loc);
  }

  /** `$NAME` @throws NftError */
  variable(): Node {
    const sign = this.want('$');
    const name = this.identifier();
    const value = this.#scope.find(name.text);
    const loc = span(sign.loc, name.loc);
    if (value === undefined) throw new NftError(`unknown identifier '${name.text}'`, name.loc);
    return { ...value, loc };
  }
}

function quoteSign(text: string): string {
  const names: Readonly<Record<string, string>> = {
    ',': 'comma',
    ':': 'colon',
    ';': 'semicolon',
  };
  return names[text] ?? (/^[{}[\]()$=|]$/.test(text) ? `'${text}'` : text);
}
