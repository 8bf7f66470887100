import { type RouteGetRequest, routeGet } from '@labwire/devices/rtnetlink';
import { type Context, talk } from '../../context/index.ts';
import { inetProtocolId } from '../../names/index.ts';
import {
  type AnyFamily,
  Args,
  anyAddr,
  Exit,
  Failure,
  familyBits,
  findWord,
  type InetPrefix,
  invalidArgument,
  parsePrefix,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import { printRoute } from './print.ts';
import type { ShownRoute } from './shown-route.ts';
import { ROUTE_USAGE } from './usage.ts';

/** What the words of the command say. */
interface GetWords {
  family: AnyFamily;
  dst: InetPrefix | undefined;
  src: InetPrefix | undefined;
  iif: string | undefined;
  oif: string | undefined;
  numbers: {
    tos?: number;
    mark?: number;
    uid?: number;
    ipproto?: number;
    sport?: number;
    dport?: number;
  };
  fibMatch: boolean;
}

function readNumber(
  words: GetWords,
  key: keyof GetWords['numbers'],
  text: string,
  find: (text: string) => number | undefined,
  message: string,
): void {
  const value = find(text);
  if (value === undefined) throw invalidArgument(message, text);
  words.numbers[key] = value;
}

const port = (text: string) => parseUnsigned(text, 0xffff);

function readFrom(words: GetWords, args: Args): void {
  args.value();
  if (args.matches('help')) throw new Exit(255, ROUTE_USAGE);
  words.src = parsePrefix(args.word, words.family);
  words.family ??= words.src.family;
}

function readVrf(ctx: Context, words: GetWords, text: string): void {
  if (ctx.linkNamed(text)?.kind !== 'vrf') throw invalidArgument('Invalid VRF\n', text);
  words.oif = text;
}

function readDestination(ctx: Context, words: GetWords, args: Args): void {
  if (args.matches('help')) throw new Exit(255, ROUTE_USAGE);
  const dst = parsePrefix(args.word, words.family);
  words.family ??= dst.family;
  const bits = familyBits(words.family);
  if (words.family !== undefined && dst.bitlen !== bits)
    ctx.output.err(
      `Warning: /${dst.bitlen} as prefix is invalid, only /${bits} (or none) is supported.\n`,
    );
  words.dst = dst;
}

const refuse = (typed: string): Error =>
  unsupported(
    `Option "${typed}" of ip route get`,
    'tos, from, iif, mark, oif, vrf, uid, fibmatch, sport, dport, ipproto',
  );

/** The words, in the order in which an abbreviation is looked up. */
export const ROUTE_GET_WORDS: readonly Word<GetWords, Context>[] = [
  word('tos|dsfield* TOS', (words, args, { names }) =>
    readNumber(words, 'tos', args.value(), (t) => names.dsfieldId(t), 'TOS value is invalid\n'),
  ),
  word('from* ADDRESS', (words, args) => readFrom(words, args)),
  word('iif* DEVICE', (words, args) => {
    words.iif = args.value();
  }),
  word('mark* NUMBER', (words, args) =>
    readNumber(words, 'mark', args.value(), parseUnsigned, 'invalid mark value'),
  ),
  word('oif*|dev DEVICE', (words, args) => {
    words.oif = args.value();
  }),
  refusedWord('notify*|connected*', refuse),
  word('vrf* NAME', (words, args, ctx) => readVrf(ctx, words, args.value())),
  word('uid* NUMBER', (words, args) =>
    readNumber(words, 'uid', args.value(), parseUnsigned, 'invalid UID\n'),
  ),
  word('fibmatch*', (words) => {
    words.fibMatch = true;
  }),
  refusedWord('as', refuse),
  word('sport* PORT', (words, args) =>
    readNumber(words, 'sport', args.value(), port, 'invalid sport\n'),
  ),
  word('dport* PORT', (words, args) =>
    readNumber(words, 'dport', args.value(), port, 'invalid dport\n'),
  ),
  word('ipproto* PROTOCOL', (words, args, { proc }) => {
    const find = (t: string) => inetProtocolId(proc.fs, t);
    readNumber(words, 'ipproto', args.value(), find, 'Invalid "ipproto" value\n');
  }),
  word('to ADDRESS', (words, args, ctx) => {
    args.value();
    readDestination(ctx, words, args);
  }),
];

function readWord(ctx: Context, words: GetWords, args: Args): void {
  const found = findWord(ROUTE_GET_WORDS, args);
  if (found === undefined) readDestination(ctx, words, args);
  else found.read(words, args, ctx);
}

function parseWords(ctx: Context, rest: readonly string[]): GetWords {
  const words: GetWords = {
    family: ctx.options.family,
    dst: undefined,
    src: undefined,
    iif: undefined,
    oif: undefined,
    numbers: {},
    fibMatch: false,
  };
  for (const args = new Args(rest); !args.done; args.skip()) readWord(ctx, words, args);
  return words;
}

function requestOf(ctx: Context, words: GetWords): RouteGetRequest {
  const family = words.family === 'inet6' ? 'inet6' : 'inet';
  const iif = words.iif === undefined ? undefined : ctx.indexOf(words.iif);
  const oif = words.oif === undefined ? undefined : ctx.indexOf(words.oif);
  return {
    family,
    dst: words.dst?.addr ?? anyAddr(family),
    ...(words.src?.addr === undefined ? {} : { src: words.src.addr }),
    ...(iif === undefined ? {} : { iif }),
    ...(oif === undefined ? {} : { oif }),
    ...words.numbers,
    ...(words.fibMatch ? { fibMatch: true } : {}),
  };
}

/** Adds what the kernel echoes of the question. Linux net/ipv4/route.c, rt_fill_info(); net/ipv6/route.c, rt6_fill_node(). */
function echoed(ctx: Context, route: ShownRoute, request: RouteGetRequest): ShownRoute {
  if (request.fibMatch === true) return route;
  const bits = familyBits(request.family);
  const src = request.src ?? (request.family === 'inet6' ? anyAddr('inet6') : undefined);
  return {
    ...route,
    dst: request.dst,
    ...(src === undefined ? {} : { src: { addr: src, length: bits } }),
    ...(request.mark === undefined ? {} : { mark: request.mark }),
    ...echoedOrigin(ctx, request),
  };
}

/** Who sends: a user of this machine, or somebody behind a device. */
function echoedOrigin(ctx: Context, { family, iif, uid }: RouteGetRequest): Partial<ShownRoute> {
  if (iif !== undefined) return { iif };
  return family === 'inet' ? { uid: uid ?? ctx.proc.uid } : {};
}

/** `ip route get`. Source: iproute2 ip/iproute.c, iproute_get(). */
export function routeGetCommand(ctx: Context, rest: readonly string[]): number {
  const words = parseWords(ctx, rest);
  if (words.dst === undefined) throw new Failure(1, 'need at least a destination address\n');
  const request = requestOf(ctx, words);
  const route = talk(() => routeGet(ctx.ns, request));
  ctx.printer.begin();
  printRoute(ctx, echoed(ctx, route, request));
  ctx.printer.end();
  return 0;
}
