import { incompleteCommand } from './exit.ts';

/** Whether `prefix` is a non-empty prefix of `word`. Source: iproute2 lib/utils.c, matches(). */
export function matches(prefix: string, word: string): boolean {
  return prefix !== '' && word.startsWith(prefix);
}

/** A cursor over the words of a command line: iproute2's argc, argv and NEXT_ARG(). */
export class Args {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** Whether no word is left. */
  get done(): boolean {
    return this.#at >= this.#words.length;
  }

  /** Words left, the current one counted. */
  get left(): number {
    return this.#words.length - this.#at;
  }

  /** The current word; empty at the end. */
  get word(): string {
    return this.#words[this.#at] ?? '';
  }

  /** The word after the current one. */
  get following(): string | undefined {
    return this.#words[this.#at + 1];
  }

  /** The words from the current one on. */
  rest(): string[] {
    return this.#words.slice(this.#at);
  }

  /** Whether the current word is `word`. */
  is(...words: readonly string[]): boolean {
    return !this.done && words.includes(this.word);
  }

  /** Whether the current word abbreviates one of `words`. */
  matches(...words: readonly string[]): boolean {
    return words.some((w) => matches(this.word, w));
  }

  /** Goes one word on, to the end at most. */
  skip(count = 1): void {
    this.#at = Math.min(this.#at + count, this.#words.length);
  }

  /** Goes one word on and gives it. @throws Exit if there is none */
  value(): string {
    this.#at++;
    if (this.done) throw incompleteCommand();
    return this.word;
  }

  /** Goes one word on and gives it, or what printf(3) makes of none. */
  valueOrNull(): string {
    this.#at++;
    return this.done ? '(null)' : this.word;
  }

  /** Gives the current word and goes past it. */
  take(): string {
    const word = this.word;
    this.skip();
    return word;
  }
}
