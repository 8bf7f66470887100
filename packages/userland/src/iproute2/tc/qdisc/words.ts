import type { Context } from '../../context/index.ts';
import { type Args, Failure, findWord, type Word, word } from '../../parse/index.ts';

/** What the options of one qdisc or class are read for. */
export interface TcCall {
  readonly ctx: Context;
  /** The device's name. */
  readonly dev: string;
}

/** How one option is read, into the draft of a qdisc's options. */
export type TcWord<S> = Word<S, TcCall>;

/** A kind's own error: the program exits with 1. */
export function refuse(text: string): Failure {
  return new Failure(1, text);
}

/** Reads the options to the end of the line; leaves the rest to `other`. */
export function readWords<S>(
  args: Args,
  words: readonly TcWord<S>[],
  state: S,
  call: TcCall,
  other: (word: string) => never,
): void {
  for (; !args.done; args.skip()) {
    const found = findWord(words, args);
    if (found === undefined) other(args.word);
    else found.read(state, args, call);
  }
}

/** `help`, which shows the usage. */
export function helpWord<S>(usage: string): TcWord<S> {
  return word('help', () => {
    throw refuse(usage);
  });
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
