import type { RuleAction, RuleInfo, RuleRequest } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { inetProtocolId, parseRouteType } from '../../names/index.ts';
import {
  type AnyFamily,
  Args,
  Exit,
  Failure,
  findWord,
  type InetPrefix,
  invalidArgument,
  isIfname,
  parseInteger,
  parsePrefix,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
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

const ACTIONS: readonly RuleAction[] = ['blackhole', 'unreachable', 'prohibit'];

function actionOf(text: string): RuleAction {
  const type = parseRouteType(text);
  if (type === undefined) throw invalidArgument('Failed to parse rule type', text);
  if (type === 'unicast') return 'to_tbl';
  const action = ACTIONS.find((a) => a === type);
  if (action === undefined) throw unsupported(`Action "${text}" of ip rule`, SUPPORTED);
  return action;
}

const refuse = (typed: string): Error => unsupported(`Option "${typed}" of ip rule`, SUPPORTED);

type RuleWord = Word<RuleWords, Context>;

/** Selectors that `list` and `add` read alike. */
const SELECTORS: readonly RuleWord[] = [
  word('not', ({ request }) => {
    request.invert = true;
  }),
  word('preference*|order*|priority* NUMBER', ({ request }, args) => {
    request.priority = readNumber(args.value(), parseUnsigned, 'preference value is invalid\n');
  }),
  word('tos TOS', readTos),
  word('fwmark MARK[/MASK]', (words, args) => readMark(words, args.value())),
  word('dev|iif DEVICE', ({ request }, args) => {
    request.iifname = readName(args.value(), '"iif"/"dev"');
  }),
  word('oif DEVICE', ({ request }, args) => {
    request.oifname = readName(args.value(), '"oif"');
  }),
  word('uidrange NUMBER-NUMBER', ({ request }, args) => {
    request.uidRange = readRange(args.value(), 'invalid UID range\n', true);
  }),
  word('ipproto PROTOCOL', ({ request }, args, { proc }) => {
    const find = (t: string) => inetProtocolId(proc.fs, t);
    request.ipproto = readNumber(args.value(), find, 'Invalid "ipproto" value\n');
  }),
  word('sport PORT[-PORT]', ({ request }, args) => {
    request.sport = readRange(args.value(), 'invalid port range\n');
  }),
  word('l3mdev', ({ request }) => {
    request.l3mdev = true;
  }),
  refusedWord('tun_id*', refuse),
];

function readTos({ request }: RuleWords, args: Args, { names }: Context): void {
  request.tos = readNumber(args.value(), (t) => names.dsfieldId(t), 'TOS value is invalid\n');
}

function readTable(ctx: Context, words: RuleWords, text: string, message: string): void {
  words.request.table = readNumber(text, (t) => ctx.names.tableId(t), message);
  words.tableGiven = true;
}

const DPORT: RuleWord = word('dport PORT[-PORT]', ({ request }, args) => {
  request.dport = readRange(args.value(), 'invalid dport range\n');
});

/** The words of `add` and `delete`, in the order in which an abbreviation is looked up. */
export const RULE_WORDS: readonly RuleWord[] = [
  word('from PREFIX', (words, args) => readSource(words, args.value())),
  word('to PREFIX', (words, args) => readDestination(words, args.value())),
  ...SELECTORS,
  word('dsfield* TOS', readTos),
  refusedWord('realms*', refuse),
  word('protocol* PROTOCOL', ({ request }, args, { names }) => {
    const find = (t: string) => names.protocolId(t);
    request.protocol = readNumber(args.value(), find, '"protocol" value is invalid\n');
  }),
  word('table*|lookup TABLE', (words, args, ctx) =>
    readTable(ctx, words, args.value(), 'invalid table ID\n'),
  ),
  word('suppress_prefixlength*|sup_pl NUMBER', (words, args) => readSuppress(words, args.value())),
  refusedWord('suppress_ifgroup*|sup_group|nat|map-to*', refuse),
  DPORT,
];

/** What a rule does, with `type` before it or without. */
export const RULE_ACTIONS: readonly RuleWord[] = [
  word('goto* NUMBER', ({ request }, args) => {
    request.action = 'goto';
    request.goto = readNumber(args.value(), parseUnsigned, 'invalid target\n');
  }),
  word('nop*', ({ request }) => {
    request.action = 'nop';
  }),
];

/** The names of the other actions. */
export const ACTION_NAMES: readonly string[] = ['unicast', ...ACTIONS];

/** The last kind of word: what the rule does. */
function readAction(ctx: Context, words: RuleWords, args: Args): void {
  if (args.is('type')) args.value();
  if (args.matches('help')) throw new Exit(255, RULE_USAGE);
  const found = findWord(RULE_ACTIONS, args);
  if (found === undefined) words.request.action = actionOf(args.word);
  else found.read(words, args, ctx);
  words.tableGiven = true;
}

function noWords(family: AnyFamily): RuleWords {
  return { family, request: {}, tableGiven: false, protocolGiven: false };
}

/** Reads the words of `ip rule add` and `delete`. Source: iproute2 ip/iprule.c, iprule_modify(). */
export function parseRuleWords(ctx: Context, rest: readonly string[]): RuleWords {
  const words = noWords(ctx.options.family);
  for (const args = new Args(rest); !args.done; args.skip()) {
    const found = findWord(RULE_WORDS, args);
    if (found === undefined) readAction(ctx, words, args);
    else found.read(words, args, ctx);
  }
  if (words.request.l3mdev === true && words.request.table !== undefined)
    throw new Failure(22, 'table can not be specified for l3mdev rules\n');
  return words;
}

/** The selectors of `list` and `flush`. */
export const RULE_SELECTORS: readonly RuleWord[] = [
  ...SELECTORS,
  word('dsfield TOS', readTos),
  word('lookup*|table* TABLE', (words, args, ctx) =>
    readTable(ctx, words, args.value(), 'table id value is invalid\n'),
  ),
  word('from*|src* PREFIX', (words, args) => readSource(words, args.value())),
  word('protocol* PROTOCOL', (words, args, ctx) => readProtocol(ctx, words, args.value())),
  DPORT,
  word('dst*|to* PREFIX', (words, args) => readDestination(words, args.value())),
];

/** Reads the selectors of `ip rule list` and `flush`. Source: ip/iprule.c, iprule_list_flush_or_save(). */
export function parseRuleFilter(ctx: Context, rest: readonly string[]): RuleWords {
  const { family } = ctx.options;
  const words = noWords(family === 'inet6' ? 'inet6' : 'inet');
  for (const args = new Args(rest); !args.done; args.skip()) {
    const found = findWord(RULE_SELECTORS, args);
    if (found === undefined) readDestination(words, args.word);
    else found.read(words, args, ctx);
  }
  return words;
}

function readProtocol(ctx: Context, words: RuleWords, text: string): void {
  const protocol = ctx.names.protocolId(text);
  if (protocol === undefined && text !== 'all') throw invalidArgument('invalid "protocol"\n', text);
  words.protocolGiven = protocol !== undefined;
  if (protocol !== undefined) words.request.protocol = protocol;
}
