/** Why a command is not complete yet: what a shell would prompt `> ` for. */
export type Unfinished = 'backslash' | 'quoting' | 'here-document';

/**
 * Tells whether a shell would read on after `text`: it ends in a backslash, or a quotation or a here-document is open.
 * @returns undefined if the text is complete
 */
export function unfinished(text: string): Unfinished | undefined {
  const scan = new Scanner(text);
  return scan.run();
}

/** Delimiters of the here-documents that `text` opens and does not close. */
export function openHereDocuments(text: string): readonly string[] {
  const scan = new Scanner(text);
  scan.run();
  return scan.pending.map((h) => h.delimiter);
}

interface HereDocument {
  readonly delimiter: string;
  readonly stripTabs: boolean;
}

/** One pass over a command's text: quotes, comments and here-documents, no grammar. */
class Scanner {
  readonly #text: string;
  #at = 0;
  /** Here-documents whose bodies have not come, or not to their end. */
  pending: HereDocument[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  run(): Unfinished | undefined {
    while (this.#at < this.#text.length) {
      const why = this.#step();
      if (why !== undefined) return why;
    }
    return this.pending.length > 0 ? 'here-document' : undefined;
  }

  #step(): Unfinished | undefined {
    const c = this.#text[this.#at];
    const rest = this.#text.slice(this.#at, this.#at + 3);
    if (c === '\\') return this.#escape();
    if (c === "'") return this.#skipPast(this.#text.indexOf("'", this.#at + 1), 1);
    if (c === '"') return this.#doubleQuotes();
    if (c === '\n') return this.#bodies();
    if (rest.startsWith('((')) return this.#arithmetic();
    if (c === '#' && /^$|[\s;&|(]/.test(this.#text[this.#at - 1] ?? '')) return this.#comment();
    if (rest === '<<<') this.#at += 3;
    else if (rest.startsWith('<<')) this.#hereDocument();
    else this.#at++;
    return undefined;
  }

  #escape(): Unfinished | undefined {
    this.#at += 2;
    return this.#at > this.#text.length ? 'backslash' : undefined;
  }

  #skipPast(index: number, length: number): Unfinished | undefined {
    if (index < 0) return 'quoting';
    this.#at = index + length;
    return undefined;
  }

  #doubleQuotes(): Unfinished | undefined {
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      if (this.#text[i] === '\\') i++;
      else if (this.#text[i] === '"') return this.#skipPast(i, 1);
    }
    return 'quoting';
  }

  #arithmetic(): undefined {
    const end = this.#text.indexOf('))', this.#at);
    this.#at = end < 0 ? this.#at + 2 : end + 2;
  }

  #comment(): undefined {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #hereDocument(): void {
    const m = /^<<(-?)\s*(?:'([^'\n]*)'|"([^"\n]*)"|\\?([^\s;&|<>()'"]+))/.exec(
      this.#text.slice(this.#at),
    );
    if (m === null) {
      this.#at += 2;
      return;
    }
    this.pending.push({ delimiter: m[2] ?? m[3] ?? m[4] ?? '', stripTabs: m[1] === '-' });
    this.#at += m[0].length;
  }

  /** At the end of a line: takes the bodies of the here-documents that it opened. */
  #bodies(): undefined {
    this.#at++;
    for (let h = this.pending[0]; h !== undefined; h = this.pending[0]) {
      if (!this.#takeBody(h)) {
        this.#at = this.#text.length;
        return;
      }
      this.pending.shift();
    }
  }

  #takeBody({ delimiter, stripTabs }: HereDocument): boolean {
    while (this.#at < this.#text.length) {
      const end = this.#text.indexOf('\n', this.#at);
      const line = this.#text.slice(this.#at, end < 0 ? undefined : end);
      this.#at = end < 0 ? this.#text.length : end + 1;
      if ((stripTabs ? line.replace(/^\t+/, '') : line) === delimiter) return true;
    }
    return false;
  }
}
