import type { ManualSection } from '../../../machine/index.ts';
import {
  type Command,
  type CommandSet,
  type Context,
  commandSection,
  commands,
  runCommand,
} from '../../context/index.ts';
import { Exit, matches, unsupported, wordRows } from '../../parse/index.ts';
import { NEXTHOP_SELECTORS, nexthopFlush, nexthopList, nexthopShowOne } from './list.ts';
import { NEXTHOP_OBJECT_WORDS, nexthopModify } from './modify.ts';
import { NEXTHOP_USAGE } from './usage.ts';

/** Only resilient groups have buckets. */
function buckets(ctx: Context, [what]: readonly string[]): number {
  if (what !== undefined && !['list', 'show', 'lst'].some((name) => matches(what, name)))
    throw unsupported(`ip nexthop bucket ${what}`, 'list, which is empty without resilient groups');
  ctx.printer.begin();
  ctx.printer.end();
  return 0;
}

function help(): never {
  throw new Exit(255, NEXTHOP_USAGE);
}

function modify(names: string, action: Parameters<typeof nexthopModify>[1]): Command[] {
  return commands(names, (ctx, words) => nexthopModify(ctx, action, words));
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipnexthop.c, do_ipnh(). */
const COMMANDS: CommandSet = {
  name: 'ip nexthop',
  bare: nexthopList,
  commands: [
    ...modify('add', { create: true, excl: true }),
    ...modify('replace', { create: true, replace: true }),
    ...modify('delete', 'delete'),
    ...commands('list show lst', nexthopList),
    ...commands('get', nexthopShowOne),
    ...commands('flush', nexthopFlush),
    ...commands('bucket', buckets),
    ...commands('help', help),
  ],
};

/** `ip nexthop …` */
export function ipNexthop(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip nexthop` can be told. */
export const nexthopManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'ip nexthop add, replace, delete', rows: wordRows(NEXTHOP_OBJECT_WORDS) },
  { title: 'ip nexthop list, flush', rows: wordRows(NEXTHOP_SELECTORS) },
];
