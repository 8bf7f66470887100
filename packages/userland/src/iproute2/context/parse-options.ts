import type { ManualRow } from '../../machine/index.ts';
import { type Args, Exit, matches } from '../parse/index.ts';
import { backgroundOf, type Palette } from '../print/index.ts';
import type { Context } from './context.ts';

/** One option before the object. */
export interface OptionRow {
  /** With its dash. */
  readonly name: string;
  /** Whether it may not be abbreviated. */
  readonly exact?: boolean;
  /** Whether `=VALUE` may follow, and what it may be. */
  readonly values?: readonly string[];
  /** What follows it as a word of its own. */
  readonly arg?: string;
  /** It is an error that names it. */
  readonly refused?: boolean;
  /** Acts on it; `args` is at the option and stays there unless it takes a value. */
  run(ctx: Context, args: Args): void;
}

/** Options for docs/programs. */
export function optionRows(rows: readonly OptionRow[]): ManualRow[] {
  return rows.map(({ name, values, arg, refused }) => ({
    names: [name],
    ...(arg === undefined ? {} : { arg }),
    ...(values === undefined ? {} : { arg: `[=${values.filter((v) => v !== '').join('|')}]` }),
    ...(refused === true ? { refused } : {}),
  }));
}

/** Whether an option is the one of a row. */
function isOption(row: OptionRow, option: string): boolean {
  if (row.exact === true) return row.name === option;
  if (row.values === undefined) return matches(option, row.name);
  const [name, value] = splitValue(option);
  return matches(name, row.name) && row.values.includes(value);
}

function splitValue(option: string): readonly [name: string, value: string] {
  const at = option.indexOf('=');
  return at < 0 ? [option, ''] : [option.slice(0, at), option.slice(at + 1)];
}

function background(ctx: Context): Palette {
  return backgroundOf(ctx.proc.env.get('COLORFGBG'));
}

/**
 * Reads the options before the object; the first row that an option abbreviates is meant. Two dashes count as one.
 * @param help what the message sends one to: `ip -help`
 * @throws Exit for one that is unknown
 */
export function parseOptions(
  ctx: Context,
  args: Args,
  rows: readonly OptionRow[],
  help: string,
): void {
  while (!args.done && args.word.startsWith('-')) {
    if (args.word === '--') {
      args.skip();
      break;
    }
    const option = args.word.startsWith('--') ? args.word.slice(1) : args.word;
    const row = rows.find((r) => isOption(r, option));
    if (row !== undefined) row.run(ctx, args);
    else throw new Exit(255, `Option "${option}" is unknown, try "${help}".\n`);
    args.skip();
  }
  if (ctx.options.json) ctx.options.palette = 'none';
  ctx.names.numeric = ctx.options.numeric;
}

/** `-c[olor][=always|auto|never]`. Source: iproute2 lib/color.c, matches_color(). */
export const COLOR_OPTION: OptionRow = {
  name: '-color',
  values: ['', 'always', 'auto', 'never'],
  run: (ctx, args) => {
    const when = splitValue(args.word)[1];
    const shown = when === 'auto' ? ctx.proc.fds.get(1)?.isTty === true : when !== 'never';
    ctx.options.palette = shown ? background(ctx) : 'none';
  },
};
