import { ruleInsert, ruleRemove, rulesDump } from '../fib/index.ts';
import { FIB4_RULES_OPS } from '../ipv4/rtnetlink/rule.ts';
import { FIB6_RULES_OPS } from '../ipv6/fib6-rule.ts';
import type { Netns } from '../netns/netns.ts';
import type { NewFlags, RuleRequest } from './requests.ts';
import type { Family, RuleInfo } from './types.ts';

/** RTM_GETRULE: the rules of a family in the order in which they are tried. */
export function ruleDump(netns: Netns, family: Family): RuleInfo[] {
  return family === 'inet' ? rulesDump(netns, FIB4_RULES_OPS) : rulesDump(netns, FIB6_RULES_OPS);
}

/** RTM_NEWRULE. @throws KernelError EEXIST, EINVAL */
export function ruleAdd(
  netns: Netns,
  req: RuleRequest,
  flags: NewFlags = { create: true, excl: true },
): void {
  if (req.family === 'inet') ruleInsert(netns, FIB4_RULES_OPS, req, flags);
  else ruleInsert(netns, FIB6_RULES_OPS, req, flags);
}

/** RTM_DELRULE. @throws KernelError ENOENT */
export function ruleDel(netns: Netns, req: RuleRequest): void {
  if (req.family === 'inet') ruleRemove(netns, FIB4_RULES_OPS, req);
  else ruleRemove(netns, FIB6_RULES_OPS, req);
}
