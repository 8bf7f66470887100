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
import { unsupported, wordRows } from '../../parse/index.ts';
import { SHOW_ROWS, showDevices } from '../show/index.ts';
import { addrFlush } from './flush.ts';
import { ADDR_WORDS, type AddrAction, addrModify } from './modify.ts';
import { ADDR_USAGE } from './usage.ts';

function show(ctx: Context, words: readonly string[]): number {
  return showDevices(ctx, words, { isLink: false, family: ctx.options.family, usage: ADDR_USAGE });
}

function modify(names: string, action: AddrAction): Command[] {
  return commands(names, (ctx, words) => addrModify(ctx, action, words));
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipaddress.c, do_ipaddr(). */
const COMMANDS: CommandSet = {
  name: 'ip address',
  usage: ADDR_USAGE,
  bare: show,
  commands: [
    ...modify('add', 'add'),
    ...modify('change chg', 'change'),
    ...modify('replace', 'replace'),
    ...modify('delete', 'delete'),
    ...commands('list show lst', show),
    ...commands('flush', addrFlush),
    ...refusedCommands('save showdump restore', () =>
      unsupported('A binary dump of ip address', 'add, change, replace, delete, show, flush'),
    ),
  ],
};

/** `ip address …` */
export function ipAddr(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip address` can be told. */
export const addrManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'ip address add, change, replace, delete', rows: wordRows(ADDR_WORDS) },
  { title: 'ip address show, flush', rows: SHOW_ROWS },
];
