import { KernelError, strerror } from '@labwire/core/error';
import {
  type LinkInfo,
  type NeighInfo,
  type NeighRequest,
  neighDel,
  neighDump,
} from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import {
  type AnyFamily,
  Args,
  duplicateArgument,
  Exit,
  Failure,
  findWord,
  type InetPrefix,
  invalidArgument,
  parsePrefix,
  sameBits,
  type Word,
  word,
} from '../../parse/index.ts';
import { printNeigh } from './print.ts';
import { NUD_BITS, parseNudState } from './state.ts';
import { NEIGH_USAGE } from './usage.ts';

const NUD_NOARP = 0x40;
const NUD_PERMANENT = 0x80;
const NUD_FAILED = 0x20;
/** Stands for the state that has no bit. */
const NUD_NONE = 0x100;
const ALL = -1;
/** Rounds of a flush. */
const MAX_ROUNDS = 10;

/** Which neighbours are shown or flushed. */
interface NeighFilter {
  family: AnyFamily;
  ifindex: number;
  /** NUD_* bits. */
  states: number;
  unusedOnly: boolean;
  prefix: InetPrefix | undefined;
  /** 0: any; -1: none. */
  master: number;
  protocol: number;
  proxy: boolean;
}

function readState(filter: NeighFilter, text: string, first: boolean, flush: boolean): void {
  const state = parseNudState(text);
  if (state === undefined && text !== 'all') throw invalidArgument('nud state is bad', text);
  const bits = state === undefined ? (flush ? ALL & ~NUD_NOARP : ALL) : NUD_BITS[state] || NUD_NONE;
  filter.states = (first ? 0 : filter.states) | bits;
}

function readMaster(ctx: Context, filter: NeighFilter, text: string, vrf: boolean): void {
  filter.master = ctx.findIndex(text);
  if (filter.master === 0 || (vrf && ctx.link(filter.master)?.kind !== 'vrf'))
    throw invalidArgument(vrf ? 'Not a valid VRF name\n' : 'Device does not exist\n', text);
}

function readProtocol(ctx: Context, filter: NeighFilter, text: string): void {
  const id = ctx.names.protocolId(text);
  if (id === undefined && text !== 'all') throw invalidArgument('invalid "protocol"\n', text);
  filter.protocol = id ?? 0;
}

function readPrefix(filter: NeighFilter, args: Args): void {
  if (args.matches('help')) throw new Exit(255, NEIGH_USAGE);
  filter.prefix = parsePrefix(args.word, filter.family);
  filter.family ??= filter.prefix.family;
}

/** A filter, and what its words have said. */
interface FilterWords {
  readonly filter: NeighFilter;
  readonly flush: boolean;
  dev: string | undefined;
  stateGiven: boolean;
}

/** The selectors. Source: iproute2 ip/ipneigh.c, do_show_or_flush(). */
export const NEIGH_SELECTORS: readonly Word<FilterWords, Context>[] = [
  word('dev DEVICE', (words, args) => {
    const name = args.value();
    if (words.dev !== undefined) throw duplicateArgument('dev', name);
    words.dev = name;
  }),
  word('nud STATE', (words, args) => {
    readState(words.filter, args.value(), !words.stateGiven, words.flush);
    words.stateGiven = true;
  }),
  word('master DEVICE', ({ filter }, args, ctx) => readMaster(ctx, filter, args.value(), false)),
  word('vrf NAME', ({ filter }, args, ctx) => readMaster(ctx, filter, args.value(), true)),
  word('nomaster', ({ filter }) => {
    filter.master = -1;
  }),
  word('unused', ({ filter }) => {
    filter.unusedOnly = true;
  }),
  word('proxy', ({ filter }) => {
    filter.proxy = true;
  }),
  word('protocol* PROTOCOL', ({ filter }, args, ctx) => readProtocol(ctx, filter, args.value())),
  word('to PREFIX', ({ filter }, args) => {
    args.value();
    readPrefix(filter, args);
  }),
];

function parseFilter(ctx: Context, rest: readonly string[], flush: boolean): NeighFilter {
  const filter: NeighFilter = {
    family: ctx.options.family,
    ifindex: 0,
    states: flush ? ~(NUD_PERMANENT | NUD_NOARP) : 0xff & ~NUD_NOARP,
    unusedOnly: false,
    prefix: undefined,
    master: 0,
    protocol: 0,
    proxy: false,
  };
  const words: FilterWords = { filter, flush, dev: undefined, stateGiven: false };
  for (const args = new Args(rest); !args.done; args.skip()) {
    const found = findWord(NEIGH_SELECTORS, args);
    if (found === undefined) readPrefix(filter, args);
    else found.read(words, args, ctx);
  }
  if (words.dev !== undefined) filter.ifindex = ctx.indexOf(words.dev);
  return filter;
}

function passesMaster(link: LinkInfo | undefined, master: number): boolean {
  if (master === 0) return true;
  return (link?.masterIfindex ?? -1) === master;
}

/** Source: ip/ipneigh.c, print_neigh(). */
function passes(ctx: Context, neigh: NeighInfo, filter: NeighFilter): boolean {
  const bits = NUD_BITS[neigh.state];
  if (neigh.proxy !== filter.proxy) return false;
  if (filter.family !== undefined && filter.family !== neigh.family) return false;
  if (filter.ifindex !== 0 && filter.ifindex !== neigh.ifindex) return false;
  if (!neigh.proxy && (filter.states & (bits || NUD_NONE)) === 0) return false;
  if (!passesMaster(ctx.link(neigh.ifindex), filter.master)) return false;
  if (filter.protocol !== 0 && filter.protocol !== neigh.protocol) return false;
  if (filter.unusedOnly && neigh.refcnt !== 0) return false;
  const { prefix } = filter;
  if (prefix?.addr === undefined || prefix.bitlen <= 0) return true;
  return prefix.family === neigh.family && sameBits(neigh.dst, prefix.addr, prefix.bitlen);
}

function find(ctx: Context, filter: NeighFilter): NeighInfo[] {
  const families = (['inet', 'inet6'] as const).filter(
    (f) => filter.family === undefined || filter.family === f,
  );
  const all = families.flatMap((f) => [...neighDump(ctx.ns, f)]);
  return all.filter((neigh) => passes(ctx, neigh, filter));
}

/** `ip neighbour show` */
export function neighShow(ctx: Context, words: readonly string[]): number {
  const filter = parseFilter(ctx, words, false);
  ctx.printer.begin();
  for (const neigh of find(ctx, filter))
    printNeigh(ctx, neigh, filter.ifindex === 0 && neigh.ifindex !== 0);
  ctx.printer.end();
  return 0;
}

function deleteNeigh(ctx: Context, neigh: NeighInfo): void {
  const { family, ifindex, dst, proxy } = neigh;
  const request: NeighRequest = { family, ifindex, dst, ...(proxy ? { proxy } : {}) };
  try {
    if (ctx.proc.uid !== 0) throw new KernelError('EPERM');
    neighDel(ctx.ns, request);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new Exit(1, `Failed to send flush request: ${strerror(e.errno)}\n`);
  }
}

/** `ip neighbour flush`: deletes what passes; an entry in use becomes FAILED first, which the next round passes over. */
export function neighFlush(ctx: Context, words: readonly string[]): number {
  if (words.length === 0) throw new Failure(1, 'Flush requires arguments.\n');
  const filter = parseFilter(ctx, words, true);
  const { stats } = ctx.options;
  const tell = (text: string) => ctx.output.out(stats > 0 ? text : '');
  for (let round = 0; round < MAX_ROUNDS; ) {
    const found = find(ctx, filter);
    if (found.length === 0) {
      const rounds = `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`;
      tell(round === 0 ? 'Nothing to flush.\n' : rounds);
      return 0;
    }
    round++;
    if (stats > 1) for (const n of found) printNeigh(ctx, n, filter.ifindex === 0);
    for (const neigh of found) deleteNeigh(ctx, neigh);
    tell(`\n*** Round ${round}, deleting ${found.length} entries ***\n`);
    filter.states &= ~NUD_FAILED;
  }
  ctx.output.out(`*** Flush not complete bailing out after ${MAX_ROUNDS} rounds\n`);
  return 255;
}
