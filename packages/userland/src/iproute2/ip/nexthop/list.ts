import { KernelError } from '@labwire/core/error';
import {
  type NexthopObjectInfo,
  nexthopDel,
  nexthopDump,
  nexthopGet,
} from '@labwire/devices/rtnetlink';
import { type Context, netlinkError, talk } from '../../context/index.ts';
import {
  Args,
  Exit,
  findWord,
  invalidArgument,
  parseUnsigned,
  type Word,
  word,
} from '../../parse/index.ts';
import { readId } from './modify.ts';
import { printNexthopObject } from './print.ts';
import { NEXTHOP_USAGE } from './usage.ts';

/** Which nexthops are listed or flushed. */
interface NexthopFilter {
  id: number | undefined;
  ifindex: number | undefined;
  master: number | undefined;
  groups: boolean;
  protocol: number | undefined;
}

function indexOf(ctx: Context, text: string, vrf: boolean): number {
  const link = ctx.link(ctx.findIndex(text));
  if (vrf && link?.kind !== 'vrf') throw invalidArgument('Invalid VRF\n', text);
  if (link === undefined) throw invalidArgument('Device does not exist\n', text);
  return link.ifindex;
}

/** The selectors, in the order in which an abbreviation is looked up. */
export const NEXTHOP_SELECTORS: readonly Word<NexthopFilter, Context>[] = [
  word('dev DEVICE', (filter, args, ctx) => {
    filter.ifindex = indexOf(ctx, args.value(), false);
  }),
  word('groups*', (filter) => {
    filter.groups = true;
  }),
  word('master DEVICE', (filter, args, ctx) => {
    filter.master = indexOf(ctx, args.value(), false);
  }),
  word('vrf* NAME', (filter, args, ctx) => {
    filter.master = indexOf(ctx, args.value(), true);
  }),
  word('id NUMBER', (filter, args) => {
    filter.id = readId(args.value());
  }),
  word('protocol* NUMBER', (filter, args) => {
    const text = args.value();
    filter.protocol = parseUnsigned(text);
    if (filter.protocol === undefined) throw invalidArgument('invalid protocol value\n', text);
  }),
  word('fdb', () => {}),
];

function readWord(ctx: Context, filter: NexthopFilter, args: Args): void {
  const found = findWord(NEXTHOP_SELECTORS, args);
  if (found !== undefined) found.read(filter, args, ctx);
  else if (args.matches('help')) throw new Exit(255, NEXTHOP_USAGE);
  else throw invalidArgument('', args.word);
}

/** Reads the selectors. Source: iproute2 ip/ipnexthop.c, ipnh_list_flush(). */
function parseFilter(ctx: Context, rest: readonly string[]): NexthopFilter {
  const filter: NexthopFilter = {
    id: undefined,
    ifindex: undefined,
    master: undefined,
    groups: false,
    protocol: undefined,
  };
  for (const args = new Args(rest); !args.done; args.skip()) readWord(ctx, filter, args);
  return filter;
}

/** Whether a nexthop is shown. Linux net/ipv4/nexthop.c, nh_dump_filtered() */
function passes(ctx: Context, nh: NexthopObjectInfo, filter: NexthopFilter): boolean {
  const { family } = ctx.options;
  if (filter.protocol !== undefined && filter.protocol !== nh.protocol) return false;
  if (filter.groups && nh.group === undefined) return false;
  if (filter.ifindex === undefined && filter.master === undefined && family === undefined)
    return true;
  if (nh.group !== undefined || (family !== undefined && family !== nh.family)) return false;
  if (filter.ifindex !== undefined && filter.ifindex !== nh.ifindex) return false;
  if (filter.master === undefined) return true;
  return ctx.link(nh.ifindex ?? 0)?.masterIfindex === filter.master;
}

/** `ip nexthop list` */
export function nexthopList(ctx: Context, rest: readonly string[]): number {
  const filter = parseFilter(ctx, rest);
  if (filter.id !== undefined) return showOne(ctx, filter.id);
  ctx.printer.begin();
  for (const nh of nexthopDump(ctx.ns)) if (passes(ctx, nh, filter)) printNexthopObject(ctx, nh);
  ctx.printer.end();
  return 0;
}

function showOne(ctx: Context, id: number): number {
  const nh = talk(() => nexthopGet(ctx.ns, id));
  ctx.printer.begin();
  printNexthopObject(ctx, nh);
  ctx.printer.end();
  return 0;
}

/** `ip nexthop get id ID`. Source: ipnh_get() */
export function nexthopShowOne(ctx: Context, rest: readonly string[]): number {
  let id: number | undefined;
  for (const args = new Args(rest); !args.done; args.skip()) {
    if (!args.is('id')) throw new Exit(255, NEXTHOP_USAGE);
    id = readId(args.value());
  }
  if (id === undefined) throw new Exit(255, NEXTHOP_USAGE);
  return showOne(ctx, id);
}

/** Deletes one of several; says so if that fails, and goes on. @returns whether it is gone by this */
function tryDelete(ctx: Context, id: number): boolean {
  try {
    if (ctx.proc.uid !== 0) throw new KernelError('EPERM');
    nexthopDel(ctx.ns, id);
    return true;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    ctx.output.err(netlinkError(e));
    return false;
  }
}

/** `ip nexthop flush`: groups first, if all go. Source: ipnh_flush() */
export function nexthopFlush(ctx: Context, rest: readonly string[]): number {
  const filter = parseFilter(ctx, rest);
  const { id } = filter;
  if (id !== undefined) {
    ctx.modify(() => nexthopDel(ctx.ns, id));
    return 0;
  }
  const rounds = rest.length === 0 ? [{ ...filter, groups: true }, filter] : [filter];
  let flushed = 0;
  for (const round of rounds) {
    const found = nexthopDump(ctx.ns).filter((nh) => passes(ctx, nh, round));
    for (const nh of found) if (tryDelete(ctx, nh.id)) flushed++;
  }
  ctx.output.out(flushed === 0 ? 'Nothing to flush\n' : `Flushed ${flushed} nexthops\n`);
  return 0;
}
