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
import { ROUTE_SELECTORS } from './filter.ts';
import { ROUTE_GET_WORDS, routeGetCommand } from './get.ts';
import { routeFlush, routeList } from './list.ts';
import { ROUTE_WORDS, type RouteAction, routeModify } from './modify.ts';
import { NEXTHOP_WORDS } from './nexthop.ts';
import { ROUTE_USAGE } from './usage.ts';

function modify(names: string, action: RouteAction): Command[] {
  return commands(names, (ctx, words) => routeModify(ctx, action, words));
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/iproute.c, do_iproute(). */
const COMMANDS: CommandSet = {
  name: 'ip route',
  usage: ROUTE_USAGE,
  bare: routeList,
  commands: [
    ...modify('add', { create: true, excl: true }),
    ...modify('change chg', { replace: true }),
    ...modify('replace', { create: true, replace: true }),
    ...modify('prepend', { create: true }),
    ...modify('append', { create: true, append: true }),
    ...modify('test', { excl: true }),
    ...modify('delete', 'delete'),
    ...commands('list show lst', routeList),
    ...commands('get', routeGetCommand),
    ...commands('flush', routeFlush),
    ...refusedCommands('save restore showdump', () =>
      unsupported(
        'A binary dump of ip route',
        'add, change, replace, append, prepend, delete, list, get, flush',
      ),
    ),
  ],
};

/** `ip route …` */
export function ipRoute(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip route` can be told. */
export const routeManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  {
    title: 'ip route add, change, replace, prepend, append, delete',
    rows: wordRows(ROUTE_WORDS),
  },
  { title: 'ip route … nexthop', rows: wordRows(NEXTHOP_WORDS) },
  { title: 'ip route get', rows: wordRows(ROUTE_GET_WORDS) },
  { title: 'ip route list, flush', rows: wordRows(ROUTE_SELECTORS) },
];
