import { ConfError } from './conf-error.ts';

/** Where a directive stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** ` in FILE:LINE`, as nginx ends its messages; the options of `-g` have no lines. */
export function inPlace(place: Place): string {
  return place.line === 0 ? ' in command line' : ` in ${place.file}:${place.line}`;
}

/** What {@link Lexer.next} finds: words up to `;`, words up to `{`, a `}`, or the end. ngx_conf_read_token() */
export type Token =
  | { readonly kind: 'directive'; readonly words: readonly string[]; readonly place: Place }
  | { readonly kind: 'block'; readonly words: readonly string[]; readonly place: Place }
  | { readonly kind: 'close'; readonly place: Place }
  | { readonly kind: 'end'; readonly place: Place };

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' };

/** Cuts a configuration file into directives. nginx src/core/ngx_conf_file.c */
export class Lexer {
  readonly #text: string;
  readonly #file: string;
  readonly #commandLine: boolean;
  #at = 0;
  #line = 1;

  constructor(text: string, file: string, commandLine = false) {
    this.#text = text;
    this.#file = file;
    this.#commandLine = commandLine;
  }

  get #place(): Place {
    return { file: this.#file, line: this.#commandLine ? 0 : this.#line };
  }

  #fail(message: string): never {
    throw new ConfError(`${message}${inPlace(this.#place)}`);
  }

  /** @throws ConfError */
  next(): Token {
    const words: string[] = [];
    for (;;) {
      this.#skipBlanks();
      const char = this.#text[this.#at];
      if (char === undefined) {
        if (words.length > 0) this.#fail('unexpected end of file, expecting ";" or "}"');
        return { kind: 'end', place: this.#place };
      }
      if (char === ';' || char === '{') {
        if (words.length === 0) this.#fail(`unexpected "${char}"`);
        this.#at++;
        return { kind: char === ';' ? 'directive' : 'block', words, place: this.#place };
      }
      if (char === '}') {
        if (words.length > 0) this.#fail('unexpected "}"');
        this.#at++;
        return { kind: 'close', place: this.#place };
      }
      words.push(char === '"' || char === "'" ? this.#quoted(char) : this.#bare());
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === '\n') this.#line++;
      if (char === '#') {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else if (char !== undefined && /\s/.test(char)) this.#at++;
      else return;
    }
  }

  /** A backslash keeps its character; of letters, only t, r and n mean something else. */
  #escape(): string {
    const char = this.#text[this.#at + 1] ?? '';
    this.#at += 2;
    if (char === '\n') this.#line++;
    if (char === '"' || char === "'" || char === '\\') return char;
    return ESCAPES[char] ?? `\\${char}`;
  }

  #quoted(quote: string): string {
    let word = '';
    this.#at++;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) this.#fail('unexpected end of file, expecting ";" or "}"');
      if (char === '\\') {
        word += this.#escape();
        continue;
      }
      this.#at++;
      if (char === quote) break;
      if (char === '\n') this.#line++;
      word += char;
    }
    const after = this.#text[this.#at];
    if (after !== undefined && !/[\s;{)]/.test(after)) this.#fail(`unexpected "${after}"`);
    return word;
  }

  #bare(): string {
    let word = '';
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || /[\s;]/.test(char)) return word;
      if (char === '\\') {
        word += this.#escape();
        continue;
      }
      if (char === '{' && !word.endsWith('$')) return word;
      word += char;
      this.#at++;
      if (char === '{') word += this.#variableName();
    }
  }

  /** The rest of `${name}`. */
  #variableName(): string {
    const end = this.#text.indexOf('}', this.#at);
    const stop = end < 0 ? this.#text.length : end + 1;
    const name = this.#text.slice(this.#at, stop);
    this.#at = stop;
    return name;
  }
}
