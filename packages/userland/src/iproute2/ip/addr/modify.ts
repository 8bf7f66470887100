import { type Ipv4Addr, isMulticast4, isMulticast6 } from '@labwire/core/addr';
import { type AddrRequest, addrAdd, addrDel } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import {
  type AnyFamily,
  Args,
  duplicateArgument,
  duplicateOrGarbage,
  Exit,
  Failure,
  findWord,
  type InetPrefix,
  invalidArgument,
  parseAddr,
  parsePrefix,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import { ADDR_FLAGS, type AddrFlag } from '../show/index.ts';
import { ADDR_USAGE } from './usage.ts';

/** What `ip address` does to an address. */
export type AddrAction = 'add' | 'change' | 'replace' | 'delete';

/** For ever: INFINITY_LIFE_TIME. */
const FOREVER = 0xffff_ffff;
const RT_SCOPE_HOST = 254;
const IFA_F_MCAUTOJOIN = 0x400;
/** Flags that addresses here would not heed. */
const IGNORED_FLAGS: readonly string[] = ['home', 'optimistic'];

/** What the words of a command say. */
interface AddrWords {
  family: AnyFamily;
  local: InetPrefix | undefined;
  localText: string;
  peer: InetPrefix | undefined;
  /** `+` and `-`: all host bits set, or clear. */
  broadcast: Ipv4Addr | '+' | '-' | undefined;
  scope: number | undefined;
  dev: string | undefined;
  label: string | undefined;
  metric: number | undefined;
  flags: number;
  validLft: number | undefined;
  preferredLft: number | undefined;
}

function readPeer(words: AddrWords, text: string): void {
  if (words.peer?.addr !== undefined) throw duplicateArgument('peer', text);
  words.peer = parsePrefix(text, words.family);
  words.family ??= words.peer.family;
}

function readBroadcast(words: AddrWords, text: string): void {
  if (words.broadcast !== undefined) throw duplicateArgument('broadcast', text);
  if (text === '+' || text === '-') words.broadcast = text;
  else {
    const { addr, family } = parseAddr(text, words.family);
    words.family ??= family;
    if (typeof addr === 'number') words.broadcast = addr;
  }
}

function readScope(ctx: Context, words: AddrWords, text: string): void {
  words.scope = ctx.names.scopeId(text);
  if (words.scope === undefined) throw invalidArgument('invalid scope value.', text);
}

function readMetric(words: AddrWords, text: string): void {
  words.metric = parseUnsigned(text);
  if (words.metric === undefined) throw invalidArgument('"metric" value is invalid\n', text);
}

function readLifetime(words: AddrWords, which: 'validLft' | 'preferredLft', args: Args): void {
  const option = which === 'validLft' ? 'valid_lft' : 'preferred_lft';
  if (words[which] !== undefined) throw duplicateArgument(option, args.word);
  const text = args.value();
  words[which] = text === 'forever' ? FOREVER : parseUnsigned(text);
  if (words[which] === undefined) throw invalidArgument(`${option} value`, text);
}

function readFlag(ctx: Context, words: AddrWords, flag: AddrFlag): void {
  const { name, bit } = flag;
  if (flag.readOnly) ctx.output.err(`Warning: ${name} option is not mutable from userspace\n`);
  else if (flag.v6Only && words.family !== 'inet6')
    ctx.output.err(`Warning: ${name} option can be set only for IPv6 addresses\n`);
  else if (IGNORED_FLAGS.includes(name))
    throw unsupported(`Flag "${name}" of ip address`, 'nodad, mngtmpaddr, noprefixroute, autojoin');
  else words.flags |= bit;
}

function readLocal(words: AddrWords, args: Args): void {
  if (args.matches('help')) throw new Exit(255, ADDR_USAGE);
  if (words.local?.addr !== undefined) throw duplicateOrGarbage('local', args.word);
  words.local = parsePrefix(args.word, words.family);
  words.localText = args.word;
  words.family ??= words.local.family;
}

/** The words, in the order in which an abbreviation is looked up. */
export const ADDR_WORDS: readonly Word<AddrWords, Context>[] = [
  word('peer|remote PREFIX', (words, args) => readPeer(words, args.value())),
  word('broadcast*|brd ADDRESS', (words, args) => readBroadcast(words, args.value())),
  refusedWord('anycast', () => unsupported('ip address anycast', 'local, peer, broadcast')),
  word('scope SCOPE', (words, args, ctx) => readScope(ctx, words, args.value())),
  word('dev DEVICE', (words, args) => {
    words.dev = args.value();
  }),
  word('label LABEL', (words, args) => {
    words.label = args.value();
  }),
  word('metric*|priority*|preference* METRIC', (words, args) => readMetric(words, args.value())),
  word('valid_lft* SECONDS', (words, args) => readLifetime(words, 'validLft', args)),
  word('preferred_lft* SECONDS', (words, args) => readLifetime(words, 'preferredLft', args)),
  word('local PREFIX', (words, args) => {
    args.value();
    readLocal(words, args);
  }),
  ...ADDR_FLAGS.map((flag) => ({
    ...word<AddrWords, Context>(flag.name, (words, _args, ctx) => readFlag(ctx, words, flag)),
    ...(IGNORED_FLAGS.includes(flag.name) ? { refused: true } : {}),
  })),
];

function readWord(ctx: Context, words: AddrWords, args: Args): void {
  const found = findWord(ADDR_WORDS, args);
  if (found === undefined) readLocal(words, args);
  else found.read(words, args, ctx);
}

function parseWords(ctx: Context, rest: readonly string[]): AddrWords {
  const words: AddrWords = {
    family: ctx.options.family,
    local: undefined,
    localText: '',
    peer: undefined,
    broadcast: undefined,
    scope: undefined,
    dev: undefined,
    label: undefined,
    metric: undefined,
    flags: 0,
    validLft: undefined,
    preferredLft: undefined,
  };
  for (const args = new Args(rest); !args.done; args.skip()) readWord(ctx, words, args);
  return words;
}

const WILDCARD = `Warning: Executing wildcard deletion to stay compatible with old scripts.
         Explicitly specify the prefix length (`;
const WILDCARD_END = `) to avoid this warning.
         This special behaviour is likely to disappear in further releases,
         fix your scripts!
`;

/** Whether a deletion means every prefix length of an address; says so. */
function isWildcard(ctx: Context, words: AddrWords, action: AddrAction): boolean {
  const { local, peer, localText } = words;
  if (action !== 'delete' || peer !== undefined || local?.family !== 'inet' || local.lengthGiven)
    return false;
  ctx.output.err(`${WILDCARD}${localText}/32${WILDCARD_END}`);
  return true;
}

/** What `broadcast +` and `-` mean for a prefix; none for one longer than /30. */
function broadcastOf(words: AddrWords): Ipv4Addr | undefined {
  const { broadcast } = words;
  if (broadcast !== '+' && broadcast !== '-') return broadcast;
  if (words.family !== 'inet')
    throw new Failure(1, 'Broadcast can be set only for IPv4 addresses\n');
  const prefix = words.peer ?? words.local;
  if (prefix === undefined || prefix.bitlen > 30) return undefined;
  const host = prefix.bitlen === 0 ? -1 : (1 << (32 - prefix.bitlen)) - 1;
  const addr = (prefix.addr ?? 0) as number;
  return (broadcast === '+' ? addr | host : addr & ~host) as Ipv4Addr;
}

function checkLifetimes(words: AddrWords): void {
  if (words.validLft === undefined && words.preferredLft === undefined) return;
  const { validLft = FOREVER, preferredLft = FOREVER } = words;
  if (validLft === 0) throw new Failure(1, 'valid_lft is zero\n');
  if (validLft < preferredLft) throw new Failure(1, 'preferred_lft is greater than valid_lft\n');
}

/** How the kernel answers a request with no local address: net/ipv4/devinet.c, rtm_to_ifaddr(). */
function noLocal(words: AddrWords): Failure {
  const text =
    words.family === 'inet'
      ? 'Error: ipv4: Local address is not supplied.\n'
      : 'RTNETLINK answers: Operation not supported\n';
  return new Failure(2, text);
}

function requestOf(ctx: Context, words: AddrWords, action: AddrAction): AddrRequest {
  if (words.dev === undefined)
    throw new Failure(1, 'Not enough information: "dev" argument is required.\n');
  const wildcard = isWildcard(ctx, words, action);
  const broadcast =
    action === 'delete' && typeof words.broadcast !== 'number' ? undefined : broadcastOf(words);
  const ifindex = ctx.indexOf(words.dev);
  checkLifetimes(words);
  const { local, peer, label, metric, flags } = words;
  const addr = local?.addr ?? (words.family === 'inet6' ? peer?.addr : undefined);
  const family = words.family === 'inet6' ? 'inet6' : 'inet';
  if (addr === undefined) throw noLocal(words);
  const isGroup = typeof addr === 'number' ? isMulticast4(addr) : isMulticast6(addr);
  if ((flags & IFA_F_MCAUTOJOIN) !== 0 && !isGroup)
    throw new Failure(1, 'autojoin needs multicast address\n');
  const loopback = typeof addr === 'number' && addr >>> 24 === 127;
  const scope = words.scope ?? (action === 'delete' ? undefined : loopback ? RT_SCOPE_HOST : 0);
  const lifetimes = words.validLft !== undefined || words.preferredLft !== undefined;
  return {
    family,
    ifindex,
    local: addr,
    ...(wildcard ? {} : { address: peer?.addr ?? addr }),
    prefixLen: peer?.bitlen || local?.bitlen || 0,
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(scope === undefined ? {} : { scope }),
    ...(flags === 0 ? {} : { flags }),
    ...(label === undefined ? {} : { label }),
    ...(metric === undefined ? {} : { metric }),
    ...(lifetimes
      ? { validLft: words.validLft ?? FOREVER, preferredLft: words.preferredLft ?? FOREVER }
      : {}),
  };
}

/** `ip address add`, `change`, `replace` and `delete`. Source: iproute2 ip/ipaddress.c, ipaddr_modify(). */
export function addrModify(ctx: Context, action: AddrAction, rest: readonly string[]): number {
  const request = requestOf(ctx, parseWords(ctx, rest), action);
  if (action === 'delete') ctx.modify(() => addrDel(ctx.ns, request));
  else if (action === 'add')
    ctx.modify(() => addrAdd(ctx.ns, request, { create: true, excl: true }));
  else if (action === 'change') ctx.modify(() => addrAdd(ctx.ns, request, { replace: true }));
  else ctx.modify(() => addrAdd(ctx.ns, request, { create: true, replace: true }));
  return 0;
}
