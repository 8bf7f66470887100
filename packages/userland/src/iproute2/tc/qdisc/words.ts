import { type Args, Failure } from '../../parse/index.ts';

/** How one option is read: the words that name it, whether they may be shortened, and what follows. */
export interface TcWord {
  readonly words: readonly string[];
  /** Whether the first word may be shortened. */
  readonly short?: boolean;
  read(args: Args): void;
}

/** A kind's own error: the program exits with 1. */
export function refuse(text: string): Failure {
  return new Failure(1, text);
}

/** Reads the options to the end of the line; leaves the rest to `other`. */
export function readWords(
  args: Args,
  words: readonly TcWord[],
  other: (word: string) => never,
): void {
  for (; !args.done; args.skip()) {
    const found = words.find(
      (w) => args.is(...w.words) || (w.short === true && args.matches(w.words[0] as string)),
    );
    if (found === undefined) other(args.word);
    else found.read(args);
  }
}

/** Reads the value after a word; what can't be read is refused with a text. */
export function readValue<T>(
  args: Args,
  parse: (text: string) => T | undefined,
  refusal: (text: string) => string,
): T {
  const text = args.value();
  const value = parse(text);
  if (value === undefined) throw refuse(refusal(text));
  return value;
}
