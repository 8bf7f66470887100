import type { ManualSection } from '../../../machine/index.ts';
import {
  type Command,
  type CommandSet,
  type Context,
  commandSection,
  commands,
  refusedCommands,
  runCommand,
} from '../../context/index.ts';
import { Exit, unsupported, wordRows } from '../../parse/index.ts';
import { LINK_KINDS } from '../device/index.ts';
import { SHOW_ROWS, showDevices } from '../show/index.ts';
import { type LinkAction, linkModify, VETH_USAGE } from './modify.ts';
import { LINK_WORDS } from './parse.ts';
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

function modify(names: string, action: LinkAction): Command[] {
  return commands(names, (ctx, words) => linkModify(ctx, action, words));
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/iplink.c, do_iplink(). */
const COMMANDS: CommandSet = {
  name: 'ip link',
  bare: show,
  commands: [
    ...modify('add', 'add'),
    ...modify('set change', 'set'),
    ...modify('replace', 'replace'),
    ...modify('delete', 'delete'),
    ...commands('show lst list', show),
    ...refusedCommands('xstats afstats', (name) =>
      unsupported(`ip link ${name}`, 'ip -s link show'),
    ),
    ...commands('property', linkProperty),
    ...commands('help', help),
  ],
};

/** `ip link …` */
export function ipLink(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip link` can be told, with the options of each kind of device. */
export const linkManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'ip link add, set, replace, delete', rows: wordRows(LINK_WORDS) },
  { title: 'ip link … type veth', rows: [{ names: ['peer'], arg: 'WORDS OF ip link add' }] },
  ...[...LINK_KINDS].map(([name, { words = [] }]) => ({
    title: `ip link … type ${name}`,
    rows: words.length === 0 ? [{ names: [`type ${name}`] }] : wordRows(words),
  })),
  { title: 'ip link show', rows: SHOW_ROWS },
];
