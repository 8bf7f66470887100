import type { ManualSection } from '../../../machine/index.ts';
import {
  type Command,
  type CommandSet,
  type Context,
  commandSection,
  commands,
  runCommand,
} from '../../context/index.ts';
import { wordRows } from '../../parse/index.ts';
import { NEIGH_WORDS, type NeighAction, neighGet, neighModify } from './modify.ts';
import { NEIGH_SELECTORS, neighFlush, neighShow } from './show.ts';
import { NEIGH_USAGE } from './usage.ts';

function modify(names: string, action: NeighAction): Command[] {
  return commands(names, (ctx, words) => neighModify(ctx, action, words));
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipneigh.c, do_ipneigh(). */
const COMMANDS: CommandSet = {
  name: 'ip neigh',
  usage: NEIGH_USAGE,
  bare: neighShow,
  commands: [
    ...modify('add', { create: true, excl: true }),
    ...modify('change chg', { replace: true }),
    ...modify('replace', { create: true, replace: true }),
    ...modify('delete', 'delete'),
    ...commands('get', neighGet),
    ...commands('show lst list', neighShow),
    ...commands('flush', neighFlush),
  ],
};

/** `ip neighbour …` */
export function ipNeigh(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip neighbour` can be told. */
export const neighManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'ip neigh add, change, replace, delete, get', rows: wordRows(NEIGH_WORDS) },
  { title: 'ip neigh show, flush', rows: wordRows(NEIGH_SELECTORS) },
];
