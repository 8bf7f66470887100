import { KernelError } from '@labwire/core/error';
import { FIB_RULE_DEFAULTS } from '../fib/index.ts';
import { ruleAdd4, ruleDel4, ruleDump4 } from '../ipv4/rtnetlink/rule.ts';
import type { Netns } from '../netns/netns.ts';
import type { NewFlags, RuleRequest } from './requests.ts';
import type { Family, RuleInfo } from './types.ts';

const RTPROT_KERNEL = 2;

/** The rules of IPv6, which always are those of a fresh namespace: local and main. Linux net/ipv6/fib6_rules.c. */
const RULES6: readonly RuleInfo[] = [
  [0, 255],
  [32_766, 254],
].map(([priority, table]) => ({
  ...FIB_RULE_DEFAULTS,
  family: 'inet6',
  src: undefined,
  dst: undefined,
  priority: priority as number,
  table: table as number,
  iifDetached: false,
  oifDetached: false,
  unresolved: false,
  protocol: RTPROT_KERNEL,
}));

/** RTM_GETRULE: the rules of a family in the order in which they are tried. */
export function ruleDump(netns: Netns, family: Family): RuleInfo[] {
  return family === 'inet' ? ruleDump4(netns) : [...RULES6];
}

function only4(req: RuleRequest): void {
  if (req.family === 'inet') return;
  throw new KernelError('EOPNOTSUPP', 'Policy rules are supported for IPv4 only');
}

/** RTM_NEWRULE. @throws KernelError EEXIST, EINVAL; EOPNOTSUPP for IPv6 */
export function ruleAdd(
  netns: Netns,
  req: RuleRequest,
  flags: NewFlags = { create: true, excl: true },
): void {
  only4(req);
  ruleAdd4(netns, req, flags);
}

/** RTM_DELRULE. @throws KernelError ENOENT; EOPNOTSUPP for IPv6 */
export function ruleDel(netns: Netns, req: RuleRequest): void {
  only4(req);
  ruleDel4(netns, req);
}
