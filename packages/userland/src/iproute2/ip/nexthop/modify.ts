import {
  type NewFlags,
  type NexthopRequest,
  nexthopAdd,
  nexthopDel,
} from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import {
  type AnyFamily,
  Args,
  Exit,
  findWord,
  invalidArgument,
  parseAddr,
  parseFamily,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import { RTNH_F_ONLINK } from '../route/nexthop.ts';
import { NEXTHOP_USAGE } from './usage.ts';

/** -readonly */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

const SUPPORTED = 'id, via, dev, blackhole, fdb, onlink, group, type mpath, protocol';

/** The id of a nexthop. */
export function readId(text: string): number {
  const id = parseUnsigned(text);
  if (id === undefined) throw invalidArgument('invalid id value', text);
  return id;
}

/** `1,3/2`: ids, each with a weight or without. Source: iproute2 ip/ipnexthop.c, add_nh_group_attr(). */
function readGroup(text: string): NonNullable<NexthopRequest['group']> {
  return text.split('/').map((part) => {
    const [idText = '', weightText] = part.split(',');
    const id = parseUnsigned(idText);
    if (id === undefined) throw invalidArgument('"group" value is invalid\n', text);
    if (weightText === undefined) return { id, weight: 1 };
    const weight = parseUnsigned(weightText, 256);
    if (weight === undefined || weight === 0)
      throw invalidArgument('"weight" is invalid\n', weightText);
    return { id, weight };
  });
}

function readGateway(request: Draft<NexthopRequest>, args: Args): void {
  const named = parseFamily(args.value());
  if (named !== undefined) args.value();
  const { addr, family } = parseAddr(args.word, named ?? request.family);
  if (addr === undefined || family === undefined) return;
  if (request.family !== undefined && request.family !== family)
    throw invalidArgument('address family mismatch\n', args.word);
  request.family = family === 'inet6' ? 'inet6' : 'inet';
  request.via = addr;
}

function readDevice(ctx: Context, request: Draft<NexthopRequest>, name: string): void {
  const ifindex = ctx.findIndex(name);
  if (ifindex === 0) throw invalidArgument('Device does not exist\n', name);
  request.ifindex = ifindex;
  request.family ??= 'inet';
}

function readType(text: string): void {
  if (text === 'mpath') return;
  if (text !== 'resilient') throw invalidArgument('"type" value is invalid\n', text);
  throw unsupported('Type "resilient" of a nexthop group', 'mpath');
}

/** The words, in the order in which an abbreviation is looked up. */
export const NEXTHOP_OBJECT_WORDS: readonly Word<Draft<NexthopRequest>, Context>[] = [
  word('id NUMBER', (request, args) => {
    request.id = readId(args.value());
  }),
  word('dev DEVICE', (request, args, ctx) => readDevice(ctx, request, args.value())),
  word('via [FAMILY] ADDRESS', (request, args) => readGateway(request, args)),
  refusedWord('encap', () => unsupported('Option "encap" of ip nexthop', SUPPORTED)),
  word('blackhole', (request) => {
    request.blackhole = true;
    request.family ??= 'inet';
  }),
  word('fdb', (request) => {
    request.fdb = true;
  }),
  word('onlink', (request) => {
    request.flags = RTNH_F_ONLINK;
  }),
  word('group ID[,WEIGHT]/...', (request, args) => {
    request.group = readGroup(args.value());
  }),
  word('type mpath', (_request, args) => readType(args.value())),
  word('protocol* PROTOCOL', (request, args, ctx) => readProtocol(ctx, request, args.value())),
];

function readWord(ctx: Context, request: Draft<NexthopRequest>, args: Args): void {
  const found = findWord(NEXTHOP_OBJECT_WORDS, args);
  if (found !== undefined) found.read(request, args, ctx);
  else if (args.is('help')) throw new Exit(255, NEXTHOP_USAGE);
  else throw invalidArgument('', args.word);
}

function readProtocol(ctx: Context, request: Draft<NexthopRequest>, text: string): void {
  const protocol = ctx.names.protocolId(text);
  if (protocol === undefined) throw invalidArgument('"protocol" value is invalid\n', text);
  request.protocol = protocol;
}

function inetFamily(family: AnyFamily): NexthopRequest['family'] {
  return family === 'inet' || family === 'inet6' ? family : undefined;
}

/** `ip nexthop add`, `replace` and `delete`. Source: iproute2 ip/ipnexthop.c, ipnh_modify(). */
export function nexthopModify(
  ctx: Context,
  action: NewFlags | 'delete',
  rest: readonly string[],
): number {
  const family = inetFamily(ctx.options.family);
  const request: Draft<NexthopRequest> = family === undefined ? {} : { family };
  for (const args = new Args(rest); !args.done; args.skip()) readWord(ctx, request, args);
  if (action === 'delete') ctx.modify(() => nexthopDel(ctx.ns, request.id));
  else ctx.modify(() => nexthopAdd(ctx.ns, request, action));
  return 0;
}
