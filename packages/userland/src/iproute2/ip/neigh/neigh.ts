import type { Context } from '../../context/index.ts';
import { Exit, matches } from '../../parse/index.ts';
import { type NeighAction, neighGet, neighModify } from './modify.ts';
import { neighFlush, neighShow } from './show.ts';
import { NEIGH_USAGE } from './usage.ts';

type Command = (ctx: Context, words: readonly string[]) => number;

function modify(action: NeighAction): Command {
  return (ctx, words) => neighModify(ctx, action, words);
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipneigh.c, do_ipneigh(). */
const COMMANDS: readonly (readonly [name: string, run: Command])[] = [
  ['add', modify({ create: true, excl: true })],
  ['change', modify({ replace: true })],
  ['chg', modify({ replace: true })],
  ['replace', modify({ create: true, replace: true })],
  ['delete', modify('delete')],
  ['get', neighGet],
  ['show', neighShow],
  ['lst', neighShow],
  ['list', neighShow],
  ['flush', neighFlush],
];

/** `ip neighbour …` */
export function ipNeigh(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return neighShow(ctx, []);
  const run = COMMANDS.find(([name]) => matches(command, name))?.[1];
  if (run !== undefined) return run(ctx, rest);
  if (matches(command, 'help')) throw new Exit(255, NEIGH_USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "ip neigh help".\n`);
}
