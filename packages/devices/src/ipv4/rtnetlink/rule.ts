/** IPv4 policy rules as netlink asks for them. Linux net/core/fib_rules.c, net/ipv4/fib_rules.c. */
import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { FIB_RULE_DEFAULTS, FibRule, type FibRuleFields } from '../../fib/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { NewFlags, RuleRequest } from '../../rtnetlink/requests.ts';
import type { RuleInfo, RuleRange } from '../../rtnetlink/types.ts';

function ruleInfo(netns: Netns, rule: FibRule, rules: readonly FibRule[]): RuleInfo {
  const f = rule.fields;
  const there = (name: string | undefined) =>
    name === undefined || netns.devices.byName(name) !== undefined;
  const resolved = rules.some((r) => r.fields.priority === f.goto);
  return {
    family: 'inet',
    priority: f.priority,
    action: f.action,
    table: f.action === 'to_tbl' ? f.table : 0,
    src: f.srcLen === 0 ? undefined : f.src,
    srcLen: f.srcLen,
    dst: f.dstLen === 0 ? undefined : f.dst,
    dstLen: f.dstLen,
    tos: f.tos,
    iifname: f.iifname,
    iifDetached: !there(f.iifname),
    oifname: f.oifname,
    oifDetached: !there(f.oifname),
    mark: f.mark,
    mask: f.mask,
    invert: f.invert,
    ipproto: f.ipproto,
    sport: f.sport,
    dport: f.dport,
    uidRange: f.uidRange,
    suppressPrefixLen: f.suppressPrefixLen,
    goto: f.goto,
    unresolved: f.action === 'goto' && !resolved,
    protocol: f.protocol,
  };
}

/** The rules in the order in which they are tried. */
export function ruleDump4(netns: Netns): RuleInfo[] {
  const rules = netns.ipv4.fib.rules();
  return rules.map((rule) => ruleInfo(netns, rule, rules));
}

function checkRange(range: RuleRange | undefined, max: number): void {
  if (range !== undefined && (range.start > range.end || range.end > max)) {
    throw new KernelError('EINVAL');
  }
}

/** @throws {@link KernelError} EINVAL. `fib_nl2rule()`, `fib4_rule_configure()` */
function fieldsOf(req: RuleRequest): Omit<FibRuleFields, 'priority'> {
  const { action = 'to_tbl', srcLen = 0, dstLen = 0 } = req;
  if (srcLen > 32) throw new KernelError('EINVAL', 'Invalid source address length');
  if (dstLen > 32) throw new KernelError('EINVAL', 'Invalid dst address length');
  if (((req.tos ?? 0) & 3) !== 0) {
    throw new KernelError('EINVAL', 'Invalid dsfield (tos): ECN bits must be 0');
  }
  checkRange(req.sport, 0xffff);
  checkRange(req.dport, 0xffff);
  checkRange(req.uidRange, 0xffff_ffff);
  const mark = (req.mark ?? 0) | 0;
  return {
    action,
    table: req.table ?? FIB_RULE_DEFAULTS.table,
    src: (((req.src ?? 0) as number) & ipv4Mask(srcLen)) as Ipv4Addr,
    srcLen,
    dst: (((req.dst ?? 0) as number) & ipv4Mask(dstLen)) as Ipv4Addr,
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
    goto: req.goto ?? 0,
    protocol: req.protocol ?? 0,
  };
}

/** The priority before that of the second rule. `fib_default_rule_pref()` */
function defaultPriority(rules: readonly FibRule[]): number {
  const second = rules[1]?.fields.priority ?? 0;
  return second === 0 ? 0 : second - 1;
}

const sameRange = (a: RuleRange | undefined, b: RuleRange | undefined): boolean =>
  a?.start === b?.start && a?.end === b?.end;

/** Whether two rules say the same; where a `goto` leads does not count. `rule_exists()` */
function sameRule(a: FibRuleFields, b: FibRuleFields): boolean {
  const plain: readonly (keyof FibRuleFields)[] = [
    'priority',
    'action',
    'src',
    'srcLen',
    'dst',
    'dstLen',
    'tos',
    'iifname',
    'oifname',
    'mark',
    'mask',
    'ipproto',
    'suppressPrefixLen',
    'invert',
  ];
  if (!plain.every((k) => a[k] === b[k])) return false;
  if (a.action === 'to_tbl' && a.table !== b.table) return false;
  return (
    sameRange(a.sport, b.sport) && sameRange(a.dport, b.dport) && sameRange(a.uidRange, b.uidRange)
  );
}

/** Adds a rule behind those of the same priority. @throws {@link KernelError} EEXIST, EINVAL. `fib_nl_newrule()` */
export function ruleAdd4(netns: Netns, req: RuleRequest, flags: NewFlags): void {
  const { fib } = netns.ipv4;
  const rules = fib.rules();
  const partial = fieldsOf(req);
  const priority = req.priority ?? defaultPriority(rules);
  const fields: FibRuleFields = { ...partial, priority };
  if (fields.action === 'goto' && fields.goto <= priority) {
    throw new KernelError('EINVAL', 'Backward goto not supported');
  }
  if (flags.excl === true && rules.some((r) => sameRule(r.fields, fields))) {
    throw new KernelError('EEXIST');
  }
  const rule = new FibRule(fields);
  attach(netns, rule);
  let at = rules.findIndex((r) => r.fields.priority > priority);
  if (at < 0) at = rules.length;
  fib.setRules([...rules.slice(0, at), rule, ...rules.slice(at)]);
}

function attach(netns: Netns, rule: FibRule): void {
  const { iifname, oifname } = rule.fields;
  rule.iif = iifname === undefined ? null : (netns.devices.byName(iifname) ?? null);
  rule.oif = oifname === undefined ? null : (netns.devices.byName(oifname) ?? null);
}

/** Finds the devices of all rules again: one has come, gone or got another name. `fib_rules_event()` */
export function attachRules(netns: Netns): void {
  if (!netns.ipv4.fib.hasCustomRules) return;
  for (const rule of netns.ipv4.fib.rules()) attach(netns, rule);
}

/** Takes the first rule away that has all that the request names. @throws {@link KernelError} ENOENT. `fib_nl_delrule()` */
export function ruleDel4(netns: Netns, req: RuleRequest): void {
  const { fib } = netns.ipv4;
  const rules = fib.rules();
  const at = rules.findIndex((r) => matchesRequest(r.fields, req));
  if (at < 0) throw new KernelError('ENOENT');
  fib.setRules(rules.filter((_, i) => i !== at));
}

/** What the request leaves out or gives as 0 matches anything, but for the priority. `rule_find()` */
function matchesRequest(f: FibRuleFields, req: RuleRequest): boolean {
  if (req.priority !== undefined && req.priority !== f.priority) return false;
  const named = ['action', 'table', 'tos', 'iifname', 'oifname', 'ipproto'] as const;
  if (!named.every((k) => !req[k] || req[k] === f[k])) return false;
  if (req.mark && (req.mark | 0) !== f.mark) return false;
  if (req.mask && (req.mask | 0) !== f.mask) return false;
  if (req.srcLen && (req.srcLen !== f.srcLen || req.src !== f.src)) return false;
  if (req.dstLen && (req.dstLen !== f.dstLen || req.dst !== f.dst)) return false;
  return (
    (req.sport === undefined || sameRange(req.sport, f.sport)) &&
    (req.dport === undefined || sameRange(req.dport, f.dport)) &&
    (req.uidRange === undefined || sameRange(req.uidRange, f.uidRange))
  );
}
