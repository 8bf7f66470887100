/** IPv4's side of policy rules. Linux net/ipv4/fib_rules.c. */
import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { FibRule, type RuleOps } from '../../fib/index.ts';

/** `fib4_rules_ops` */
export const FIB4_RULES_OPS: RuleOps<Ipv4Addr, FibRule> = {
  family: 'inet',
  addrBits: 32,
  any: 0 as Ipv4Addr,
  masked: (addr, plen) => (addr & ipv4Mask(plen)) as Ipv4Addr,
  same: (a, b) => a === b,
  make: (fields) => new FibRule(fields),
  rules: (netns) => netns.ipv4.fib.rules(),
  setRules: (netns, rules) => netns.ipv4.fib.setRules(rules),
};
