import { TC_H_ROOT, type TcOptions } from '@labwire/devices/qdisc';
import {
  type ClassInfo,
  classDel,
  classDump,
  classSet,
  type NewFlags,
} from '@labwire/devices/rtnetlink';
import type { Context } from '../context/index.ts';
import {
  Args,
  duplicateArgument,
  Exit,
  Failure,
  invalidArgument,
  matches,
  unsupported,
} from '../parse/index.ts';
import { QDISC_KINDS, UNSUPPORTED_QDISCS } from './qdisc/index.ts';
import { ifindexOf } from './qdisc-command.ts';
import { printTcStats } from './stats.ts';
import { classidText, parseClassid, parseQdiscHandle } from './units/index.ts';

const USAGE = `Usage: tc class [ add | del | change | replace | show ] dev STRING
       [ classid CLASSID ] [ root | parent CLASSID ]
       [ [ QDISC_KIND ] [ help | OPTIONS ] ]

       tc class show [ dev STRING ] [ root | parent CLASSID ]
Where:
QDISC_KIND := { prio | cbq | etc. }
OPTIONS := ... try tc class add <desired QDISC_KIND> help
`;

interface Words {
  dev: string;
  handle: number;
  parent: number;
  qdisc: number;
  kind: string | undefined;
}

function readId(args: Args, message: string): number {
  const text = args.value();
  const id = parseClassid(text);
  if (id === undefined) throw invalidArgument(message, text);
  return id;
}

/** Reads what `add` and `show` have in common. @returns false if the word is none of it */
function readCommon(args: Args, w: Words, dot: string): boolean {
  if (args.is('dev')) {
    const name = args.value();
    if (w.dev !== '') throw duplicateArgument('dev', name);
    w.dev = name;
  } else if (args.is('classid')) {
    if (w.handle !== 0) throw duplicateArgument('classid', args.value());
    w.handle = readId(args, 'invalid class ID');
  } else if (args.is('root')) {
    if (w.parent !== 0) throw new Failure(255, `Error: "root" is duplicate parent ID${dot}\n`);
    w.parent = TC_H_ROOT;
  } else if (args.is('parent')) {
    if (w.parent !== 0) throw duplicateArgument('parent', args.value());
    w.parent = readId(args, 'invalid parent ID');
  } else return false;
  return true;
}

/** Source: iproute2 tc/tc_class.c, tc_class_modify(). */
function parseModify(
  ctx: Context,
  words: readonly string[],
): Words & { options: TcOptions | undefined } {
  const args = new Args(words);
  const w: Words = { dev: '', handle: 0, parent: 0, qdisc: 0, kind: undefined };
  for (; !args.done; args.skip()) {
    if (readCommon(args, w, '.')) continue;
    if (args.is('handle')) throw new Failure(255, 'Error: try "classid" instead of "handle"\n');
    if (args.matches('estimator')) throw unsupported('tc class estimator', 'classes without');
    if (args.matches('help')) throw new Exit(255, USAGE);
    w.kind = args.take();
    break;
  }
  return {
    ...w,
    options: w.kind === undefined ? undefined : parseOptions(ctx, args, w.kind, w.dev),
  };
}

function parseOptions(ctx: Context, args: Args, kind: string, dev: string): TcOptions {
  if (UNSUPPORTED_QDISCS.includes(kind)) throw unsupported(`tc class ${kind}`, 'htb');
  const parse = QDISC_KINDS.get(kind)?.parseClass;
  if (parse === undefined) throw new Failure(1, `Error: Qdisc "${kind}" is classless.\n`);
  return parse(ctx, args, dev);
}

function modify(ctx: Context, words: readonly string[], flags: NewFlags): number {
  const { dev, kind, options, handle, parent } = parseModify(ctx, words);
  const request = {
    ifindex: ifindexOf(ctx, dev),
    handle,
    parent,
    ...(kind === undefined ? {} : { kind }),
    ...(options === undefined ? {} : { options }),
  };
  const warning = ctx.modify(() => classSet(ctx.ns, request, flags));
  if (warning !== undefined) ctx.output.err(`Warning: ${warning}\n`);
  return 0;
}

function remove(ctx: Context, words: readonly string[]): number {
  const { dev, handle, parent } = parseModify(ctx, words);
  const ifindex = ifindexOf(ctx, dev);
  ctx.modify(() => classDel(ctx.ns, { ifindex, handle, parent }));
  return 0;
}

/** Source: tc/tc_class.c, tc_class_list(). */
function list(ctx: Context, words: readonly string[]): number {
  const args = new Args(words);
  const w: Words = { dev: '', handle: 0, parent: 0, qdisc: 0, kind: undefined };
  for (; !args.done; args.skip()) {
    if (readCommon(args, w, '')) continue;
    if (args.is('qdisc')) {
      const text = args.value();
      if (w.qdisc !== 0) throw duplicateArgument('qdisc', text);
      const handle = parseQdiscHandle(text);
      if (handle === undefined) throw invalidArgument('invalid qdisc ID', text);
      w.qdisc = handle;
    } else if (args.matches('help')) throw new Exit(255, USAGE);
    else throw new Failure(255, `What is "${args.word}"? Try "tc class help".\n`);
  }
  const ifindex = w.dev === '' ? 0 : ifindexOf(ctx, w.dev);
  for (const c of classDump(ctx.ns, ifindex, w.parent)) {
    if (w.qdisc !== 0 && Math.floor(c.handle / 0x1_0000) !== Math.floor(w.qdisc / 0x1_0000))
      continue;
    if (w.handle === 0 || c.handle === w.handle) printClass(ctx, c, w.qdisc !== 0);
  }
  return 0;
}

/** Source: tc/tc_class.c, print_class(). @param minor whether ids are shown without their major part */
function printClass(ctx: Context, c: ClassInfo, minor: boolean): void {
  const { printer, options } = ctx;
  const known = QDISC_KINDS.get(c.kind);
  const id = (handle: number) => classidText(minor ? handle % 0x1_0000 : handle);
  printer.text(`class ${c.kind} ${id(c.handle)} `);
  printer.text(c.parent === TC_H_ROOT ? 'root ' : `parent ${id(c.parent)} `);
  if (c.leaf !== 0) printer.text(`leaf ${Math.floor(c.leaf / 0x1_0000).toString(16)}: `);
  if (c.options !== undefined) known?.printClass?.(ctx, c.options);
  printer.text('\n');
  if (options.stats === 0) return;
  if (c.stats !== undefined) {
    printTcStats(ctx, c.stats, ' ');
    printer.text('\n');
  }
  if (c.xstats !== undefined && known?.printXstats !== undefined) {
    known.printXstats(ctx, c.xstats);
    printer.text('\n');
  }
}

/** `tc class …` Source: tc/tc_class.c, do_class(). */
export function tcClass(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return list(ctx, []);
  if (matches(command, 'add')) return modify(ctx, rest, { create: true, excl: true });
  if (matches(command, 'change')) return modify(ctx, rest, {});
  if (matches(command, 'replace')) return modify(ctx, rest, { create: true });
  if (matches(command, 'delete')) return remove(ctx, rest);
  if (['list', 'show', 'lst'].some((name) => matches(command, name))) return list(ctx, rest);
  if (matches(command, 'help')) throw new Exit(0, USAGE);
  throw new Failure(255, `Command "${command}" is unknown, try "tc class help".\n`);
}
