import { TC_H_MIN_EGRESS, TC_H_MIN_INGRESS, TC_H_ROOT } from '@labwire/devices/qdisc';
import {
  filterDel,
  filterDump,
  filterSet,
  type NewFlags,
  type TcFilterInfo,
} from '@labwire/devices/rtnetlink';
import { type ManualSection, rowsOf } from '../../machine/index.ts';
import {
  type Command,
  type CommandSet,
  type Context,
  commandSection,
  commands,
  refusedCommands,
  runCommand,
} from '../context/index.ts';
import { etherProtocolName, parseEtherProtocol } from '../ip/index.ts';
import {
  Args,
  duplicateArgument,
  Exit,
  Failure,
  findWord,
  invalidArgument,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
  wordRows,
} from '../parse/index.ts';
import {
  ACTION_ROWS,
  FILTER_KINDS,
  MATCH_ROWS,
  POLICE_WORDS,
  UNSUPPORTED_FILTERS,
} from './filter/index.ts';
import type { ParsedFilter } from './filter/kind.ts';
import { ifindexOf } from './qdisc-command.ts';
import { classidText, parseClassid } from './units/index.ts';

const USAGE = `Usage: tc filter [ add | del | change | replace | show ] [ dev STRING ]
       tc filter [ add | del | change | replace | show ] [ block BLOCK_INDEX ]
       tc filter get dev STRING parent CLASSID protocol PROTO handle FILTERID pref PRIO FILTER_TYPE
       tc filter get block BLOCK_INDEX protocol PROTO handle FILTERID pref PRIO FILTER_TYPE
       [ pref PRIO ] protocol PROTO [ chain CHAIN_INDEX ]
       [ estimator INTERVAL TIME_CONSTANT ]
       [ root | ingress | egress | parent CLASSID ]
       [ handle FILTERID ] [ [ FILTER_TYPE ] [ help | OPTIONS ] ]

       tc filter show [ dev STRING ] [ root | ingress | egress | parent CLASSID ]
       tc filter show [ block BLOCK_INDEX ]
Where:
FILTER_TYPE := { rsvp | u32 | bpf | fw | route | etc. }
FILTERID := ... format depends on classifier, see there
OPTIONS := ... try tc filter add <desired FILTER_KIND> help
`;
const ETH_P_ALL = 3;

interface Words {
  dev: string;
  parent: number;
  prio: number;
  protocol: number | undefined;
  handle: string | undefined;
  chain: number | undefined;
  kind: string | undefined;
}

const PARENTS: Readonly<Record<string, number>> = {
  root: TC_H_ROOT,
  ingress: TC_H_MIN_INGRESS,
  egress: TC_H_MIN_EGRESS,
};

/** What `add` and `show` have in common. @param message what is said of a parent that is none */
function commonWords(message: string): readonly Word<Words>[] {
  return [
    ...Object.entries(PARENTS).map(([name, place]) =>
      word<Words>(name, (w) => {
        if (w.parent !== 0) throw new Failure(255, `Error: "${name}" is duplicate parent ID\n`);
        w.parent = place;
      }),
    ),
    word('dev DEVICE', (w, args) => {
      const name = args.value();
      if (w.dev !== '') throw duplicateArgument('dev', name);
      w.dev = name;
    }),
    word('parent CLASSID', (w, args) => {
      const text = args.value();
      if (w.parent !== 0) throw duplicateArgument('parent', text);
      const parent = parseClassid(text);
      if (parent === undefined) throw invalidArgument(message, text);
      w.parent = parent;
    }),
    word('handle HANDLE', (w, args) => {
      const text = args.value();
      if (w.handle !== undefined) throw duplicateArgument('handle', text);
      w.handle = text;
    }),
    ...SELECTORS,
  ];
}

const SELECTORS: readonly Word<Words>[] = [
  word('preference*|priority* NUMBER', (w, args) => {
    const text = args.value();
    if (w.prio !== 0) throw duplicateArgument('priority', text);
    const prio = parseUnsigned(text, 0xffff);
    if (prio === undefined) throw invalidArgument('invalid priority value', text);
    w.prio = prio;
  }),
  word('protocol* PROTOCOL', (w, args) => {
    const text = args.value();
    if (w.protocol !== undefined) throw duplicateArgument('protocol', text);
    w.protocol = parseEtherProtocol(text);
    if (w.protocol === undefined) throw invalidArgument('invalid protocol', text);
  }),
  word('chain* NUMBER', (w, args) => {
    const text = args.value();
    const chain = parseUnsigned(text);
    if (chain === undefined) throw invalidArgument('invalid chain index value', text);
    if (chain !== 0) throw unsupported('tc filter chain', 'chain 0');
    w.chain = chain;
  }),
  refusedWord('block*|estimator*', (typed) =>
    unsupported(`tc filter ${typed}`, 'dev, parent, root, ingress, egress, pref, protocol, handle'),
  ),
];
const MODIFY_WORDS = commonWords('Invalid parent ID');
const LIST_WORDS = commonWords('invalid parent ID');

function newWords(): Words {
  return {
    dev: '',
    parent: 0,
    prio: 0,
    protocol: undefined,
    handle: undefined,
    chain: undefined,
    kind: undefined,
  };
}

/** Source: iproute2 tc/tc_filter.c, tc_filter_modify(). */
function parseModify(
  ctx: Context,
  words: readonly string[],
): Omit<Words, 'handle'> & ParsedFilter & { ifindex: number } {
  const args = new Args(words);
  const w = newWords();
  for (; !args.done; args.skip()) {
    const found = findWord(MODIFY_WORDS, args);
    if (found !== undefined) {
      found.read(w, args, undefined);
      continue;
    }
    if (args.matches('help')) throw new Exit(0, USAGE);
    w.kind = args.take();
    break;
  }
  const ifindex = ifindexOf(ctx, w.dev);
  return { ...w, ifindex, ...parseKind(ctx, args, w) };
}

function parseKind(ctx: Context, args: Args, w: Words): ParsedFilter & { handle: number } {
  if (w.kind === undefined) {
    if (w.handle !== undefined)
      throw new Failure(255, 'Must specify filter type when using "handle"\n');
    return { handle: 0, options: undefined };
  }
  if (UNSUPPORTED_FILTERS.includes(w.kind))
    throw unsupported(`tc filter ${w.kind}`, [...FILTER_KINDS.keys()].join(', '));
  const known = FILTER_KINDS.get(w.kind);
  if (known !== undefined) return known.parse(ctx, args, w.handle);
  if (args.done && w.handle === undefined) return { handle: 0, options: undefined };
  throw new Failure(
    1,
    `Unknown filter "${w.kind}", hence option "${args.word || '(null)'}" is unparsable\n`,
  );
}

/** Asks the kernel; tc tells of a refusal twice. */
function talk(ctx: Context, request: () => void): number {
  try {
    ctx.modify(request);
  } catch (e) {
    if (!(e instanceof Failure)) throw e;
    throw new Failure(2, `${e.text}We have an error talking to the kernel\n`);
  }
  return 0;
}

function modify(ctx: Context, words: readonly string[], flags: NewFlags): number {
  const { ifindex, parent, prio, protocol, handle, kind, options } = parseModify(ctx, words);
  const request = {
    ifindex,
    parent,
    prio,
    handle,
    protocol: protocol ?? (flags.create === true ? ETH_P_ALL : 0),
    ...(kind === undefined ? {} : { kind }),
    ...(options === undefined ? {} : { options }),
  };
  return talk(ctx, () => filterSet(ctx.ns, request, flags));
}

function remove(ctx: Context, words: readonly string[]): number {
  const { ifindex, parent, prio, protocol = 0, handle, kind } = parseModify(ctx, words);
  const request = {
    ifindex,
    parent,
    prio,
    protocol,
    handle,
    ...(kind === undefined ? {} : { kind }),
  };
  return talk(ctx, () => filterDel(ctx.ns, request));
}

/** Source: tc/tc_filter.c, tc_filter_list(). */
function list(ctx: Context, words: readonly string[]): number {
  const args = new Args(words);
  const w = newWords();
  for (; !args.done; args.skip()) {
    const found = findWord(LIST_WORDS, args);
    if (found !== undefined) found.read(w, args, undefined);
    else if (args.matches('help')) throw new Exit(0, USAGE);
    else throw new Failure(255, ` What is "${args.word}"? Try "tc filter help"\n`);
  }
  const ifindex = w.dev === '' ? 0 : ifindexOf(ctx, w.dev);
  const { printer } = ctx;
  printer.begin();
  for (const f of filterDump(ctx.ns, ifindex, w.parent)) {
    if (w.prio !== 0 && f.prio !== w.prio) continue;
    if (w.protocol !== undefined && f.protocol !== w.protocol) continue;
    printFilter(ctx, f, w);
  }
  printer.end();
  return 0;
}

/** Source: tc/tc_filter.c, print_filter(). */
function printFilter(ctx: Context, f: TcFilterInfo, w: Words): void {
  const { printer } = ctx;
  printer.openObject();
  printer.text('filter ');
  if (w.parent !== f.parent) printParent(ctx, f.parent);
  if (w.protocol !== f.protocol)
    printer.field('protocol', 'protocol %s ', etherProtocolName(f.protocol));
  if (w.prio !== f.prio) printer.field('pref', 'pref %u ', f.prio);
  printer.field('kind', '%s ', f.kind);
  if (w.chain !== 0) printer.field('chain', 'chain %u ', 0);
  if (f.options !== undefined) {
    printer.openObject('options');
    FILTER_KINDS.get(f.kind)?.print(ctx, f.options, f.handle);
    printer.closeObject();
  }
  printer.nl();
  printer.closeObject();
}

function printParent({ printer }: Context, parent: number): void {
  const name = Object.keys(PARENTS).find((p) => PARENTS[p] === parent);
  if (name !== undefined) printer.flag(name, `${name} `);
  else printer.field('parent', 'parent %s ', classidText(parent));
}

function change(names: string, flags: NewFlags): Command[] {
  return commands(names, (ctx, words) => modify(ctx, words, flags));
}

/** Source: tc/tc_filter.c, do_filter(). */
const COMMANDS: CommandSet = {
  name: 'tc filter',
  usage: USAGE,
  helpStatus: 0,
  bare: list,
  commands: [
    ...change('add', { create: true, excl: true }),
    ...change('change', {}),
    ...change('replace', { create: true }),
    ...commands('delete', remove),
    ...refusedCommands('get', () => unsupported('tc filter get', 'tc filter show')),
    ...commands('list show lst', list),
  ],
  unknown: (command) =>
    new Failure(255, `Command "${command}" is unknown, try "tc filter help".\n`),
};

/** `tc filter …` */
export function tcFilter(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `tc filter` can be told, with the words of each kind and of actions. */
export const filterManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  {
    title: 'tc filter add, change, replace, delete, show',
    rows: wordRows(MODIFY_WORDS),
  },
  {
    title: 'Kinds of filters',
    rows: [...rowsOf(FILTER_KINDS.keys()), ...rowsOf(UNSUPPORTED_FILTERS, { refused: true })],
  },
  ...[...FILTER_KINDS].map(([kind, { words }]) => ({
    title: `tc filter … ${kind}`,
    rows: wordRows(words),
  })),
  { title: 'tc filter … u32 match', rows: MATCH_ROWS },
  { title: 'tc … action', rows: ACTION_ROWS },
  { title: 'tc … police', rows: wordRows(POLICE_WORDS) },
];
