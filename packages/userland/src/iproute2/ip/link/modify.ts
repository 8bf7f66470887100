import {
  type LinkAddRequest,
  type LinkInfo,
  type LinkSetRequest,
  linkAdd,
  linkDel,
  linkSet,
} from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { Args, duplicateArgument, Exit, Failure } from '../../parse/index.ts';
import { type InfoRequest, LINK_KINDS } from '../device/index.ts';
import { LinkParser, type LinkWords } from './parse.ts';
import { LINK_USAGE } from './usage.ts';

/** What `ip link` does to a device. */
export type LinkAction = 'add' | 'replace' | 'set' | 'delete';

/** What `ip link help veth` prints. */
export const VETH_USAGE = `Usage: ip link <options> type veth [peer <options>]
To get <options> type 'ip link add help'
`;

/** What follows `type KIND`. */
interface KindWords {
  readonly peer?: LinkSetRequest & { readonly ifindex?: number };
  readonly infoData?: InfoRequest;
  readonly slaveData?: InfoRequest;
}

/** The other end of a veth, which is described as a new device is. Source: iproute2 ip/link_veth.c, veth_parse_opt(). */
function parsePeer(ctx: Context, args: Args): KindWords {
  if (!args.is('peer')) {
    ctx.output.out(VETH_USAGE);
    throw new Failure(1, '');
  }
  args.skip();
  const words = new LinkParser(ctx, args, true).parse();
  if (words.type !== undefined) throw duplicateArgument('type', words.type);
  return { peer: named(words) };
}

function named({ request, name }: LinkWords): LinkWords['request'] {
  return name === undefined ? request : { ...request, name };
}

function parseKind(ctx: Context, args: Args, type: string, creating: boolean): KindWords {
  if (args.done) return {};
  if (type === 'veth') return parsePeer(ctx, args);
  const kind = LINK_KINDS.get(type);
  if (kind === undefined) {
    if (args.matches('help')) throw new Exit(255, LINK_USAGE);
    const text = `Garbage instead of arguments "${args.word} ...". Try "ip link help".\n`;
    throw new Failure(1, text);
  }
  const data: InfoRequest = {};
  kind.parse?.(ctx, args, data, creating);
  return type.slice(type.indexOf('_')) === '_slave' ? { slaveData: data } : { infoData: data };
}

function requestOf(words: LinkWords, kind: KindWords): LinkSetRequest & { ifindex?: number } {
  const type = words.type === undefined ? {} : { kind: words.type };
  return { ...named(words), ...type, ...kind };
}

function add(ctx: Context, words: LinkWords, kind: KindWords): void {
  if (words.type === undefined)
    throw new Failure(1, 'Not enough information: "type" argument is required\n');
  const request = { ...requestOf(words, kind), kind: words.type } satisfies LinkAddRequest;
  ctx.modify(() => linkAdd(ctx.ns, request));
}

/** The devices that the words name: one, or all of a group. */
function targets(ctx: Context, words: LinkWords): number[] {
  if (!words.groupOnly) return [ctx.indexOf(words.dev as string)];
  const ofGroup = (link: LinkInfo) => link.group === words.request.group;
  return ctx
    .links()
    .filter(ofGroup)
    .map((link) => link.ifindex);
}

function set(ctx: Context, words: LinkWords, kind: KindWords): void {
  const request = requestOf(words, kind);
  const { group, ...rest } = request;
  for (const ifindex of targets(ctx, words))
    ctx.modify(() => linkSet(ctx.ns, ifindex, words.groupOnly ? rest : request));
}

function remove(ctx: Context, words: LinkWords): void {
  const indexes = targets(ctx, words);
  if (indexes.length === 0) throw new Failure(2, 'RTNETLINK answers: No such device\n');
  // a device of the group may have gone along with its peer
  for (const ifindex of indexes)
    if (!words.groupOnly || ctx.link(ifindex) !== undefined)
      ctx.modify(() => linkDel(ctx.ns, ifindex));
}

/** `ip link add`, `set`, `change`, `replace` and `delete`. Source: iproute2 ip/iplink.c, iplink_modify(). */
export function linkModify(ctx: Context, action: LinkAction, rest: readonly string[]): number {
  const args = new Args(rest);
  const creating = action === 'add' || action === 'replace';
  const words = new LinkParser(ctx, args, creating).parse();
  const kind = words.type === undefined ? {} : parseKind(ctx, args, words.type, creating);
  const exists = words.name !== undefined && ctx.linkNamed(words.name) !== undefined;
  if (action === 'delete') remove(ctx, words);
  else if (action === 'replace' && exists)
    throw new Failure(2, 'RTNETLINK answers: Operation not supported\n');
  else if (creating) add(ctx, words, kind);
  else set(ctx, words, kind);
  return 0;
}
