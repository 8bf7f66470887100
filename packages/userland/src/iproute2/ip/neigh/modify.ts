import {
  type InetAddr,
  type NeighInfo,
  type NeighRequest,
  type NewFlags,
  type NudState,
  neighAdd,
  neighDel,
  neighDump,
} from '@labwire/devices/rtnetlink';
import { sameInet } from '../../../libc-net/index.ts';
import type { Context } from '../../context/index.ts';
import {
  Args,
  duplicateArgument,
  duplicateOrGarbage,
  Exit,
  Failure,
  findWord,
  invalidArgument,
  macOfBytes,
  parseAddr,
  parseLinkAddr,
  refusedWord,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import { hasIpv4Address } from '../device/index.ts';
import { printNeigh } from './print.ts';
import { parseNudState } from './state.ts';
import { NEIGH_USAGE } from './usage.ts';

/** What a change of neighbours may be. */
export type NeighAction = NewFlags | 'delete';

/** What the words of a command say. */
interface NeighWords {
  dst: InetAddr | undefined;
  dev: string | undefined;
  proxy: boolean;
  router: boolean;
  state: NudState;
  lladdr: string | undefined;
  protocol: number | undefined;
}

/** The destination after `proxy`, or alone. */
function readDestination(ctx: Context, words: NeighWords, args: Args, proxy: boolean): void {
  if (proxy) args.value();
  if (args.matches('help')) throw new Exit(255, NEIGH_USAGE);
  if (words.dst !== undefined)
    throw proxy ? duplicateArgument('address', args.word) : duplicateOrGarbage('to', args.word);
  words.dst = parseAddr(args.word, ctx.options.family).addr;
  words.proxy ||= proxy;
}

function readState(words: NeighWords, text: string): void {
  const state = parseNudState(text);
  if (state === undefined) throw invalidArgument('nud state is bad', text);
  words.state = state;
}

function readProtocol(ctx: Context, words: NeighWords, text: string): void {
  words.protocol = ctx.names.protocolId(text);
  if (words.protocol === undefined) throw invalidArgument('"protocol" value is invalid\n', text);
}

function readLinkAddr(words: NeighWords, text: string): void {
  if (words.lladdr !== undefined) throw duplicateArgument('lladdr', text);
  words.lladdr = text;
}

/** The words, in the order in which an abbreviation is looked up. */
export const NEIGH_WORDS: readonly Word<NeighWords, Context>[] = [
  word('lladdr* MAC', (words, args) => readLinkAddr(words, args.value())),
  word('nud STATE', (words, args) => readState(words, args.value())),
  word('proxy* ADDRESS', (words, args, ctx) => readDestination(ctx, words, args, true)),
  word('router', (words) => {
    words.router = true;
  }),
  refusedWord('use|managed|extern_learn*', (typed) =>
    unsupported(`Option "${typed}" of ip neighbour`, 'lladdr, nud, proxy, router, dev, protocol'),
  ),
  word('dev DEVICE', (words, args) => {
    words.dev = args.value();
  }),
  word('protocol* PROTOCOL', (words, args, ctx) => readProtocol(ctx, words, args.value())),
  word('to ADDRESS', (words, args, ctx) => {
    args.value();
    readDestination(ctx, words, args, false);
  }),
];

function readWord(ctx: Context, words: NeighWords, args: Args): void {
  const found = findWord(NEIGH_WORDS, args);
  if (found === undefined) readDestination(ctx, words, args, false);
  else found.read(words, args, ctx);
}

function parseWords(ctx: Context, rest: readonly string[]): NeighWords {
  const words: NeighWords = {
    dst: undefined,
    dev: undefined,
    proxy: false,
    router: false,
    state: 'PERMANENT',
    lladdr: undefined,
    protocol: undefined,
  };
  for (const args = new Args(rest); !args.done; args.skip()) readWord(ctx, words, args);
  return words;
}

function lladdrOf(
  ctx: Context,
  text: string | undefined,
  ifindex: number,
): Pick<NeighRequest, 'lladdr'> {
  if (text === undefined || text === 'null') return {};
  const bytes = parseLinkAddr(text);
  if (bytes.length < (hasIpv4Address(ctx.link(ifindex)) ? 4 : 6))
    throw new Failure(2, 'Error: Invalid link address.\n');
  // an IPv4 address, of a tunnel's neighbour, is the first four bytes
  return { lladdr: macOfBytes([...bytes, 0, 0].slice(0, 6)) };
}

/** `ip neighbour add`, `change`, `replace` and `delete`. Source: iproute2 ip/ipneigh.c, ipneigh_modify(). */
export function neighModify(ctx: Context, action: NeighAction, rest: readonly string[]): number {
  const words = parseWords(ctx, rest);
  const { dst, dev, state, proxy, router, protocol } = words;
  if ((dev === undefined && !proxy) || dst === undefined)
    throw new Exit(255, 'Device and destination are required arguments.\n');
  const ifindex = dev === undefined ? 0 : ctx.indexOf(dev);
  const link = lladdrOf(ctx, words.lladdr, ifindex);
  const family = typeof dst === 'number' ? 'inet' : 'inet6';
  const request: NeighRequest = {
    family,
    ifindex,
    dst,
    ...link,
    state,
    ...(proxy ? { proxy } : {}),
    ...(router ? { router } : {}),
    ...(protocol === undefined ? {} : { protocol }),
  };
  if (action === 'delete') ctx.modify(() => neighDel(ctx.ns, request));
  else ctx.modify(() => neighAdd(ctx.ns, request, action));
  return 0;
}

/** `ip neighbour get`. Source: ip/ipneigh.c, ipneigh_get(). */
export function neighGet(ctx: Context, rest: readonly string[]): number {
  const words = parseWords(ctx, rest);
  const { dst, dev, proxy } = words;
  if ((dev === undefined && !proxy) || dst === undefined)
    throw new Failure(1, 'Device and address are required arguments.\n');
  const ifindex = dev === undefined ? 0 : ctx.indexOf(dev);
  const family = typeof dst === 'number' ? 'inet' : 'inet6';
  const wanted = (n: NeighInfo) =>
    sameInet(n.dst, dst) && n.proxy === proxy && (dev === undefined || n.ifindex === ifindex);
  const found = neighDump(ctx.ns, family).find(wanted);
  if (found === undefined) {
    const what = proxy ? 'Proxy neighbour entry not found' : 'Neighbour entry not found';
    throw new Failure(2, `Error: ${what}.\n`);
  }
  printNeigh(ctx, found, true);
  return 0;
}
