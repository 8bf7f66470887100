import type { Context } from '../../../context/index.ts';
import {
  type Args,
  Failure,
  findWord,
  invalidArgument,
  parseOnOff,
  parseStrictOnOff,
  parseU64,
  parseUnsigned,
  type Word,
  word,
} from '../../../parse/index.ts';
import type { InfoRequest } from './info.ts';

/** One option of a kind: reads its values and puts them in the attributes. */
export type KindOption = Word<InfoRequest, Context>;

/** An option with a number of up to `bits` bits. */
export function numberOption(
  name: string,
  bits: 8 | 16 | 32 | 64,
  attr: string = name,
  message = `invalid ${name}`,
): KindOption {
  return word(`${name}* NUMBER`, (data, args) => {
    const text = args.value();
    const value = bits === 64 ? parseU64(text) : parseUnsigned(text, 2 ** bits - 1);
    if (value === undefined) throw invalidArgument(message, text);
    data[attr] = value;
  });
}

/** An option that is `on` or `off`, or abbreviates them. */
export function onOffOption(name: string, attr: string = name): KindOption {
  return word(`${name}* on|off`, (data, args) => {
    data[attr] = parseOnOff(name, args.value(), 1) ? 1 : 0;
  });
}

/** A bit of a flags attribute: exactly `on` or `off`; sets `attr` to the flags and the mask. */
export function flagOption(name: string, bit: number, attr: string): KindOption {
  return word(`${name}* on|off`, (data, args) => {
    const old = (data[attr] ?? { flags: 0, mask: 0 }) as { flags: number; mask: number };
    const on = parseStrictOnOff(name, args.value());
    data[attr] = { flags: on ? old.flags | bit : old.flags & ~bit, mask: old.mask | bit };
  });
}

/** An option that is a word alone. */
export function wordOption(name: string, attr: string, value: unknown): KindOption {
  return word(`${name}*`, (data) => {
    data[attr] = value;
  });
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
    const option = findWord(options, args);
    if (option !== undefined) option.read(data, args, ctx);
    else if (args.matches('help')) throw new Failure(1, texts.usage);
    else throw new Failure(1, `${texts.unknown} "${args.word}"?\n${texts.usage}`);
  }
}
