/** What getopt_long(3) makes of arguments, one at a time, since loading a match adds options to those still to come. */

/** A long option that is known now. */
export interface LongOption<V> {
  readonly name: string;
  /** Optional arguments must be in the same word. */
  readonly arg: 'none' | 'required' | 'optional';
  readonly value: V;
}

/** What the next word is. */
export type Parsed<V> =
  | { readonly kind: 'long'; readonly option: LongOption<V>; readonly arg: string | undefined }
  | { readonly kind: 'short'; readonly letter: string; readonly arg: string | undefined }
  | { readonly kind: 'word'; readonly text: string }
  /** No such option: as typed, and the letter if it is a short one. */
  | { readonly kind: 'unknown'; readonly text: string; readonly letter: string | undefined }
  /** An option without its argument, as typed. */
  | { readonly kind: 'missing'; readonly text: string };

/** Walks through arguments. `shorts` is a getopt string: `A:L::vn`. */
export class Getopt {
  readonly #args: readonly string[];
  readonly #shorts: string;
  #at = 0;
  /** Letters left of a word like `-nvL`. */
  #letters = '';

  constructor(args: readonly string[], shorts: string) {
    this.#args = args;
    this.#shorts = shorts;
  }

  /** The next word, if it is no option: an optional argument that stands apart. `xs_has_arg()` */
  takeWord(): string | undefined {
    const next = this.#args[this.#at];
    if (next === undefined || next.startsWith('-') || next.startsWith('!')) return undefined;
    this.#at++;
    return next;
  }

  /** The word that was read last: `argv[optind - 1]`. */
  get lastWord(): string {
    return this.#args[this.#at - 1] ?? '';
  }

  /** The next word, whatever it is: `argv[optind]`. */
  get peek(): string | undefined {
    return this.#args[this.#at];
  }

  /** Takes the next word, whatever it is. */
  take(): string | undefined {
    return this.#args[this.#at++];
  }

  /** Words that are left. */
  get rest(): number {
    return this.#args.length - this.#at;
  }

  /** Goes back over the word that {@link next} gave last, to read it again with more options. */
  unread(): void {
    this.#at = this.#before;
    this.#letters = '';
  }
  #before = 0;

  /** @returns undefined at the end */
  next<V>(longs: readonly LongOption<V>[]): Parsed<V> | undefined {
    if (this.#letters !== '') return this.#short();
    this.#before = this.#at;
    const word = this.#args[this.#at];
    if (word === undefined) return undefined;
    this.#at++;
    if (word === '--') return this.next(longs);
    if (word.startsWith('--')) return this.#long(word, longs);
    if (!word.startsWith('-') || word === '-') return { kind: 'word', text: word };
    this.#letters = word.slice(1);
    return this.#short();
  }

  #short<V>(): Parsed<V> {
    const letter = this.#letters[0] as string;
    this.#letters = this.#letters.slice(1);
    const i = letter === ':' ? -1 : this.#shorts.indexOf(letter);
    if (i < 0) return { kind: 'unknown', text: `-${letter}`, letter };
    if (this.#shorts[i + 1] !== ':') return { kind: 'short', letter, arg: undefined };
    const glued = this.#letters;
    this.#letters = '';
    if (glued !== '') return { kind: 'short', letter, arg: glued };
    if (this.#shorts[i + 2] === ':') return { kind: 'short', letter, arg: undefined };
    const arg = this.#args[this.#at];
    if (arg === undefined) return { kind: 'missing', text: `-${letter}` };
    this.#at++;
    return { kind: 'short', letter, arg };
  }

  #long<V>(word: string, longs: readonly LongOption<V>[]): Parsed<V> {
    const eq = word.indexOf('=');
    const name = word.slice(2, eq < 0 ? undefined : eq);
    const glued = eq < 0 ? undefined : word.slice(eq + 1);
    const exact = longs.find((o) => o.name === name);
    const partial = longs.filter((o) => o.name.startsWith(name));
    const option = exact ?? (partial.length === 1 ? partial[0] : undefined);
    if (option === undefined) return { kind: 'unknown', text: word, letter: undefined };
    if (option.arg === 'none') {
      return glued === undefined
        ? { kind: 'long', option, arg: undefined }
        : { kind: 'unknown', text: word, letter: undefined };
    }
    if (glued !== undefined || option.arg === 'optional')
      return { kind: 'long', option, arg: glued };
    const arg = this.#args[this.#at];
    if (arg === undefined) return { kind: 'missing', text: word };
    this.#at++;
    return { kind: 'long', option, arg };
  }
}

/** What getopt_long(3) itself prints of a bad option, after the program's name. */
export function optionComplaint(got: {
  readonly kind: 'unknown' | 'missing';
  readonly text: string;
  readonly letter?: string | undefined;
}): string {
  if (got.kind === 'missing') {
    return got.text.startsWith('--')
      ? `option '${got.text}' requires an argument`
      : `option requires an argument -- '${got.text.slice(1)}'`;
  }
  return got.letter === undefined
    ? `unrecognized option '${got.text}'`
    : `invalid option -- '${got.letter}'`;
}
