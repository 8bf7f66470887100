import type { RuleAction, RuleInfo, RuleRequest } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { inetProtocolId, parseRouteType } from '../../names/index.ts';
import {
  type AnyFamily,
  Args,
  Exit,
  Failure,
  type InetPrefix,
  invalidArgument,
  isIfname,
  parseInteger,
  parsePrefix,
  parseUnsigned,
  unsupported,
} from '../../parse/index.ts';
import { RULE_USAGE } from './usage.ts';

/** -readonly */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** What the words of a command say. */
export interface RuleWords {
  family: AnyFamily;
  readonly request: Draft<Partial<Omit<RuleRequest, 'family'>>>;
  /** Whether the action or table is given. */
  tableGiven: boolean;
  /** Whether `protocol all` is given, for a flush. */
  protocolGiven: boolean;
}

const SUPPORTED =
  'not, from, to, tos, fwmark, iif, oif, pref, l3mdev, uidrange, ipproto, sport, dport, table, protocol, suppress_prefixlength, goto, nop, blackhole, prohibit, unreachable';

function readNumber(
  text: string,
  find: (text: string) => number | undefined,
  message: string,
): number {
  const value = find(text);
  if (value === undefined) throw invalidArgument(message, text);
  return value;
}

function readPrefix(words: RuleWords, text: string): InetPrefix {
  return parsePrefix(text, words.family);
}

function readSource(words: RuleWords, text: string): void {
  const { addr, bitlen } = readPrefix(words, text);
  if (addr !== undefined) words.request.src = addr;
  words.request.srcLen = bitlen;
}

function readDestination(words: RuleWords, text: string): void {
  const { addr, bitlen } = readPrefix(words, text);
  if (addr !== undefined) words.request.dst = addr;
  words.request.dstLen = bitlen;
}

function readMark({ request }: RuleWords, text: string): void {
  const slash = text.indexOf('/');
  const mark = slash < 0 ? text : text.slice(0, slash);
  request.mark = readNumber(mark, parseUnsigned, 'fwmark value is invalid\n');
  if (slash >= 0)
    request.mask = readNumber(text.slice(slash + 1), parseUnsigned, 'fwmask value is invalid\n');
}

function readName(text: string, option: string): string {
  if (!isIfname(text)) throw invalidArgument(`${option} not a valid ifname`, text);
  return text;
}

/** Reads `N` or `N-N` as sscanf(3) does. */
function readRange(text: string, message: string, pair = false): NonNullable<RuleInfo['sport']> {
  const m = /^\s*(\d+)(?:-\s*(\d+))?/.exec(text);
  const [start, end] = [m?.[1], m?.[2]];
  if (start === undefined || (pair && end === undefined)) throw invalidArgument(message, text);
  return { start: Number(start), end: Number(end ?? start) };
}

function readSuppress({ request }: RuleWords, text: string): void {
  const length = parseInteger(text);
  if (length === undefined || length < 0)
    throw invalidArgument('suppress_prefixlength value is invalid\n', text);
  request.suppressPrefixLen = length;
}

/** The last kind of word: what the rule does. */
function readAction(words: RuleWords, args: Args): void {
  if (args.is('type')) args.value();
  const { request } = words;
  if (args.matches('help')) throw new Exit(255, RULE_USAGE);
  if (args.matches('goto')) {
    request.action = 'goto';
    request.goto = readNumber(args.value(), parseUnsigned, 'invalid target\n');
  } else if (args.matches('nop')) request.action = 'nop';
  else request.action = actionOf(args.word);
  words.tableGiven = true;
}

const ACTIONS: readonly RuleAction[] = ['blackhole', 'unreachable', 'prohibit'];

function actionOf(text: string): RuleAction {
  const type = parseRouteType(text);
  if (type === undefined) throw invalidArgument('Failed to parse rule type', text);
  if (type === 'unicast') return 'to_tbl';
  const action = ACTIONS.find((a) => a === type);
  if (action === undefined) throw unsupported(`Action "${text}" of ip rule`, SUPPORTED);
  return action;
}

function refuse(args: Args): Error {
  return unsupported(`Option "${args.word}" of ip rule`, SUPPORTED);
}

/** Selectors that `list` and `add` read alike. @returns whether the current word was one */
function readSelector(ctx: Context, words: RuleWords, args: Args): boolean {
  const { request } = words;
  const { names } = ctx;
  if (args.is('not')) request.invert = true;
  else if (args.matches('preference', 'order', 'priority'))
    request.priority = readNumber(args.value(), parseUnsigned, 'preference value is invalid\n');
  else if (args.is('tos'))
    request.tos = readNumber(args.value(), (t) => names.dsfieldId(t), 'TOS value is invalid\n');
  else if (args.is('fwmark')) readMark(words, args.value());
  else if (args.is('dev', 'iif')) request.iifname = readName(args.value(), '"iif"/"dev"');
  else if (args.is('oif')) request.oifname = readName(args.value(), '"oif"');
  else if (args.is('uidrange'))
    request.uidRange = readRange(args.value(), 'invalid UID range\n', true);
  else if (args.is('ipproto')) readProtocolNumber(ctx, words, args.value());
  else if (args.is('sport')) request.sport = readRange(args.value(), 'invalid port range\n');
  else if (args.is('l3mdev')) request.l3mdev = true;
  else if (args.matches('tun_id')) throw refuse(args);
  else return false;
  return true;
}

function readProtocolNumber(ctx: Context, { request }: RuleWords, text: string): void {
  const find = (t: string) => inetProtocolId(ctx.proc.fs, t);
  request.ipproto = readNumber(text, find, 'Invalid "ipproto" value\n');
}

function readTable(ctx: Context, words: RuleWords, text: string, message: string): void {
  words.request.table = readNumber(text, (t) => ctx.names.tableId(t), message);
  words.tableGiven = true;
}

function noWords(family: AnyFamily): RuleWords {
  return { family, request: {}, tableGiven: false, protocolGiven: false };
}

/** Reads the words of `ip rule add` and `delete`. Source: iproute2 ip/iprule.c, iprule_modify(). */
export function parseRuleWords(ctx: Context, rest: readonly string[]): RuleWords {
  const words = noWords(ctx.options.family);
  for (const args = new Args(rest); !args.done; args.skip()) {
    if (args.is('from')) readSource(words, args.value());
    else if (args.is('to')) readDestination(words, args.value());
    else if (readSelector(ctx, words, args)) continue;
    else readChange(ctx, words, args);
  }
  if (words.request.l3mdev === true && words.request.table !== undefined)
    throw new Failure(22, 'table can not be specified for l3mdev rules\n');
  return words;
}

function readChange(ctx: Context, words: RuleWords, args: Args): void {
  const { request } = words;
  const { names } = ctx;
  if (args.matches('dsfield'))
    request.tos = readNumber(args.value(), (t) => names.dsfieldId(t), 'TOS value is invalid\n');
  else if (args.matches('realms')) throw refuse(args);
  else if (args.matches('protocol'))
    request.protocol = readNumber(
      args.value(),
      (t) => names.protocolId(t),
      '"protocol" value is invalid\n',
    );
  else if (args.matches('table') || args.is('lookup'))
    readTable(ctx, words, args.value(), 'invalid table ID\n');
  else if (args.matches('suppress_prefixlength') || args.is('sup_pl'))
    readSuppress(words, args.value());
  else if (
    args.matches('suppress_ifgroup') ||
    args.is('sup_group', 'nat') ||
    args.matches('map-to')
  )
    throw refuse(args);
  else if (args.is('dport')) request.dport = readRange(args.value(), 'invalid dport range\n');
  else readAction(words, args);
}

/** Reads the selectors of `ip rule list` and `flush`. Source: ip/iprule.c, iprule_list_flush_or_save(). */
export function parseRuleFilter(ctx: Context, rest: readonly string[]): RuleWords {
  const { family } = ctx.options;
  const words = noWords(family === 'inet6' ? 'inet6' : 'inet');
  for (const args = new Args(rest); !args.done; args.skip())
    if (!readSelector(ctx, words, args)) readFilter(ctx, words, args);
  return words;
}

function readFilter(ctx: Context, words: RuleWords, args: Args): void {
  const { request } = words;
  const { names } = ctx;
  if (args.is('dsfield'))
    request.tos = readNumber(args.value(), (t) => names.dsfieldId(t), 'TOS value is invalid\n');
  else if (args.matches('lookup', 'table'))
    readTable(ctx, words, args.value(), 'table id value is invalid\n');
  else if (args.matches('from', 'src')) readSource(words, args.value());
  else if (args.matches('protocol')) readProtocol(ctx, words, args.value());
  else if (args.is('dport')) request.dport = readRange(args.value(), 'invalid dport range\n');
  else {
    if (args.matches('dst', 'to')) args.value();
    readDestination(words, args.word);
  }
}

function readProtocol(ctx: Context, words: RuleWords, text: string): void {
  const protocol = ctx.names.protocolId(text);
  if (protocol === undefined && text !== 'all') throw invalidArgument('invalid "protocol"\n', text);
  words.protocolGiven = protocol !== undefined;
  if (protocol !== undefined) words.request.protocol = protocol;
}
