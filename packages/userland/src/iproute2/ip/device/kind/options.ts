import type { Context } from '../../../context/index.ts';
import {
  type Args,
  Failure,
  invalidArgument,
  parseOnOff,
  parseStrictOnOff,
  parseU64,
  parseUnsigned,
} from '../../../parse/index.ts';
import type { InfoRequest } from './info.ts';

/** One option of a kind: the words that it abbreviates, what it reads, where it puts it. */
export interface KindOption {
  readonly words: readonly string[];
  /** Whether it may not be abbreviated. */
  readonly exact?: boolean;
  /** Reads its values and puts them in `data`; `args` is at the option and is left at its last word. */
  read(ctx: Context, args: Args, data: InfoRequest): void;
}

/** An option with a number of up to `bits` bits. */
export function numberOption(
  word: string,
  bits: 8 | 16 | 32 | 64,
  attr: string = word,
  message = `invalid ${word}`,
): KindOption {
  return {
    words: [word],
    read: (_ctx, args, data) => {
      const text = args.value();
      const value = bits === 64 ? parseU64(text) : parseUnsigned(text, 2 ** bits - 1);
      if (value === undefined) throw invalidArgument(message, text);
      data[attr] = value;
    },
  };
}

/** An option that is `on` or `off`, or abbreviates them. */
export function onOffOption(word: string, attr: string = word): KindOption {
  return {
    words: [word],
    read: (_ctx, args, data) => {
      data[attr] = parseOnOff(word, args.value(), 1) ? 1 : 0;
    },
  };
}

/** A bit of a flags attribute: exactly `on` or `off`; sets `attr` to the flags and the mask. */
export function flagOption(word: string, bit: number, attr: string): KindOption {
  return {
    words: [word],
    read: (_ctx, args, data) => {
      const old = (data[attr] ?? { flags: 0, mask: 0 }) as { flags: number; mask: number };
      const on = parseStrictOnOff(word, args.value());
      data[attr] = { flags: on ? old.flags | bit : old.flags & ~bit, mask: old.mask | bit };
    },
  };
}

/** An option that is a word alone. */
export function wordOption(word: string, attr: string, value: unknown): KindOption {
  return {
    words: [word],
    read: (_ctx, _args, data) => {
      data[attr] = value;
    },
  };
}

/** How a kind calls what it does not know. */
export interface KindTexts {
  /** Begins the message: `bridge: unknown command`. */
  readonly unknown: string;
  readonly usage: string;
}

/** Reads a kind's options to the end of the line; the first one that a word abbreviates is meant. */
export function readOptions(
  ctx: Context,
  args: Args,
  options: readonly KindOption[],
  texts: KindTexts,
  data: InfoRequest,
): void {
  for (; !args.done; args.skip()) {
    const option = options.find(({ words, exact }) =>
      exact === true ? args.is(...words) : args.matches(...words),
    );
    if (option !== undefined) option.read(ctx, args, data);
    else if (args.matches('help')) throw new Failure(1, texts.usage);
    else throw new Failure(1, `${texts.unknown} "${args.word}"?\n${texts.usage}`);
  }
}
