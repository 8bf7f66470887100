import {
  TC_H_CLSACT_HANDLE,
  TC_H_INGRESS,
  TC_H_ROOT,
  type TcOptions,
} from '@labwire/devices/qdisc';
import {
  type NewFlags,
  type QdiscInfo,
  qdiscDel,
  qdiscDump,
  qdiscSet,
} from '@labwire/devices/rtnetlink';
import { type ManualSection, rowsOf } from '../../machine/index.ts';
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
  noSuchDevice,
  refusedWord,
  unsupported,
  type Word,
  word,
  wordRows,
} from '../parse/index.ts';
import { QDISC_KINDS, UNSUPPORTED_QDISCS } from './qdisc/index.ts';
import { printTcStats } from './stats.ts';
import { classidText, parseClassid, parseQdiscHandle } from './units/index.ts';

const USAGE = `Usage: tc qdisc [ add | del | replace | change | show ] dev STRING
       [ handle QHANDLE ] [ root | ingress | clsact | parent CLASSID ]
       [ estimator INTERVAL TIME_CONSTANT ]
       [ stab [ help | STAB_OPTIONS] ]
       [ ingress_block BLOCK_INDEX ] [ egress_block BLOCK_INDEX ]
       [ [ QDISC_KIND ] [ help | OPTIONS ] ]

       tc qdisc { show | list } [ dev STRING ] [ QDISC_ID ] [ invisible ]
Where:
QDISC_KIND := { [p|b]fifo | tbf | prio | cbq | red | etc. }
OPTIONS := ... try tc qdisc add <desired QDISC_KIND> help
STAB_OPTIONS := ... try tc qdisc add stab help
QDISC_ID := { root | ingress | handle QHANDLE | parent CLASSID }
`;

interface Words {
  dev: string;
  handle: number;
  parent: number;
  kind: string | undefined;
  options: TcOptions | undefined;
}

function setParent(w: Words, parent: number, word: string, article = ''): void {
  if (w.parent !== 0) throw new Failure(255, `Error: "${word}" is ${article}duplicate parent ID\n`);
  w.parent = parent;
}

/** Reads the kind and its options. @throws Failure with the kind's own words */
export function parseKind(
  ctx: Context,
  args: Args,
  kind: string,
  dev: string,
): TcOptions | undefined {
  if (UNSUPPORTED_QDISCS.includes(kind))
    throw unsupported(`tc qdisc ${kind}`, [...QDISC_KINDS.keys()].join(', '));
  const known = QDISC_KINDS.get(kind);
  if (known?.parse !== undefined) return known.parse(ctx, args, dev);
  if (args.done) return undefined;
  if (known !== undefined)
    throw new Failure(255, `qdisc '${kind}' does not support option parsing\n`);
  throw new Failure(1, `Unknown qdisc "${kind}", hence option "${args.word}" is unparsable\n`);
}

/** The words before the kind. */
const MODIFY_WORDS: readonly Word<Words>[] = [
  word('dev DEVICE', (w, args) => {
    const name = args.value();
    if (w.dev !== '') throw duplicateArgument('dev', name);
    w.dev = name;
  }),
  word('handle HANDLE', (w, args) => {
    if (w.handle !== 0) throw duplicateArgument('handle', args.word);
    w.handle = readId(args.value(), parseQdiscHandle, 'invalid qdisc ID');
  }),
  word('root', (w) => setParent(w, TC_H_ROOT, 'root')),
  word('parent CLASSID', (w, args) => {
    const text = args.value();
    if (w.parent !== 0) throw duplicateArgument('parent', text);
    w.parent = readId(text, parseClassid, 'invalid parent ID');
  }),
  refusedWord('estimator*|stab*|ingress_block*|egress_block*', (typed) =>
    unsupported(`tc qdisc ${typed}`, 'dev, handle, root, parent, ingress, clsact'),
  ),
];

function readId(
  text: string,
  parse: (text: string) => number | undefined,
  message: string,
): number {
  const id = parse(text);
  if (id === undefined) throw invalidArgument(message, text);
  return id;
}

/** Source: iproute2 tc/tc_qdisc.c, tc_qdisc_modify(). */
function parseModify(ctx: Context, words: readonly string[]): Words {
  const args = new Args(words);
  const w: Words = { dev: '', handle: 0, parent: 0, kind: undefined, options: undefined };
  for (; !args.done; args.skip()) {
    if (args.is('clsact', 'ingress')) {
      setParent(w, TC_H_INGRESS, args.word, 'a ');
      w.handle = TC_H_CLSACT_HANDLE;
    } else {
      const found = findWord(MODIFY_WORDS, args);
      if (found !== undefined) {
        found.read(w, args, undefined);
        continue;
      }
      if (args.matches('help')) throw new Exit(255, USAGE);
    }
    w.kind = args.take();
    break;
  }
  if (w.kind !== undefined) w.options = parseKind(ctx, args, w.kind, w.dev);
  return w;
}

/** The index of a device that `tc` was given; without one the kernel finds none. */
export function ifindexOf(ctx: Context, dev: string): number {
  if (dev === '') throw new Failure(2, 'RTNETLINK answers: No such device\n');
  const ifindex = ctx.findIndex(dev);
  if (ifindex === 0) throw noSuchDevice(dev);
  return ifindex;
}

function modify(ctx: Context, words: readonly string[], flags: NewFlags): number {
  const { dev, kind, options, ...w } = parseModify(ctx, words);
  const request = {
    ...w,
    ifindex: ifindexOf(ctx, dev),
    ...(kind === undefined ? {} : { kind }),
    ...(options === undefined ? {} : { options }),
  };
  ctx.modify(() => qdiscSet(ctx.ns, request, flags));
  return 0;
}

function remove(ctx: Context, words: readonly string[]): number {
  const { dev, kind, handle, parent } = parseModify(ctx, words);
  const request = {
    ifindex: ifindexOf(ctx, dev),
    handle,
    parent,
    ...(kind === undefined ? {} : { kind }),
  };
  ctx.modify(() => qdiscDel(ctx.ns, request));
  return 0;
}

interface Filter {
  dev: string;
  parent: number;
  handle: number;
}

/** Notes whose children are meant; one handle or parent may be given. */
function choose(f: Filter, args: Args, change: () => void): void {
  if (f.parent !== 0) throw invalidArgument('parent is already specified', args.word);
  if (f.handle !== 0) throw invalidArgument('handle is already specified', args.word);
  change();
}

const LIST_WORDS: readonly Word<Filter>[] = [
  word('dev DEVICE', (f, args) => {
    f.dev = args.value();
  }),
  word('root', (f, args) =>
    choose(f, args, () => {
      f.parent = TC_H_ROOT;
    }),
  ),
  word('ingress|clsact', (f, args) =>
    choose(f, args, () => {
      f.parent = TC_H_INGRESS;
    }),
  ),
  word('parent* CLASSID', (f, args) =>
    choose(f, args, () => {
      f.parent = readId(args.value(), parseClassid, 'invalid parent ID');
    }),
  ),
  word('handle* HANDLE', (f, args) =>
    choose(f, args, () => {
      f.handle = readId(args.value(), parseQdiscHandle, 'invalid handle ID');
    }),
  ),
  word('invisible', () => {}),
];

/** Source: tc/tc_qdisc.c, tc_qdisc_list(). */
function parseList(words: readonly string[]): Filter {
  const f: Filter = { dev: '', parent: 0, handle: 0 };
  for (const args = new Args(words); !args.done; args.skip()) {
    const found = findWord(LIST_WORDS, args);
    if (found !== undefined) found.read(f, args, undefined);
    else if (args.matches('help')) throw new Exit(255, USAGE);
    else throw new Failure(255, `What is "${args.word}"? Try "tc qdisc help".\n`);
  }
  return f;
}

function list(ctx: Context, words: readonly string[]): number {
  const filter = parseList(words);
  const ifindex = filter.dev === '' ? 0 : ifindexOf(ctx, filter.dev);
  const { printer } = ctx;
  printer.begin();
  for (const q of qdiscDump(ctx.ns)) {
    if (ifindex !== 0 && q.ifindex !== ifindex) continue;
    if (filter.handle !== 0 && q.handle !== filter.handle) continue;
    if (filter.parent !== 0 && q.parent !== filter.parent) continue;
    printQdisc(ctx, q, ifindex === 0);
  }
  printer.end();
  return 0;
}

/** Source: tc/tc_qdisc.c, print_qdisc(). */
function printQdisc(ctx: Context, q: QdiscInfo, showDev: boolean): void {
  const { printer, options } = ctx;
  const known = QDISC_KINDS.get(q.kind);
  printer.openObject();
  printer.field('kind', 'qdisc %s', q.kind);
  printer.field('handle', ' %s', `${Math.floor(q.handle / 0x1_0000).toString(16)}:`);
  printer.text(' ');
  if (showDev) {
    printer.text('dev ');
    printer.field('dev', '%s ', ctx.nameOf(q.ifindex), 'ifname');
  }
  if (q.parent === TC_H_ROOT) printer.flag('root', 'root ');
  else if (q.parent !== 0) printer.field('parent', 'parent %s ', classidText(q.parent));
  if (q.refcnt !== 1) printer.field('refcnt', 'refcnt %u ', q.refcnt);
  printer.openObject('options');
  if (q.options !== undefined) known?.print?.(ctx, q.options);
  printer.closeObject();
  printer.nl();
  if (options.stats > 0) {
    printTcStats(ctx, q.stats, ' ');
    printer.nl();
    if (q.xstats !== undefined && known?.printXstats !== undefined) {
      known.printXstats(ctx, q.xstats);
      printer.nl();
    }
  }
  printer.closeObject();
}

function change(names: string, flags: NewFlags): Command[] {
  return commands(names, (ctx, words) => modify(ctx, words, flags));
}

/** Source: tc/tc_qdisc.c, do_qdisc(). */
const COMMANDS: CommandSet = {
  name: 'tc qdisc',
  usage: USAGE,
  helpStatus: 0,
  bare: list,
  commands: [
    ...change('add', { create: true, excl: true }),
    ...change('change', {}),
    ...change('replace', { create: true, replace: true }),
    ...change('link', { replace: true }),
    ...commands('delete', remove),
    ...commands('list show lst', list),
  ],
  unknown: (command) => new Failure(255, `Command "${command}" is unknown, try "tc qdisc help".\n`),
};

/** `tc qdisc …` */
export function tcQdisc(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `tc qdisc` can be told, with the options of each kind. */
export const qdiscManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  {
    title: 'tc qdisc add, change, replace, delete',
    rows: [...wordRows(MODIFY_WORDS), ...rowsOf(['ingress', 'clsact'])],
  },
  { title: 'tc qdisc show', rows: wordRows(LIST_WORDS) },
  {
    title: 'Kinds of qdiscs',
    rows: [...rowsOf(QDISC_KINDS.keys()), ...rowsOf(UNSUPPORTED_QDISCS, { refused: true })],
  },
  ...[...QDISC_KINDS].flatMap(([kind, { words = [] }]) =>
    words.length === 0 ? [] : [{ title: `tc qdisc … ${kind}`, rows: wordRows(words) }],
  ),
];
