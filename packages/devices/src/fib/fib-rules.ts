/** Policy rules of either family as netlink asks for them. Linux net/core/fib_rules.c. */
import { KernelError } from '@labwire/core/error';
import type { Netns } from '../netns/netns.ts';
import type { NewFlags, RuleRequest } from '../rtnetlink/requests.ts';
import type { Family, InetAddr, RuleInfo, RuleRange } from '../rtnetlink/types.ts';
import {
  FIB_RULE_DEFAULTS,
  type FibRuleFields,
  LEGACY_TOS_MASK,
  type PolicyRule,
} from './fib-rule.ts';

/** What the families do each in their way. Linux `struct fib_rules_ops`. */
export interface RuleOps<A extends InetAddr, R extends PolicyRule<A>> {
  readonly family: Family;
  /** Bits of an address. */
  readonly addrBits: number;
  /** The address that stands for none. */
  readonly any: A;
  /** The address with all bits behind the first `plen` cleared. */
  masked(addr: A, plen: number): A;
  same(a: A, b: A): boolean;
  make(fields: FibRuleFields<A>): R;
  /** The rules of a namespace, in the order in which they are tried. */
  rules(netns: Netns): readonly R[];
  setRules(netns: Netns, rules: readonly R[]): void;
}

/** What RTM_GETRULE answers about a rule. */
export function ruleInfo<A extends InetAddr>(
  netns: Netns,
  family: Family,
  rule: PolicyRule<A>,
  rules: readonly PolicyRule<A>[],
): RuleInfo {
  const f = rule.fields;
  const there = (name: string | undefined) =>
    name === undefined || netns.devices.byName(name) !== undefined;
  const resolved = rules.some((r) => r.fields.priority === f.goto);
  return {
    ...f,
    family,
    table: f.action === 'to_tbl' ? f.table : 0,
    src: f.srcLen === 0 ? undefined : f.src,
    dst: f.dstLen === 0 ? undefined : f.dst,
    iifDetached: !there(f.iifname),
    oifDetached: !there(f.oifname),
    unresolved: f.action === 'goto' && !resolved,
  };
}

/** The rules in the order in which they are tried. `dump_rules()` */
export function rulesDump<A extends InetAddr, R extends PolicyRule<A>>(
  netns: Netns,
  ops: RuleOps<A, R>,
): RuleInfo[] {
  const rules = ops.rules(netns);
  return rules.map((rule) => ruleInfo(netns, ops.family, rule, rules));
}

function checkRange(range: RuleRange | undefined, max: number): void {
  if (range !== undefined && (range.start > range.end || range.end > max)) {
    throw new KernelError('EINVAL');
  }
}

/** @throws {@link KernelError} EINVAL. `fib_nl2rule()`, `fib4_rule_configure()` */
function fieldsOf<A extends InetAddr, R extends PolicyRule<A>>(
  ops: RuleOps<A, R>,
  req: RuleRequest,
): Omit<FibRuleFields<A>, 'priority'> {
  const { action = 'to_tbl', srcLen = 0, dstLen = 0 } = req;
  if (srcLen > ops.addrBits) throw new KernelError('EINVAL', 'Invalid source address length');
  if (dstLen > ops.addrBits) throw new KernelError('EINVAL', 'Invalid dst address length');
  if (((req.tos ?? 0) & 3) !== 0) {
    throw new KernelError('EINVAL', 'Invalid dsfield (tos): ECN bits must be 0');
  }
  if (ops.family === 'inet' && ((req.tos ?? 0) & ~LEGACY_TOS_MASK) !== 0)
    throw new KernelError('EINVAL', 'Invalid tos');
  checkRange(req.sport, 0xffff);
  checkRange(req.dport, 0xffff);
  checkRange(req.uidRange, 0xffff_ffff);
  const mark = (req.mark ?? 0) | 0;
  return {
    action,
    table: req.l3mdev === true ? 0 : (req.table ?? FIB_RULE_DEFAULTS.table),
    src: ops.masked((req.src as A | undefined) ?? ops.any, srcLen),
    srcLen,
    dst: ops.masked((req.dst as A | undefined) ?? ops.any, dstLen),
    dstLen,
    tos: req.tos ?? 0,
    iifname: req.iifname,
    oifname: req.oifname,
    mark,
    mask: (req.mask ?? (req.mark === undefined ? 0 : -1)) | 0,
    invert: req.invert ?? false,
    ipproto: req.ipproto ?? 0,
    sport: req.sport,
    dport: req.dport,
    uidRange: req.uidRange,
    suppressPrefixLen: req.suppressPrefixLen ?? -1,
    l3mdev: req.l3mdev ?? false,
    goto: req.goto ?? 0,
    protocol: req.protocol ?? 0,
  };
}

/** The priority before that of the second rule. `fib_default_rule_pref()` */
function defaultPriority(rules: readonly PolicyRule<InetAddr>[]): number {
  const second = rules[1]?.fields.priority ?? 0;
  return second === 0 ? 0 : second - 1;
}

const sameRange = (a: RuleRange | undefined, b: RuleRange | undefined): boolean =>
  a?.start === b?.start && a?.end === b?.end;

/** What two rules that say the same have in common; where a `goto` leads does not count. */
const COMPARED = [
  'priority',
  'action',
  'srcLen',
  'dstLen',
  'tos',
  'iifname',
  'oifname',
  'mark',
  'mask',
  'ipproto',
  'suppressPrefixLen',
  'invert',
  'l3mdev',
  'protocol',
] as const;

/** `rule_exists()` */
function sameRule<A extends InetAddr, R extends PolicyRule<A>>(
  ops: RuleOps<A, R>,
  a: FibRuleFields<A>,
  b: FibRuleFields<A>,
): boolean {
  if (!COMPARED.every((k) => a[k] === b[k])) return false;
  if (!ops.same(a.src, b.src) || !ops.same(a.dst, b.dst)) return false;
  if (a.action === 'to_tbl' && a.table !== b.table) return false;
  return (
    sameRange(a.sport, b.sport) && sameRange(a.dport, b.dport) && sameRange(a.uidRange, b.uidRange)
  );
}

/** Adds a rule behind those of the same priority. @throws {@link KernelError} EEXIST, EINVAL. `fib_nl_newrule()` */
export function ruleInsert<A extends InetAddr, R extends PolicyRule<A>>(
  netns: Netns,
  ops: RuleOps<A, R>,
  req: RuleRequest,
  flags: NewFlags,
): void {
  const rules = ops.rules(netns);
  const partial = fieldsOf(ops, req);
  const priority = req.priority ?? defaultPriority(rules);
  const fields: FibRuleFields<A> = { ...partial, priority };
  if (fields.action === 'goto' && fields.goto <= priority) {
    throw new KernelError('EINVAL', 'Backward goto not supported');
  }
  if (flags.excl === true && rules.some((r) => sameRule(ops, r.fields, fields))) {
    throw new KernelError('EEXIST');
  }
  const rule = ops.make(fields);
  attach(netns, rule);
  let at = rules.findIndex((r) => r.fields.priority > priority);
  if (at < 0) at = rules.length;
  ops.setRules(netns, [...rules.slice(0, at), rule, ...rules.slice(at)]);
  netns.rtnl.tell(ops.family === 'inet' ? 'rule4' : 'rule6', false, rule);
}

function attach(netns: Netns, rule: PolicyRule<InetAddr>): void {
  const { iifname, oifname } = rule.fields;
  rule.iif = iifname === undefined ? null : (netns.devices.byName(iifname) ?? null);
  rule.oif = oifname === undefined ? null : (netns.devices.byName(oifname) ?? null);
}

/** Finds the devices of all rules again: one has come, gone or got another name. `fib_rules_event()` */
export function attachRules(netns: Netns, rules: readonly PolicyRule<InetAddr>[]): void {
  for (const rule of rules) attach(netns, rule);
}

/** Takes the first rule away that has all that the request names. @throws {@link KernelError} ENOENT. `fib_nl_delrule()` */
export function ruleRemove<A extends InetAddr, R extends PolicyRule<A>>(
  netns: Netns,
  ops: RuleOps<A, R>,
  req: RuleRequest,
): void {
  const rules = ops.rules(netns);
  const at = rules.findIndex((r) => matchesRequest(ops, r.fields, req));
  if (at < 0) throw new KernelError('ENOENT');
  ops.setRules(
    netns,
    rules.filter((_, i) => i !== at),
  );
  netns.rtnl.tell(ops.family === 'inet' ? 'rule4' : 'rule6', true, rules[at]);
}

/** What the request leaves out or gives as 0 matches anything, but for the priority. `rule_find()` */
function matchesRequest<A extends InetAddr, R extends PolicyRule<A>>(
  ops: RuleOps<A, R>,
  f: FibRuleFields<A>,
  req: RuleRequest,
): boolean {
  if (req.priority !== undefined && req.priority !== f.priority) return false;
  const named = [
    'action',
    'table',
    'tos',
    'iifname',
    'oifname',
    'ipproto',
    'l3mdev',
    'protocol',
  ] as const;
  if (!named.every((k) => !req[k] || req[k] === f[k])) return false;
  if (req.mark && (req.mark | 0) !== f.mark) return false;
  if (req.mask && (req.mask | 0) !== f.mask) return false;
  if (req.srcLen && (req.srcLen !== f.srcLen || !ops.same(req.src as A, f.src))) return false;
  if (req.dstLen && (req.dstLen !== f.dstLen || !ops.same(req.dst as A, f.dst))) return false;
  return (
    (req.sport === undefined || sameRange(req.sport, f.sport)) &&
    (req.dport === undefined || sameRange(req.dport, f.dport)) &&
    (req.uidRange === undefined || sameRange(req.uidRange, f.uidRange))
  );
}
