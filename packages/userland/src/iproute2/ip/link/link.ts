import type { Context } from '../../context/index.ts';
import { Exit, matches, unsupported } from '../../parse/index.ts';
import { LINK_KINDS } from '../device/index.ts';
import { showDevices } from '../show/index.ts';
import { linkModify, VETH_USAGE } from './modify.ts';
import { linkProperty } from './property.ts';
import { LINK_USAGE } from './usage.ts';

function help(ctx: Context, [kind]: readonly string[]): number {
  const usage = kind === 'veth' ? VETH_USAGE : LINK_KINDS.get(kind ?? '')?.usage;
  if (usage === undefined) throw new Exit(255, LINK_USAGE);
  ctx.output.out(usage);
  return 0;
}

function show(ctx: Context, words: readonly string[]): number {
  return showDevices(ctx, words, { isLink: true, family: 'link', usage: LINK_USAGE });
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/iplink.c, do_iplink(). */
const COMMANDS: readonly (readonly [
  name: string,
  run: (ctx: Context, words: readonly string[]) => number,
])[] = [
  ['add', (ctx, words) => linkModify(ctx, 'add', words)],
  ['set', (ctx, words) => linkModify(ctx, 'set', words)],
  ['change', (ctx, words) => linkModify(ctx, 'set', words)],
  ['replace', (ctx, words) => linkModify(ctx, 'replace', words)],
  ['delete', (ctx, words) => linkModify(ctx, 'delete', words)],
  ['show', show],
  ['lst', show],
  ['list', show],
  [
    'xstats',
    () => {
      throw unsupported('ip link xstats', 'ip -s link show');
    },
  ],
  [
    'afstats',
    () => {
      throw unsupported('ip link afstats', 'ip -s link show');
    },
  ],
  ['property', linkProperty],
  ['help', help],
];

/** `ip link …` */
export function ipLink(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return show(ctx, []);
  const run = COMMANDS.find(([name]) => matches(command, name))?.[1];
  if (run === undefined)
    throw new Exit(255, `Command "${command}" is unknown, try "ip link help".\n`);
  return run(ctx, rest);
}
