import { type RuleInfo, ruleAdd, ruleDel, ruleDump } from '@labwire/devices/rtnetlink';
import { sameInet } from '../../../libc-net/index.ts';
import { type ManualSection, rowsOf } from '../../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  refusedCommands,
  runCommand,
} from '../../context/index.ts';
import { Failure, sameBits, unsupported, wordRows } from '../../parse/index.ts';
import {
  ACTION_NAMES,
  parseRuleFilter,
  parseRuleWords,
  RULE_ACTIONS,
  RULE_SELECTORS,
  RULE_WORDS,
  type RuleWords,
} from './parse.ts';
import { printRule } from './print.ts';
import { RULE_USAGE } from './usage.ts';

const RT_TABLE_MAIN = 254;

function sameRange(a: RuleInfo['sport'], b: RuleInfo['sport']): boolean {
  return a === undefined || (a.start === b?.start && a.end === b?.end);
}

function sameName(wanted: string | undefined, name: string | undefined): boolean {
  return wanted === undefined || wanted === name;
}

/** Whether a prefix of a rule lies in one that is asked for. */
function within(
  wanted: RuleInfo['src'],
  wantedLen: number | undefined,
  actual: RuleInfo['src'],
  actualLen: number,
): boolean {
  if (wanted === undefined || wantedLen === undefined) return true;
  if (wantedLen > actualLen) return false;
  return actual !== undefined && (sameInet(wanted, actual) || sameBits(wanted, actual, wantedLen));
}

/** Source: iproute2 ip/iprule.c, filter_nlmsg(). */
function passes(rule: RuleInfo, { request }: RuleWords): boolean {
  const same = (wanted: number | undefined, actual: number) => (wanted ?? actual) === actual;
  if (!same(request.priority, rule.priority) || (request.invert === true && !rule.invert))
    return false;
  if (!within(request.src, request.srcLen, rule.src, rule.srcLen)) return false;
  if (!within(request.dst, request.dstLen, rule.dst, rule.dstLen)) return false;
  if (!same(request.tos, rule.tos) || !same(request.mark || undefined, rule.mark)) return false;
  if (!same(request.mask || undefined, rule.mask >>> 0)) return false;
  if (!sameName(request.iifname, rule.iifname) || !sameName(request.oifname, rule.oifname))
    return false;
  if (request.l3mdev === true && !rule.l3mdev) return false;
  if (!same(request.ipproto || undefined, rule.ipproto)) return false;
  if (!sameRange(request.uidRange, rule.uidRange) || !sameRange(request.sport, rule.sport))
    return false;
  return sameRange(request.dport, rule.dport) && same(request.table || undefined, rule.table);
}

function find(ctx: Context, words: RuleWords): RuleInfo[] {
  const family = words.family === 'inet6' ? 'inet6' : 'inet';
  return ruleDump(ctx.ns, family).filter((rule) => passes(rule, words));
}

/** `ip rule list` */
function list(ctx: Context, rest: readonly string[]): number {
  const words = parseRuleFilter(ctx, rest);
  ctx.printer.begin();
  for (const rule of find(ctx, words)) printRule(ctx, rule);
  ctx.printer.end();
  return 0;
}

/** `ip rule flush`: all but the first one, whose priority is 0. */
function flush(ctx: Context, rest: readonly string[]): number {
  const words = parseRuleFilter(ctx, rest);
  const { protocol } = words.request;
  for (const rule of find(ctx, words)) {
    if (words.protocolGiven && rule.protocol !== protocol) continue;
    if (rule.priority !== 0) ctx.modify(() => ruleDel(ctx.ns, rule));
  }
  ctx.printer.begin();
  ctx.printer.end();
  return 0;
}

/** `ip rule add` */
function add(ctx: Context, rest: readonly string[]): number {
  if (rest.length === 0) throw new Failure(1, '"ip rule add" requires arguments.\n');
  const words = parseRuleWords(ctx, rest);
  const family = words.family === 'inet6' ? 'inet6' : 'inet';
  const table = words.tableGiven ? {} : { table: RT_TABLE_MAIN };
  ctx.modify(() => ruleAdd(ctx.ns, { action: 'to_tbl', ...words.request, ...table, family }));
  return 0;
}

/** `ip rule delete` */
function remove(ctx: Context, rest: readonly string[]): number {
  if (rest.length === 0) throw new Failure(1, '"ip rule del" requires arguments.\n');
  const words = parseRuleWords(ctx, rest);
  const family = words.family === 'inet6' ? 'inet6' : 'inet';
  ctx.modify(() => ruleDel(ctx.ns, { ...words.request, family }));
  return 0;
}

/** The commands, in the order in which an abbreviation is looked up. Source: ip/iprule.c, do_iprule(). */
const COMMANDS: CommandSet = {
  name: 'ip rule',
  usage: RULE_USAGE,
  bare: list,
  commands: [
    ...commands('list lst show', list),
    ...refusedCommands('save restore', () =>
      unsupported('A binary dump of ip rule', 'list, add, delete, flush'),
    ),
    ...commands('add', add),
    ...commands('delete', remove),
    ...commands('flush', flush),
  ],
};

/** `ip rule …` */
export function ipRule(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip rule` can be told. */
export const ruleManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  {
    title: 'ip rule add, delete',
    rows: [...wordRows(RULE_WORDS), ...wordRows(RULE_ACTIONS), ...rowsOf(ACTION_NAMES)],
  },
  { title: 'ip rule list, flush', rows: wordRows(RULE_SELECTORS) },
];
