import { posixRegExp } from '../grep/index.ts';

/** Which lines a command is for. */
export type Address =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'regexp'; readonly regexp: RegExp | undefined }
  | { readonly kind: 'step'; readonly first: number; readonly step: number }
  | { readonly kind: 'count'; readonly lines: number };

/** One command of a script. */
export interface SedCommand {
  readonly from: Address | undefined;
  readonly to: Address | undefined;
  readonly negated: boolean;
  readonly name: string;
  /** What a, i, c add; the label of b, t and `:`; the file of r and w; the exit code of q. */
  readonly text: string;
  readonly substitution: Substitution | undefined;
  readonly map: ReadonlyMap<string, string> | undefined;
  /** The index of the `}` of a `{`. */
  end: number;
  /** A range of lines that has begun. */
  active: boolean;
  /** Where a range ends that counts its lines. */
  until: number;
}

/** `s/RE/REPLACEMENT/FLAGS`. */
export interface Substitution {
  readonly regexp: RegExp | undefined;
  readonly replacement: string;
  readonly global: boolean;
  readonly occurrence: number;
  readonly print: boolean;
  readonly file: string | undefined;
}

/** A script that makes no sense: its message is what sed prints after `-e expression #N, char N: `. */
export class SedError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Parses a sed script. @throws SedError */
export function parseSed(text: string, extended: boolean): SedCommand[] {
  return new SedParser(text, extended).run();
}

class SedParser {
  readonly #text: string;
  readonly #extended: boolean;
  readonly #commands: SedCommand[] = [];
  readonly #open: SedCommand[] = [];
  #at = 0;

  constructor(text: string, extended: boolean) {
    this.#text = text;
    this.#extended = extended;
  }

  run(): SedCommand[] {
    for (;;) {
      this.#skip(/[\s;]/);
      if (this.#at >= this.#text.length) break;
      if (this.#text[this.#at] === '#') this.#line();
      else this.#command();
    }
    if (this.#open.length > 0) this.#fail("unmatched `{'", 0);
    return this.#commands;
  }

  #fail(message: string, at = this.#at): never {
    throw new SedError(message, at);
  }

  #skip(what: RegExp): void {
    while (this.#at < this.#text.length && what.test(this.#text[this.#at] as string)) this.#at++;
  }

  #line(): string {
    const end = this.#text.indexOf('\n', this.#at);
    const line = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 1;
    return line;
  }

  #command(): void {
    const from = this.#address();
    let to: Address | undefined;
    this.#skip(/[ \t]/);
    if (this.#text[this.#at] === ',') {
      this.#at++;
      this.#skip(/[ \t]/);
      to = this.#address(true);
      if (from === undefined || to === undefined) this.#fail("unexpected `,'");
    }
    this.#skip(/[ \t]/);
    let negated = false;
    while (this.#text[this.#at] === '!') {
      negated = true;
      this.#at++;
      this.#skip(/[ \t]/);
    }
    const name = this.#text[this.#at++];
    if (name === undefined) this.#fail('missing command');
    this.#body({ from, to, negated }, name as string);
  }

  #body(head: Pick<SedCommand, 'from' | 'to' | 'negated'>, name: string): void {
    let text = '';
    let substitution: Substitution | undefined;
    let map: ReadonlyMap<string, string> | undefined;
    if ('aic'.includes(name)) text = this.#addedText(name);
    else if (name === 's') substitution = this.#substitution();
    else if (name === 'y') map = this.#transliteration();
    else if (':btTrwRW'.includes(name)) text = this.#word(name);
    else if ('qQlL'.includes(name)) text = this.#number();
    else if (!'=dDgGhHnNpPxzF{}'.includes(name)) this.#fail(`unknown command: \`${name}'`);
    const command: SedCommand = {
      ...head,
      name,
      text,
      substitution,
      map,
      end: -1,
      active: false,
      until: 0,
    };
    if (name === '}') this.#close();
    this.#commands.push(command);
    if (name === '{') this.#open.push(command);
    else if (!'aic}:btTrwRW'.includes(name)) this.#end();
  }

  #close(): void {
    const open = this.#open.pop();
    if (open === undefined) this.#fail("unexpected `}'");
    else open.end = this.#commands.length;
  }

  #end(): void {
    this.#skip(/[ \t]/);
    const next = this.#text[this.#at];
    if (next !== undefined && !';\n}#'.includes(next))
      this.#fail('extra characters after command', this.#at + 1);
  }

  #number(): string {
    this.#skip(/[ \t]/);
    const m = /^\d*/.exec(this.#text.slice(this.#at)) as RegExpExecArray;
    this.#at += m[0].length;
    return m[0];
  }

  #word(name: string): string {
    this.#skip(/[ \t]/);
    const stop = name === ':' || 'bt'.includes(name.toLowerCase()) ? /^[^\n;}]*/ : /^[^\n]*/;
    const m = (name === ':' ? /^[^\n;]*/ : stop).exec(
      this.#text.slice(this.#at),
    ) as RegExpExecArray;
    this.#at += m[0].length;
    if (name === ':' && m[0].trim() === '') this.#fail('":" lacks a label');
    return m[0].trim();
  }

  #addedText(name: string): string {
    this.#skip(/[ \t]/);
    if (this.#text[this.#at] === '\\') {
      this.#at++;
      this.#skip(/[ \t]/);
      if (this.#text[this.#at] === '\n') this.#at++;
    } else if (this.#at >= this.#text.length) this.#fail(`expected \\ after \`a', \`c' or \`i'`);
    let text = '';
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at++] as string;
      if (c === '\n') break;
      if (c === '\\' && this.#at < this.#text.length) {
        const next = this.#text[this.#at++] as string;
        text += next === 't' ? '\t' : next;
      } else text += c;
    }
    return name === '' ? text : `${text}\n`;
  }

  #address(second = false): Address | undefined {
    const rest = this.#text.slice(this.#at);
    const step = /^(\d+)~(\d+)/.exec(rest);
    if (step !== null) {
      this.#at += step[0].length;
      return { kind: 'step', first: Number(step[1]), step: Number(step[2]) };
    }
    const count = second ? /^\+(\d+)/.exec(rest) : null;
    if (count !== null) {
      this.#at += count[0].length;
      return { kind: 'count', lines: Number(count[1]) };
    }
    const line = /^\d+/.exec(rest);
    if (line !== null) {
      this.#at += line[0].length;
      return { kind: 'line', line: Number(line[0]) };
    }
    if (rest.startsWith('$')) {
      this.#at++;
      return { kind: 'last' };
    }
    if (rest.startsWith('/') || rest.startsWith('\\'))
      return this.#regexpAddress(rest.startsWith('\\'));
    return undefined;
  }

  #regexpAddress(custom: boolean): Address {
    if (custom) this.#at++;
    const delimiter = this.#text[this.#at++] as string;
    const source = this.#until(delimiter, true, 'unterminated address regex');
    const ignoreCase = this.#text[this.#at] === 'I';
    if (ignoreCase) this.#at++;
    return { kind: 'regexp', regexp: this.#regexp(source, ignoreCase) };
  }

  /** The text up to a delimiter that is not escaped; in a regular expression brackets protect it. */
  #until(delimiter: string, regexp: boolean, unterminated: string): string {
    let text = '';
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at++] as string;
      if (c === delimiter) return text;
      if (c === '\\' && this.#at < this.#text.length) {
        const next = this.#text[this.#at++] as string;
        if (next === delimiter && !(regexp && '+?|(){}'.includes(next)))
          text += regexp && /[.*[\]^$]/.test(next) ? `\\${next}` : next;
        else text += `\\${next}`;
      } else if (c === '[' && regexp) text += this.#bracket();
      else text += c;
    }
    this.#fail(unterminated);
  }

  #bracket(): string {
    const m = /^\^?\]?(?:\[[:.=].*?[:.=]\]|[^\]\n])*\]/.exec(this.#text.slice(this.#at));
    if (m === null) return '[';
    this.#at += m[0].length;
    return `[${m[0].replace(/\\n/g, '\n').replace(/\\t/g, '\t')}`;
  }

  /** @returns undefined for the empty one, which means the last that was used */
  #regexp(source: string, ignoreCase: boolean): RegExp | undefined {
    if (source === '') return undefined;
    const regexp = posixRegExp(source.replace(/\\t/g, '\t'), {
      extended: this.#extended,
      ignoreCase,
      global: true,
    });
    if (typeof regexp === 'string') this.#fail(regexp);
    return regexp as RegExp;
  }

  #substitution(): Substitution {
    const delimiter = this.#text[this.#at++];
    if (delimiter === undefined || delimiter === '\n') this.#fail("unterminated `s' command");
    const source = this.#until(delimiter as string, true, "unterminated `s' command");
    const replacement = this.#until(delimiter as string, false, "unterminated `s' command");
    const flags = /^[gpIiMme0-9]*/.exec(this.#text.slice(this.#at)) as RegExpExecArray;
    this.#at += flags[0].length;
    if (/[eMm]/.test(flags[0])) this.#fail(`unknown option to \`s'`);
    let file: string | undefined;
    if (this.#text[this.#at] === 'w') {
      this.#at++;
      file = this.#line().trim();
    } else if (/[^\s;}#]/.test(this.#text[this.#at] ?? ' '))
      this.#fail("unknown option to `s'", this.#at + 1);
    return {
      regexp: this.#regexp(source, /i/i.test(flags[0])),
      replacement,
      global: flags[0].includes('g'),
      occurrence: Number(/\d+/.exec(flags[0])?.[0] ?? 1),
      print: flags[0].includes('p'),
      file,
    };
  }

  #transliteration(): ReadonlyMap<string, string> {
    const delimiter = this.#text[this.#at++] as string;
    const plain = (t: string) => [
      ...t.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : c)),
    ];
    const from = plain(this.#until(delimiter, false, "unterminated `y' command"));
    const to = plain(this.#until(delimiter, false, "unterminated `y' command"));
    if (from.length !== to.length) this.#fail("strings for `y' command are different lengths");
    return new Map(from.map((c, i) => [c, to[i] as string]));
  }
}
