import type { Context } from '../../context/index.ts';
import { Exit, matches, unsupported } from '../../parse/index.ts';
import { showDevices } from '../show/index.ts';
import { addrFlush } from './flush.ts';
import { addrModify } from './modify.ts';
import { ADDR_USAGE } from './usage.ts';

function show(ctx: Context, words: readonly string[]): number {
  return showDevices(ctx, words, { isLink: false, family: ctx.options.family, usage: ADDR_USAGE });
}

function noDump(): never {
  throw unsupported('A binary dump of ip address', 'add, change, replace, delete, show, flush');
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipaddress.c, do_ipaddr(). */
const COMMANDS: readonly (readonly [
  name: string,
  run: (ctx: Context, words: readonly string[]) => number,
])[] = [
  ['add', (ctx, words) => addrModify(ctx, 'add', words)],
  ['change', (ctx, words) => addrModify(ctx, 'change', words)],
  ['chg', (ctx, words) => addrModify(ctx, 'change', words)],
  ['replace', (ctx, words) => addrModify(ctx, 'replace', words)],
  ['delete', (ctx, words) => addrModify(ctx, 'delete', words)],
  ['list', show],
  ['show', show],
  ['lst', show],
  ['flush', addrFlush],
  ['save', noDump],
  ['showdump', noDump],
  ['restore', noDump],
];

/** `ip address …` */
export function ipAddr(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return show(ctx, []);
  const run = COMMANDS.find(([name]) => matches(command, name))?.[1];
  if (run !== undefined) return run(ctx, rest);
  if (matches(command, 'help')) throw new Exit(255, ADDR_USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "ip address help".\n`);
}
