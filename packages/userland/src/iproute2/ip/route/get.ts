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
  type InetPrefix,
  invalidArgument,
  parsePrefix,
  parseUnsigned,
  unsupported,
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
  if (args.is('to')) args.value();
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

/** Options in the order in which an abbreviation is looked up. */
function readWord(ctx: Context, words: GetWords, args: Args): void {
  const refuse = () =>
    unsupported(
      `Option "${args.word}" of ip route get`,
      'tos, from, iif, mark, oif, vrf, uid, fibmatch, sport, dport, ipproto',
    );
  if (args.is('tos') || args.matches('dsfield'))
    readNumber(words, 'tos', args.value(), (t) => ctx.names.dsfieldId(t), 'TOS value is invalid\n');
  else if (args.matches('from')) readFrom(words, args);
  else if (args.matches('iif')) words.iif = args.value();
  else if (args.matches('mark'))
    readNumber(words, 'mark', args.value(), parseUnsigned, 'invalid mark value');
  else if (args.matches('oif') || args.is('dev')) words.oif = args.value();
  else if (args.matches('notify', 'connected')) throw refuse();
  else if (args.matches('vrf')) readVrf(ctx, words, args.value());
  else if (args.matches('uid'))
    readNumber(words, 'uid', args.value(), parseUnsigned, 'invalid UID\n');
  else readMore(ctx, words, args, refuse);
}

function readMore(ctx: Context, words: GetWords, args: Args, refuse: () => Error): void {
  if (args.matches('fibmatch')) words.fibMatch = true;
  else if (args.is('as')) throw refuse();
  else if (args.matches('sport')) readNumber(words, 'sport', args.value(), port, 'invalid sport\n');
  else if (args.matches('dport')) readNumber(words, 'dport', args.value(), port, 'invalid dport\n');
  else if (args.matches('ipproto'))
    readNumber(
      words,
      'ipproto',
      args.value(),
      (t) => inetProtocolId(ctx.proc.fs, t),
      'Invalid "ipproto" value\n',
    );
  else readDestination(ctx, words, args);
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
