import {
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_ONE_QUEUE,
  IFF_TAP,
  IFF_TUN,
  IFF_VNET_HDR,
} from '@labwire/devices/link';
import { findUser, readGroups } from '../../../base/index.ts';
import type { Context } from '../../context/index.ts';
import {
  Args,
  duplicateOrGarbage,
  Exit,
  Failure,
  findWord,
  invalidArgument,
  isIfname,
  matches,
  type Word,
  word,
} from '../../parse/index.ts';
import { TUNTAP_USAGE } from './usage.ts';

/** What `add` and `delete` are told of a device. */
export interface TunRequest {
  /** Empty: the next free one. */
  name: string;
  flags: number;
  /** -1: none. */
  user: number;
  group: number;
}

/** Reads the words after `add`, or those after `del`, which know no owners. Source: iproute2 ip/iptuntap.c, parse_args(). */
export function parseTun(ctx: Context, words: readonly string[], adding: boolean): TunRequest {
  const request: TunRequest = { name: '', flags: IFF_NO_PI, user: -1, group: -1 };
  for (const args = new Args(words); !args.done; args.skip()) parseWord(ctx, args, request, adding);
  if ((request.flags & (IFF_TUN | IFF_TAP)) === 0)
    throw new Failure(1, 'You failed to specify a tunnel mode\n');
  return request;
}

type TunWord = Word<TunRequest, Context>;

/** Words that `add` alone knows. */
export const OWNER_WORDS: readonly TunWord[] = [
  word('user* USER', (request, args, ctx) => {
    request.user = parseUser(ctx, args.value());
  }),
  word('group* GROUP', (request, args, ctx) => {
    request.group = parseGroup(ctx, args.value());
  }),
];

function flagWord(name: string, flag: number): TunWord {
  return word(`${name}*`, (request) => {
    request.flags |= flag;
  });
}

/** The others, in the order in which an abbreviation is looked up. */
export const TUN_WORDS: readonly TunWord[] = [
  word('mode* tun|tap', (request, args) => parseMode(args.value(), request)),
  word('pi*', (request) => {
    request.flags &= ~IFF_NO_PI;
  }),
  flagWord('one_queue', IFF_ONE_QUEUE),
  flagWord('vnet_hdr', IFF_VNET_HDR),
  flagWord('multi_queue', IFF_MULTI_QUEUE),
  word('dev* NAME', (request, args) => {
    request.name = parseName(args.value(), 'dev');
  }),
  word('name* NAME', (request, args) => {
    args.value();
    readName(args, request);
  }),
];

function parseWord(ctx: Context, args: Args, request: TunRequest, adding: boolean): void {
  const found = findWord(adding ? [...OWNER_WORDS, ...TUN_WORDS] : TUN_WORDS, args);
  if (found === undefined) parseBareName(args, request);
  else found.read(request, args, ctx);
}

function parseBareName(args: Args, request: TunRequest): void {
  if (args.matches('help')) throw new Exit(255, TUNTAP_USAGE);
  readName(args, request);
}

function readName(args: Args, request: TunRequest): void {
  if (request.name !== '') throw duplicateOrGarbage('name', args.word);
  request.name = parseName(args.word, 'name');
}

function parseName(word: string, key: string): string {
  if (!isIfname(word)) throw invalidArgument(`"${key}" not a valid ifname`, word);
  return word;
}

function parseMode(word: string, request: TunRequest): void {
  const mode = [IFF_TUN, IFF_TAP].find((m) => matches(word, m === IFF_TUN ? 'tun' : 'tap'));
  if (mode === undefined) throw new Exit(255, `Unknown tunnel mode "${word}"\n`);
  if ((request.flags & (IFF_TUN | IFF_TAP) & ~mode) !== 0)
    throw new Exit(255, 'You managed to ask for more than one tunnel mode.\n');
  request.flags |= mode;
}

const NUMBER = /^[+-]?\d+$/;

function parseUser(ctx: Context, word: string): number {
  if (NUMBER.test(word)) return Number(word);
  const user = findUser(ctx.proc.fs, word);
  if (user === undefined) throw new Exit(255, `invalid user "${word}"\n`);
  return user.uid;
}

function parseGroup(ctx: Context, word: string): number {
  if (NUMBER.test(word)) return Number(word);
  const group = readGroups(ctx.proc.fs).find((g) => g.name === word);
  if (group === undefined) throw new Exit(255, `invalid group "${word}"\n`);
  return group.gid;
}
