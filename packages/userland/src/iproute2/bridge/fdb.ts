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
import { type Context, talk } from '../context/index.ts';
import {
  Args,
  atoi,
  duplicateArgument,
  duplicateOrGarbage,
  Exit,
  Failure,
  invalidArgument,
  matches,
  noSuchDevice,
  parseAddr,
  parseEtherAddr,
  parseUnsigned,
  unsupported,
} from '../parse/index.ts';
import { FDB_STATE_BITS, printFdb } from './fdb-print.ts';
import { failWith } from './link.ts';
import { FDB_USAGE } from './usage.ts';

const SUPPORTED =
  'dev, dst, port, vni, via, self, master, local, permanent, static, temp, dynamic, vlan, sticky';

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

function parseFilter(words: readonly string[]): FdbFilter {
  const filter: FdbFilter = { dev: undefined, br: undefined, vlan: 0, states: 0, dynamic: false };
  for (const args = new Args(words); !args.done; args.skip()) {
    if (args.is('brport', 'dev')) filter.dev = args.value();
    else if (args.is('br')) filter.br = args.value();
    else if (args.is('vlan')) {
      const text = args.value();
      if (filter.vlan !== 0) throw duplicateArgument('vlan', text);
      filter.vlan = atoi(text);
    } else if (args.is('state')) filter.states |= stateBits(args.value());
    else if (args.is('dynamic')) filter.dynamic = true;
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
  };
}

function readVlan(words: FdbWords, args: Args): void {
  if (words.vlan !== undefined) throw duplicateOrGarbage('vlan', args.word);
  words.vlan = atoi(args.value());
}

function readAddr(words: FdbWords, args: Args): void {
  if (args.is('to')) args.value();
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

/** Source: bridge/fdb.c, fdb_modify(). */
function readWord(ctx: Context, words: FdbWords, args: Args): void {
  if (args.is('dev')) words.dev = args.value();
  else if (args.is('dst')) readDst(ctx, words, args);
  else if (args.is('port')) words.port = readNumber(args, 0xffff, 'invalid port');
  else if (args.is('vni')) words.vni = readNumber(args, 0xff_ffff, 'invalid VNI');
  else if (args.is('via')) {
    const name = args.value();
    words.via = ctx.findIndex(name);
    if (words.via === 0) throw new Exit(255, noSuchDevice(name).text);
  } else if (args.is('nhid', 'src_vni'))
    throw unsupported(`Option "${args.word}" of bridge fdb`, SUPPORTED);
  else if (args.is('self')) words.self = true;
  else if (args.matches('master')) words.master = true;
  else if (args.matches('router')) throw unsupported('Option "router" of bridge fdb', SUPPORTED);
  else if (args.matches('local', 'permanent')) words.permanent = true;
  else if (args.matches('temp', 'static')) words.state = 'static';
  else if (args.matches('dynamic')) words.state = 'dynamic';
  else if (args.matches('vlan')) readVlan(words, args);
  else if (args.matches('use', 'extern_learn'))
    throw unsupported(`Option "${args.word}" of bridge fdb`, SUPPORTED);
  else if (args.matches('sticky')) words.sticky = true;
  else readAddr(words, args);
}

function macOf(text: string): FdbRequest['lladdr'] {
  const mac = parseEtherAddr(text);
  if (mac === undefined) throw new Failure(1, `Invalid mac address ${text}\n`);
  return mac;
}

function requestOf(ctx: Context, words: FdbWords): FdbRequest {
  const { addr, dev, dst, port, vni, via, vlan, self, master, sticky } = words;
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
  };
}

/** `bridge fdb add`, `append`, `replace` and `delete` */
function modify(ctx: Context, action: NewFlags | 'delete', rest: readonly string[]): number {
  const words = noWords();
  for (const args = new Args(rest); !args.done; args.skip()) readWord(ctx, words, args);
  const request = requestOf(ctx, words);
  failWith(1, () =>
    ctx.modify(() =>
      action === 'delete' ? fdbDel(ctx.ns, request) : fdbAdd(ctx.ns, request, action),
    ),
  );
  return 0;
}

/** Source: bridge/fdb.c, fdb_get(). */
function readGetWord(words: FdbWords, args: Args): void {
  if (args.is('brport', 'dev')) words.dev = args.value();
  else if (args.is('br')) words.br = args.value();
  else if (args.is('vni')) throw unsupported('Option "vni" of bridge fdb get', SUPPORTED);
  else if (args.is('self')) words.self = true;
  else if (args.matches('master')) words.master = true;
  else if (args.matches('vlan')) readVlan(words, args);
  else if (args.matches('dynamic')) words.state = 'dynamic';
  else readAddr(words, args);
}

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
  const words = noWords();
  for (const args = new Args(rest); !args.done; args.skip()) readGetWord(words, args);
  if ((words.dev === undefined && words.br === undefined) || words.addr === undefined) {
    const text = 'Device or master and address are required arguments.\n';
    throw new Failure(1, text);
  }
  const lladdr = macOf(words.addr);
  if (words.dev !== undefined && ctx.findIndex(words.dev) === 0) throw noSuchDevice(words.dev);
  const entry = talk(() => fdbGet(ctx.ns, askedBridge(ctx, words), lladdr));
  ctx.printer.begin();
  if (words.state !== 'dynamic' || entry.state !== 'permanent') printFdb(ctx, entry, true);
  ctx.printer.end();
  return 0;
}

/** Which states `bridge fdb flush` is told to take. */
const FLUSH_STATES = ['permanent', 'static', 'dynamic'] as const;

/** `bridge fdb flush`. Source: bridge/fdb.c, fdb_flush(). */
function flush(ctx: Context, rest: readonly string[]): number {
  let dev: string | undefined;
  let port: string | undefined;
  const states: { permanent?: boolean; static?: boolean; dynamic?: boolean } = {};
  let master = false;
  for (const args = new Args(rest); !args.done; args.skip()) {
    const state = FLUSH_STATES.find((name) => args.is(name));
    if (state !== undefined) states[state] = true;
    else if (args.is('dev')) dev = args.value();
    else if (args.is('master')) master = true;
    else if (args.is('brport')) {
      if (port !== undefined) throw duplicateOrGarbage('brport', args.word);
      port = args.value();
    } else if (!args.is('self'))
      throw unsupported(
        `Option "${args.word}" of bridge fdb flush`,
        'dev, brport, self, master, permanent, static, dynamic',
      );
  }
  if (dev === undefined) throw new Failure(1, 'Device is a required argument.\n');
  const ifindex = bridgeIndex(ctx, dev);
  const behind = port === undefined ? undefined : ctx.findIndex(port);
  if (behind === 0) throw new Failure(1, `Cannot find bridge port device "${port}"\n`);
  const request = {
    ifindex,
    ...states,
    ...(master ? { master } : {}),
    ...(behind === undefined ? {} : { port: behind }),
  };
  failWith(1, () => ctx.modify(() => fdbFlush(ctx.ns, request)));
  return 0;
}

/** `bridge fdb …` */
export function bridgeFdb(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return show(ctx, []);
  const is = (...names: readonly string[]) => names.some((name) => matches(command, name));
  if (is('add')) return modify(ctx, { create: true, excl: true }, rest);
  if (is('append')) return modify(ctx, { create: true, append: true }, rest);
  if (is('replace')) return modify(ctx, { create: true, replace: true }, rest);
  if (is('delete')) return modify(ctx, 'delete', rest);
  if (is('get')) return get(ctx, rest);
  if (is('show', 'lst', 'list')) return show(ctx, rest);
  if (command === 'flush') return flush(ctx, rest);
  if (is('help')) throw new Exit(255, FDB_USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "bridge fdb help".\n`);
}
