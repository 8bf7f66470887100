export { Fib } from './fib.ts';
export {
  checkPrefix,
  createRoute,
  defaultTable,
  type FibEnv,
  makeNexthop,
  matchesDeletion,
} from './fib-create.ts';
export {
  FIB_PROPS,
  FibNexthop,
  FibRoute,
  type NewFibRoute,
  NO_METRICS,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_SITE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_DEFAULT,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTNH_F_PERVASIVE,
  RTPROT_BOOT,
  RTPROT_KERNEL,
  sameRoute,
} from './fib-route.ts';
export {
  FIB_RULE_DEFAULTS,
  FibRule,
  type FibRuleFields,
  gotoIndex,
  PolicyRule,
} from './fib-rule.ts';
export {
  attachRules,
  type RuleOps,
  ruleInfo,
  ruleInsert,
  ruleRemove,
  rulesDump,
} from './fib-rules.ts';
export { FibTable } from './fib-table.ts';
export {
  FIB_LOOKUP_IGNORE_LINKSTATE,
  FibResult,
  FLOWI_FLAG_ANYSRC,
  FLOWI_FLAG_ONLINK,
  Flow4,
  FlowFields,
} from './flow.ts';
