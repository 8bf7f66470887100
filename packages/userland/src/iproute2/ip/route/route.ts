import type { Context } from '../../context/index.ts';
import { Exit, matches, unsupported } from '../../parse/index.ts';
import { routeGetCommand } from './get.ts';
import { routeFlush, routeList } from './list.ts';
import { type RouteAction, routeModify } from './modify.ts';
import { ROUTE_USAGE } from './usage.ts';

type Command = (ctx: Context, words: readonly string[]) => number;

function modify(action: RouteAction): Command {
  return (ctx, words) => routeModify(ctx, action, words);
}

const CHANGE = modify({ replace: true });

function noDump(): never {
  const supported = 'add, change, replace, append, prepend, delete, list, get, flush';
  throw unsupported('A binary dump of ip route', supported);
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/iproute.c, do_iproute(). */
const COMMANDS: readonly (readonly [name: string, run: Command])[] = [
  ['add', modify({ create: true, excl: true })],
  ['change', CHANGE],
  ['chg', CHANGE],
  ['replace', modify({ create: true, replace: true })],
  ['prepend', modify({ create: true })],
  ['append', modify({ create: true, append: true })],
  ['test', modify({ excl: true })],
  ['delete', modify('delete')],
  ['list', routeList],
  ['show', routeList],
  ['lst', routeList],
  ['get', routeGetCommand],
  ['flush', routeFlush],
  ['save', noDump],
  ['restore', noDump],
  ['showdump', noDump],
];

/** `ip route …` */
export function ipRoute(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return routeList(ctx, []);
  const run = COMMANDS.find(([name]) => matches(command, name))?.[1];
  if (run !== undefined) return run(ctx, rest);
  if (matches(command, 'help')) throw new Exit(255, ROUTE_USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "ip route help".\n`);
}
