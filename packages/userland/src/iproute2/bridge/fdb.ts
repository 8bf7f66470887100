import { KernelError } from '@labwire/core/error';
import {
  type FdbInfo,
  type FdbRequest,
  fdbAdd,
  fdbDel,
  fdbDump,
  fdbFlush,
  fdbGet,
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
  talk,
} from '../context/index.ts';
import {
  Args,
  atoi,
  duplicateArgument,
  duplicateOrGarbage,
  Exit,
  Failure,
  findWord,
  invalidArgument,
  matches,
  noSuchDevice,
  parseAddr,
  parseEtherAddr,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
  wordRows,
} from '../parse/index.ts';
import { FDB_STATE_BITS, printFdb } from './fdb-print.ts';
import { failWith } from './link.ts';
import { FDB_USAGE } from './usage.ts';

const SUPPORTED =
  'dev, dst, port, vni, via, self, master, local, permanent, static, temp, dynamic, vlan, sticky, use, extern_learn';

/** NUD_* bits of a state's name. Source: iproute2 bridge/fdb.c, state_a2n(). */
function stateBits(text: string): number {
  if (matches(text, 'permanent')) return FDB_STATE_BITS.permanent;
  if (matches(text, 'static') || matches(text, 'temp')) return FDB_STATE_BITS.static;
  if (matches(text, 'stale')) return FDB_STATE_BITS.stale;
  if (matches(text, 'reachable') || matches(text, 'dynamic')) return FDB_STATE_BITS.reachable;
  const bits = text === 'all' ? -1 : parseUnsigned(text);
  if (bits === undefined) throw invalidArgument('invalid state', text);
  return bits;
}

function bridgeIndex(ctx: Context, name: string): number {
  const index = ctx.findIndex(name);
  if (index === 0) throw new Failure(1, `Cannot find bridge device "${name}"\n`);
  return index;
}

/** Which entries are shown. */
interface FdbFilter {
  dev: string | undefined;
  br: string | undefined;
  vlan: number;
  states: number;
  dynamic: boolean;
}

const SHOW_WORDS: readonly Word<FdbFilter>[] = [
  word('brport|dev DEVICE', (filter, args) => {
    filter.dev = args.value();
  }),
  word('br BRIDGE', (filter, args) => {
    filter.br = args.value();
  }),
  word('vlan VLAN', (filter, args) => {
    const text = args.value();
    if (filter.vlan !== 0) throw duplicateArgument('vlan', text);
    filter.vlan = atoi(text);
  }),
  word('state STATE', (filter, args) => {
    filter.states |= stateBits(args.value());
  }),
  word('dynamic', (filter) => {
    filter.dynamic = true;
  }),
];

function parseFilter(words: readonly string[]): FdbFilter {
  const filter: FdbFilter = { dev: undefined, br: undefined, vlan: 0, states: 0, dynamic: false };
  for (const args = new Args(words); !args.done; args.skip()) {
    const found = findWord(SHOW_WORDS, args);
    if (found !== undefined) found.read(filter, args, undefined);
    else if (args.matches('help')) throw new Exit(255, FDB_USAGE);
  }
  return filter;
}

/** `bridge fdb show` */
function show(ctx: Context, words: readonly string[]): number {
  const filter = parseFilter(words);
  const br = filter.br === undefined ? 0 : bridgeIndex(ctx, filter.br);
  const ifindex = filter.dev === undefined ? 0 : ctx.indexOf(filter.dev);
  const asked = {
    ...(br === 0 ? {} : { bridge: br }),
    ...(ifindex === 0 ? {} : { port: ifindex }),
  };
  const passes = (entry: FdbInfo) =>
    (filter.states === 0 || (FDB_STATE_BITS[entry.state] & filter.states) !== 0) &&
    (filter.vlan === 0 || filter.vlan === entry.vlan) &&
    !(filter.dynamic && entry.state === 'permanent');
  ctx.printer.begin();
  for (const entry of talk(() => fdbDump(ctx.ns, asked)))
    if (passes(entry)) printFdb(ctx, entry, ifindex === 0);
  ctx.printer.end();
  return 0;
}

/** What the words of `add`, `delete` and `get` say. */
interface FdbWords {
  addr: string | undefined;
  dev: string | undefined;
  br: string | undefined;
  dst: FdbRequest['dst'];
  port: number | undefined;
  vni: number | undefined;
  via: number | undefined;
  vlan: number | undefined;
  self: boolean;
  master: boolean;
  permanent: boolean;
  state: 'static' | 'dynamic' | undefined;
  sticky: boolean;
  use: boolean;
  extern: boolean;
}

function noWords(): FdbWords {
  return {
    addr: undefined,
    dev: undefined,
    br: undefined,
    dst: undefined,
    port: undefined,
    vni: undefined,
    via: undefined,
    vlan: undefined,
    self: false,
    master: false,
    permanent: false,
    state: undefined,
    sticky: false,
    use: false,
    extern: false,
  };
}

function readVlan(words: FdbWords, args: Args): void {
  if (words.vlan !== undefined) throw duplicateOrGarbage('vlan', args.word);
  words.vlan = atoi(args.value());
}

function readAddr(words: FdbWords, args: Args): void {
  if (args.matches('help')) throw new Exit(255, FDB_USAGE);
  if (words.addr !== undefined) throw duplicateOrGarbage('to', args.word);
  words.addr = args.word;
}

function readDst(ctx: Context, words: FdbWords, args: Args): void {
  const text = args.value();
  if (words.dst !== undefined) throw duplicateOrGarbage('dst', text);
  words.dst = parseAddr(text, ctx.options.family).addr;
}

function readNumber(args: Args, max: number, message: string): number {
  const text = args.value();
  const value = parseUnsigned(text, max);
  if (value === undefined) throw invalidArgument(message, text);
  return value;
}

type FdbWord = Word<FdbWords, Context>;

const refuse = (typed: string): Error => unsupported(`Option "${typed}" of bridge fdb`, SUPPORTED);

const SELF: FdbWord = word('self', (words) => {
  words.self = true;
});
const MASTER: FdbWord = word('master*', (words) => {
  words.master = true;
});
const VLAN: FdbWord = word('vlan* VLAN', (words, args) => readVlan(words, args));
const DYNAMIC: FdbWord = word('dynamic*', (words) => {
  words.state = 'dynamic';
});
const TO: FdbWord = word('to MAC', (words, args) => {
  args.value();
  readAddr(words, args);
});

/** The words of a change. Source: bridge/fdb.c, fdb_modify(). */
const MODIFY_WORDS: readonly FdbWord[] = [
  word('dev DEVICE', (words, args) => {
    words.dev = args.value();
  }),
  word('dst ADDRESS', (words, args, ctx) => readDst(ctx, words, args)),
  word('port PORT', (words, args) => {
    words.port = readNumber(args, 0xffff, 'invalid port');
  }),
  word('vni NUMBER', (words, args) => {
    words.vni = readNumber(args, 0xff_ffff, 'invalid VNI');
  }),
  word('via DEVICE', (words, args, ctx) => {
    const name = args.value();
    words.via = ctx.findIndex(name);
    if (words.via === 0) throw new Exit(255, noSuchDevice(name).text);
  }),
  refusedWord('nhid|src_vni', refuse),
  SELF,
  MASTER,
  refusedWord('router*', () => refuse('router')),
  word('local*|permanent*', (words) => {
    words.permanent = true;
  }),
  word('temp*|static*', (words) => {
    words.state = 'static';
  }),
  DYNAMIC,
  VLAN,
  word('use*', (words) => {
    words.use = true;
  }),
  word('extern_learn*', (words) => {
    words.extern = true;
  }),
  word('sticky*', (words) => {
    words.sticky = true;
  }),
  TO,
];

function readAll(ctx: Context, known: readonly FdbWord[], rest: readonly string[]): FdbWords {
  const words = noWords();
  for (const args = new Args(rest); !args.done; args.skip()) {
    const found = findWord(known, args);
    if (found === undefined) readAddr(words, args);
    else found.read(words, args, ctx);
  }
  return words;
}

function macOf(text: string): FdbRequest['lladdr'] {
  const mac = parseEtherAddr(text);
  if (mac === undefined) throw new Failure(1, `Invalid mac address ${text}\n`);
  return mac;
}

function requestOf(ctx: Context, words: FdbWords): FdbRequest {
  const { addr, dev, dst, port, vni, via, vlan, self, master, sticky, use, extern } = words;
  if (dev === undefined || addr === undefined)
    throw new Failure(1, 'Device and address are required arguments.\n');
  const lladdr = macOf(addr);
  return {
    ifindex: ctx.indexOf(dev),
    lladdr,
    self: self || !master,
    master,
    state: words.permanent ? 'permanent' : (words.state ?? 'permanent'),
    ...(dst === undefined ? {} : { dst }),
    ...(port === undefined ? {} : { port }),
    ...(vni === undefined ? {} : { vni }),
    ...(via === undefined ? {} : { via }),
    ...(vlan === undefined ? {} : { vlan }),
    ...(sticky ? { sticky } : {}),
    ...(use ? { use } : {}),
    ...(extern ? { extern } : {}),
  };
}

/** `bridge fdb add`, `append`, `replace` and `delete` */
function modify(ctx: Context, action: NewFlags | 'delete', rest: readonly string[]): number {
  const request = requestOf(ctx, readAll(ctx, MODIFY_WORDS, rest));
  failWith(1, () =>
    ctx.modify(() =>
      action === 'delete' ? fdbDel(ctx.ns, request) : fdbAdd(ctx.ns, request, action),
    ),
  );
  return 0;
}

/** The words of `get`. Source: bridge/fdb.c, fdb_get(). */
const GET_WORDS: readonly FdbWord[] = [
  word('brport|dev DEVICE', (words, args) => {
    words.dev = args.value();
  }),
  word('br BRIDGE', (words, args) => {
    words.br = args.value();
  }),
  refusedWord('vni', () => unsupported('Option "vni" of bridge fdb get', SUPPORTED)),
  SELF,
  MASTER,
  VLAN,
  DYNAMIC,
  TO,
];

/** The bridge that is asked for an entry. Linux net/core/rtnetlink.c, rtnl_fdb_get(). */
function askedBridge(ctx: Context, words: FdbWords): number {
  if (words.dev !== undefined) {
    const link = ctx.link(ctx.indexOf(words.dev));
    if (words.self && !words.master)
      throw new KernelError('EOPNOTSUPP', 'Fdb get operation not supported by device');
    if (link?.slaveKind !== 'bridge')
      throw new KernelError('EINVAL', 'Device is not a bridge port');
    return link.masterIfindex as number;
  }
  const br = bridgeIndex(ctx, words.br as string);
  if (ctx.link(br)?.kind !== 'bridge')
    throw new KernelError('EOPNOTSUPP', 'Fdb get operation not supported by device');
  return br;
}

/** `bridge fdb get` */
function get(ctx: Context, rest: readonly string[]): number {
  const words = readAll(ctx, GET_WORDS, rest);
  if ((words.dev === undefined && words.br === undefined) || words.addr === undefined) {
    const text = 'Device or master and address are required arguments.\n';
    throw new Failure(1, text);
  }
  const lladdr = macOf(words.addr);
  if (words.dev !== undefined && ctx.findIndex(words.dev) === 0) throw noSuchDevice(words.dev);
  const entry = talk(() => fdbGet(ctx.ns, askedBridge(ctx, words), lladdr, words.vlan));
  ctx.printer.begin();
  if (words.state !== 'dynamic' || entry.state !== 'permanent') printFdb(ctx, entry, true);
  ctx.printer.end();
  return 0;
}

/** What `flush` is told. */
interface FlushWords {
  dev: string | undefined;
  port: string | undefined;
  vlan: number | undefined;
  readonly states: Record<string, boolean>;
  master: boolean;
}

/** Properties of entries that `flush` looks at, as requests name them; with `no` before them: those without. */
const FLUSHABLE: readonly (readonly [word: string, name: string])[] = [
  ['permanent', 'permanent'],
  ['static', 'static'],
  ['dynamic', 'dynamic'],
  ['added_by_user', 'addedByUser'],
  ['extern_learn', 'extern'],
  ['sticky', 'sticky'],
  ['offloaded', 'offloaded'],
];

/** The words of `flush`. Source: bridge/fdb.c, fdb_flush(). */
const FLUSH_WORDS: readonly Word<FlushWords>[] = [
  ...FLUSHABLE.flatMap(([name, state]) => [
    word<FlushWords>(name, ({ states }) => {
      states[state] = true;
    }),
    word<FlushWords>(`no${name}`, ({ states }) => {
      states[state] = false;
    }),
  ]),
  word('vlan VLAN', (words, args) => {
    if (words.vlan !== undefined) throw duplicateOrGarbage('vlan', args.word);
    words.vlan = atoi(args.value());
  }),
  word('dev DEVICE', (words, args) => {
    words.dev = args.value();
  }),
  word('master', (words) => {
    words.master = true;
  }),
  word('brport DEVICE', (words, args) => {
    if (words.port !== undefined) throw duplicateOrGarbage('brport', args.word);
    words.port = args.value();
  }),
  word('self', () => {}),
];

/** `bridge fdb flush` */
function flush(ctx: Context, rest: readonly string[]): number {
  const words: FlushWords = {
    dev: undefined,
    port: undefined,
    vlan: undefined,
    states: {},
    master: false,
  };
  for (const args = new Args(rest); !args.done; args.skip()) {
    const found = findWord(FLUSH_WORDS, args);
    if (found === undefined)
      throw unsupported(
        `Option "${args.word}" of bridge fdb flush`,
        `dev, brport, vlan, self, master, and with or without no: ${FLUSHABLE.map(([w]) => w).join(', ')}`,
      );
    found.read(words, args, undefined);
  }
  const { dev, port, vlan, states, master } = words;
  if (dev === undefined) throw new Failure(1, 'Device is a required argument.\n');
  const ifindex = bridgeIndex(ctx, dev);
  const behind = port === undefined ? undefined : ctx.findIndex(port);
  if (behind === 0) throw new Failure(1, `Cannot find bridge port device "${port}"\n`);
  const request = {
    ifindex,
    ...states,
    ...(vlan === undefined ? {} : { vlan }),
    ...(master ? { master } : {}),
    ...(behind === undefined ? {} : { port: behind }),
  };
  failWith(1, () => ctx.modify(() => fdbFlush(ctx.ns, request)));
  return 0;
}

function change(names: string, action: NewFlags | 'delete'): Command[] {
  return commands(names, (ctx, words) => modify(ctx, action, words));
}

/** The commands, in the order in which an abbreviation is looked up. */
const COMMANDS: CommandSet = {
  name: 'bridge fdb',
  usage: FDB_USAGE,
  bare: show,
  commands: [
    ...change('add', { create: true, excl: true }),
    ...change('append', { create: true, append: true }),
    ...change('replace', { create: true, replace: true }),
    ...change('delete', 'delete'),
    ...commands('get', get),
    ...commands('show lst list', show),
    { name: 'flush', exact: true, run: flush },
  ],
};

/** `bridge fdb …` */
export function bridgeFdb(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `bridge fdb` can be told. */
export const fdbManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'bridge fdb add, append, replace, delete', rows: wordRows(MODIFY_WORDS) },
  { title: 'bridge fdb get', rows: wordRows(GET_WORDS) },
  { title: 'bridge fdb show', rows: wordRows(SHOW_WORDS) },
  { title: 'bridge fdb flush', rows: wordRows(FLUSH_WORDS) },
];
