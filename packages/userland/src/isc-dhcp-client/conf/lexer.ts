/** A piece of a configuration or lease file. */
export interface Token {
  readonly kind: 'word' | 'string' | 'mark' | 'end';
  readonly text: string;
  readonly line: number;
}

/** What is wrong with a file, and where. */
export class ConfError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

const WORD = /[A-Za-z0-9_./-]/;

/** Reads a file of dhclient word by word. common/conflex.c */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #peeked: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): Token {
    this.#peeked ??= this.#read();
    return this.#peeked;
  }

  next(): Token {
    const token = this.peek();
    this.#peeked = undefined;
    return token;
  }

  /** Takes a mark. @throws ConfError */
  expect(mark: string, complaint: string): void {
    const token = this.next();
    if (token.kind !== 'mark' || token.text !== mark) throw new ConfError(complaint, token.line);
  }

  /** Whether a mark comes next; takes it if so. */
  accept(mark: string): boolean {
    const token = this.peek();
    if (token.kind !== 'mark' || token.text !== mark) return false;
    this.next();
    return true;
  }

  /** Goes behind the end of a statement that could not be read. skip_to_semi() */
  skipStatement(): void {
    let depth = 0;
    for (;;) {
      const { kind, text } = this.peek();
      if (kind === 'end') return;
      if (kind === 'mark' && text === '}' && depth === 0) return;
      this.next();
      if (kind !== 'mark') continue;
      if (text === '{') depth++;
      if (text === '}' && --depth === 0) return;
      if (text === ';' && depth === 0) return;
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const c = this.#text[this.#at];
      if (c === '#')
        while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at++;
      else if (c !== undefined && /\s/.test(c)) {
        if (c === '\n') this.#line++;
        this.#at++;
      } else return;
    }
  }

  #read(): Token {
    this.#skipBlanks();
    const line = this.#line;
    const c = this.#text[this.#at];
    if (c === undefined) return { kind: 'end', text: '', line };
    if (c === '"') return { kind: 'string', text: this.#string(), line };
    if (!WORD.test(c)) {
      this.#at++;
      return { kind: 'mark', text: c, line };
    }
    const start = this.#at;
    while (WORD.test(this.#text[this.#at] ?? '')) this.#at++;
    return { kind: 'word', text: this.#text.slice(start, this.#at), line };
  }

  #string(): string {
    let text = '';
    this.#at++;
    for (;;) {
      const c = this.#text[this.#at++];
      if (c === undefined || c === '\n') throw new ConfError('unterminated string', this.#line);
      if (c === '"') return text;
      if (c !== '\\') text += c;
      else text += this.#escape();
    }
  }

  #escape(): string {
    const octal = /^[0-7]{3}/.exec(this.#text.slice(this.#at));
    if (octal !== null) {
      this.#at += 3;
      return String.fromCharCode(Number.parseInt(octal[0], 8));
    }
    const c = this.#text[this.#at++] ?? '';
    return ({ n: '\n', t: '\t', r: '\r', b: '\b' } as const)[c as 'n'] ?? c;
  }
}
