import { TC_H_ROOT, type TcOptions } from '@labwire/devices/qdisc';
import {
  type ClassInfo,
  classDel,
  classDump,
  classSet,
  type NewFlags,
} from '@labwire/devices/rtnetlink';
import type { ManualSection } from '../../machine/index.ts';
import {
  type Command,
  type CommandSet,
  type Context,
  commandSection,
  commands,
  runCommand,
} from '../context/index.ts';
import {
  Args,
  duplicateArgument,
  Exit,
  Failure,
  findWord,
  invalidArgument,
  refusedWord,
  unsupported,
  type Word,
  word,
  wordRows,
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

/** What `add` and `show` have in common. @param dot how a complaint of `show` or `add` ends */
function commonWords(dot: string): readonly Word<Words>[] {
  return [
    word('dev DEVICE', (w, args) => {
      const name = args.value();
      if (w.dev !== '') throw duplicateArgument('dev', name);
      w.dev = name;
    }),
    word('classid CLASSID', (w, args) => {
      if (w.handle !== 0) throw duplicateArgument('classid', args.value());
      w.handle = readId(args, 'invalid class ID');
    }),
    word('root', (w) => {
      if (w.parent !== 0) throw new Failure(255, `Error: "root" is duplicate parent ID${dot}\n`);
      w.parent = TC_H_ROOT;
    }),
    word('parent CLASSID', (w, args) => {
      if (w.parent !== 0) throw duplicateArgument('parent', args.value());
      w.parent = readId(args, 'invalid parent ID');
    }),
  ];
}

const MODIFY_WORDS: readonly Word<Words>[] = [
  ...commonWords('.'),
  refusedWord('handle', () => new Failure(255, 'Error: try "classid" instead of "handle"\n')),
  refusedWord('estimator*', () => unsupported('tc class estimator', 'classes without')),
];

const LIST_WORDS: readonly Word<Words>[] = [
  ...commonWords(''),
  word('qdisc HANDLE', (w, args) => {
    const text = args.value();
    if (w.qdisc !== 0) throw duplicateArgument('qdisc', text);
    const handle = parseQdiscHandle(text);
    if (handle === undefined) throw invalidArgument('invalid qdisc ID', text);
    w.qdisc = handle;
  }),
];

/** Source: iproute2 tc/tc_class.c, tc_class_modify(). */
function parseModify(
  ctx: Context,
  words: readonly string[],
): Words & { options: TcOptions | undefined } {
  const args = new Args(words);
  const w: Words = { dev: '', handle: 0, parent: 0, qdisc: 0, kind: undefined };
  for (; !args.done; args.skip()) {
    const found = findWord(MODIFY_WORDS, args);
    if (found !== undefined) {
      found.read(w, args, undefined);
      continue;
    }
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
    const found = findWord(LIST_WORDS, args);
    if (found !== undefined) found.read(w, args, undefined);
    else if (args.matches('help')) throw new Exit(255, USAGE);
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

function change(names: string, flags: NewFlags): Command[] {
  return commands(names, (ctx, words) => modify(ctx, words, flags));
}

/** Source: tc/tc_class.c, do_class(). */
const COMMANDS: CommandSet = {
  name: 'tc class',
  usage: USAGE,
  helpStatus: 0,
  bare: list,
  commands: [
    ...change('add', { create: true, excl: true }),
    ...change('change', {}),
    ...change('replace', { create: true }),
    ...commands('delete', remove),
    ...commands('list show lst', list),
  ],
  unknown: (command) => new Failure(255, `Command "${command}" is unknown, try "tc class help".\n`),
};

/** `tc class …` */
export function tcClass(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `tc class` can be told, with the options of each kind. */
export const classManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'tc class add, change, replace, delete', rows: wordRows(MODIFY_WORDS) },
  { title: 'tc class show', rows: wordRows(LIST_WORDS) },
  ...[...QDISC_KINDS].flatMap(([kind, { classWords = [] }]) =>
    classWords.length === 0 ? [] : [{ title: `tc class … ${kind}`, rows: wordRows(classWords) }],
  ),
];
