/** Which of the POSIX grammars a regular expression is in, and how it compares. */
export interface RegExpOptions {
  /** ERE rather than BRE. */
  readonly extended?: boolean;
  readonly ignoreCase?: boolean;
  /** Every occurrence. */
  readonly global?: boolean;
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
};

/**
 * Makes a JavaScript regular expression of a POSIX one with GNU's extensions. POSIX 9, GNU regex
 * @deviation of several alternatives that match at one place the first is taken, not the longest
 * @returns the words of GNU regcomp's error if it is none
 */
export function posixRegExp(source: string, options: RegExpOptions = {}): RegExp | string {
  const converted = new Converter(source, options.extended === true).run();
  if (typeof converted !== 'object') return converted;
  const flags = `s${options.ignoreCase === true ? 'i' : ''}${options.global === true ? 'g' : ''}`;
  try {
    return new RegExp(converted.source, flags);
  } catch {
    return 'Invalid preceding regular expression';
  }
}

class Converter {
  readonly #text: string;
  readonly #extended: boolean;
  #at = 0;
  #out = '';
  #depth = 0;
  /** Something stands before that a repetition can repeat. */
  #repeatable = false;

  constructor(text: string, extended: boolean) {
    this.#text = text;
    this.#extended = extended;
  }

  run(): { readonly source: string } | string {
    while (this.#at < this.#text.length) {
      const error = this.#one();
      if (error !== undefined) return error;
    }
    if (this.#depth > 0) return this.#extended ? 'Unmatched ( or \\(' : 'Unmatched ( or \\(';
    return { source: this.#out };
  }

  #one(): string | undefined {
    const c = this.#text[this.#at++] as string;
    if (c === '[') return this.#bracket();
    if (c === '\\') return this.#escape();
    if (c === '*') return this.#star();
    if (c === '.') return this.#atom('.');
    if (c === '^') return this.#caret();
    if (c === '$') return this.#dollar();
    if (this.#extended && '()|+?{}'.includes(c)) return this.#operator(c);
    return this.#atom(/[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c);
  }

  #atom(source: string): undefined {
    this.#out += source;
    this.#repeatable = true;
    return undefined;
  }

  #star(): undefined {
    if (!this.#repeatable) return this.#atom('\\*');
    if (!/[*+?}]$/.test(this.#out) || this.#out.endsWith('\\*')) this.#out += '*';
    return undefined;
  }

  #caret(): undefined {
    const before = this.#out;
    if (this.#extended || before === '' || /(?:\(|\|)$/.test(before)) {
      this.#out += '^';
      this.#repeatable = false;
      return undefined;
    }
    return this.#atom('\\^');
  }

  #dollar(): undefined {
    const rest = this.#text.slice(this.#at);
    if (this.#extended || rest === '' || /^\\[)|]/.test(rest)) {
      this.#out += '$';
      this.#repeatable = false;
      return undefined;
    }
    return this.#atom('\\$');
  }

  #operator(c: string): string | undefined {
    switch (c) {
      case '(':
        return this.#open();
      case ')':
        return this.#depth === 0 ? this.#atom('\\)') : this.#close();
      case '|':
        this.#out += '|';
        this.#repeatable = false;
        return undefined;
      case '{':
        return this.#interval('}');
      case '}':
        return this.#atom('\\}');
      default:
        if (!this.#repeatable) return this.#atom(`\\${c}`);
        if (!/[*+?]$/.test(this.#out)) this.#out += c;
        return undefined;
    }
  }

  #open(): undefined {
    this.#depth++;
    this.#out += '(';
    this.#repeatable = false;
    return undefined;
  }

  #close(): undefined {
    this.#depth--;
    this.#out += ')';
    this.#repeatable = true;
    return undefined;
  }

  #interval(end: string): string | undefined {
    const m = /^(\d*)(,?)(\d*)/.exec(this.#text.slice(this.#at)) as RegExpExecArray;
    const closes = this.#text.startsWith(end, this.#at + m[0].length);
    if (!closes || m[0] === '' || !this.#repeatable) {
      if (this.#extended) return this.#atom('\\{');
      return closes ? 'Invalid preceding regular expression' : 'Unmatched \\{';
    }
    this.#at += m[0].length + end.length;
    this.#out += `{${m[1] || '0'}${m[2]}${m[3]}}`;
    return undefined;
  }

  #escape(): string | undefined {
    const c = this.#text[this.#at++];
    if (c === undefined) return 'Trailing backslash';
    if (!this.#extended && '(){|+?'.includes(c)) return this.#basicOperator(c);
    if (/[1-9]/.test(c)) return this.#atom(`\\${c}`);
    const gnu: Readonly<Record<string, string>> = {
      w: '\\w',
      W: '\\W',
      s: '\\s',
      S: '\\S',
      b: '\\b',
      B: '\\B',
      '<': '\\b(?=\\w)',
      '>': '\\b(?<=\\w)',
      '`': '^',
      "'": '$',
      n: '\\n',
      t: 't',
    };
    return this.#atom(gnu[c] ?? (/\w/.test(c) ? c : `\\${c}`));
  }

  #basicOperator(c: string): string | undefined {
    if (c === '(') return this.#open();
    if (c === ')') return this.#depth === 0 ? 'Unmatched ) or \\)' : this.#close();
    if (c === '{') return this.#interval('\\}');
    if (c === '|') {
      this.#out += '|';
      this.#repeatable = false;
    } else if (!this.#repeatable) return this.#atom(`\\${c}`);
    else this.#out += c;
    return undefined;
  }

  #bracket(): string | undefined {
    const start = this.#at;
    if (start >= this.#text.length) return 'Invalid regular expression';
    let set = '';
    const negated = this.#text[this.#at] === '^';
    if (negated) this.#at++;
    for (let first = true; ; first = false) {
      const c = this.#text[this.#at];
      if (c === undefined) {
        this.#at = start;
        return 'Unmatched [, [^, [:, [., or [=';
      }
      this.#at++;
      if (c === ']' && !first) break;
      const piece = c === '[' ? this.#classIn() : undefined;
      if (piece === null) return 'Invalid character class name';
      set += piece ?? (/[\\\]^[]/.test(c) ? `\\${c}` : c);
    }
    return this.#atom(`[${negated ? '^' : ''}${escapeDash(set)}]`);
  }

  /** `[:alpha:]` after its bracket: undefined if it is none, null if its name is not known. */
  #classIn(): string | undefined | null {
    const m = /^([:.=])(.*?)\1\]/.exec(this.#text.slice(this.#at));
    if (m === null) return undefined;
    this.#at += m[0].length;
    const name = m[2] as string;
    return m[1] === ':' ? (CLASSES[name] ?? null) : name.replace(/[\\\]^[-]/g, '\\$&');
  }
}

/** A dash at either end of a set stands for itself. */
function escapeDash(set: string): string {
  return set.replace(/^-/, '\\-').replace(/([^\\])-$/, '$1\\-');
}
