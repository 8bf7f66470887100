import type { Context } from '../../context/index.ts';
import { Exit, matches, unsupported } from '../../parse/index.ts';
import { nexthopFlush, nexthopList, nexthopShowOne } from './list.ts';
import { nexthopModify } from './modify.ts';
import { NEXTHOP_USAGE } from './usage.ts';

type Command = (ctx: Context, words: readonly string[]) => number;

/** Only resilient groups have buckets. */
function buckets(ctx: Context, [what]: readonly string[]): number {
  if (what !== undefined && !['list', 'show', 'lst'].some((name) => matches(what, name)))
    throw unsupported(`ip nexthop bucket ${what}`, 'list, which is empty without resilient groups');
  ctx.printer.begin();
  ctx.printer.end();
  return 0;
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipnexthop.c, do_ipnh(). */
const COMMANDS: readonly (readonly [name: string, run: Command])[] = [
  ['add', (ctx, words) => nexthopModify(ctx, { create: true, excl: true }, words)],
  ['replace', (ctx, words) => nexthopModify(ctx, { create: true, replace: true }, words)],
  ['delete', (ctx, words) => nexthopModify(ctx, 'delete', words)],
  ['list', nexthopList],
  ['show', nexthopList],
  ['lst', nexthopList],
  ['get', nexthopShowOne],
  ['flush', nexthopFlush],
  ['bucket', buckets],
  [
    'help',
    () => {
      throw new Exit(255, NEXTHOP_USAGE);
    },
  ],
];

/** `ip nexthop …` */
export function ipNexthop(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return nexthopList(ctx, []);
  const run = COMMANDS.find(([name]) => matches(command, name))?.[1];
  if (run === undefined)
    throw new Exit(255, `Command "${command}" is unknown, try "ip nexthop help".\n`);
  return run(ctx, rest);
}
