/** IPv6's side of policy rules. Linux net/ipv6/fib6_rules.c. */
import { IPV6_ANY, type Ipv6Addr, sameIpv6 } from '@labwire/core/addr';
import {
  FIB_RULE_DEFAULTS,
  type FibRuleFields,
  FlowFields,
  gotoIndex,
  PolicyRule,
  type RuleOps,
} from '../fib/index.ts';
import { l3FlowTable } from '../link/l3-master.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Fib6 } from './fib6.ts';
import { type Fib6Nexthop, Fib6Route } from './fib6-route.ts';
import { maskPrefix6, samePrefix6 } from './prefix6.ts';

const RTPROT_KERNEL = 2;

/** What rules look at; filled in anew for each lookup. Linux `struct flowi6` */
export class Flowi6 extends FlowFields {
  daddr: Ipv6Addr = IPV6_ANY;
  /** null while it is not known: a rule with a source holds for no such flow. */
  saddr: Ipv6Addr | null = null;

  /** Makes it a plain flow to an address. @returns itself */
  to(daddr: Ipv6Addr, saddr: Ipv6Addr | null): Flowi6 {
    this.clear();
    this.daddr = daddr;
    this.saddr = saddr;
    return this;
  }
}

/** Linux `struct fib6_rule`. */
export class Fib6Rule extends PolicyRule<Ipv6Addr> {
  constructor(fields: FibRuleFields<Ipv6Addr>) {
    super(fields, DSCP_MASK);
  }

  /** Whether the rule holds for a flow. `fib6_rule_match()` */
  matches(flow: Flowi6): boolean {
    const { src, srcLen, dst, dstLen, invert } = this.fields;
    const holds =
      samePrefix6(flow.daddr, dst, dstLen) &&
      (srcLen === 0 || (flow.saddr !== null && samePrefix6(flow.saddr, src, srcLen))) &&
      this.holdsFor(flow);
    return holds !== invert;
  }
}

const DSCP_MASK = 0xfc;

/** The rules of a fresh namespace: local, main. `fib6_rules_net_init()` */
const DEFAULT_RULES: readonly FibRuleFields<Ipv6Addr>[] = [
  [0, 255],
  [32_766, 254],
].map(([priority, table]) =>
  Object.freeze({
    ...FIB_RULE_DEFAULTS,
    src: IPV6_ANY,
    dst: IPV6_ANY,
    priority: priority as number,
    table: table as number,
    protocol: RTPROT_KERNEL,
  }),
);

function refusal(type: 'blackhole' | 'prohibit'): Fib6Route {
  return new Fib6Route({
    type,
    dst: IPV6_ANY,
    dstLen: 0,
    table: 0,
    protocol: 0,
    priority: 0xffff_ffff,
    prefsrc: null,
    nexthops: [],
    metrics: {},
  });
}

/** What a rule that refuses leads to. `ip6_blk_hole_entry`, `ip6_prohibit_entry` */
const REFUSALS = { blackhole: refusal('blackhole'), prohibit: refusal('prohibit') } as const;

/** The route that the rules lead to; undefined for none, as with `unreachable`. `fib6_rule_lookup()` */
export function lookupRules6(
  rules: readonly Fib6Rule[],
  flow: Flowi6,
  fib: Fib6,
  oif: NetDevice | null,
  usable: (nh: Fib6Nexthop) => boolean,
): Fib6Route | undefined {
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i] as Fib6Rule;
    if (!rule.matches(flow)) continue;
    const { action, goto, l3mdev, suppressPrefixLen } = rule.fields;
    if (action === 'goto') i = gotoIndex(rules, i, goto);
    else if (action === 'to_tbl') {
      const table = l3mdev ? l3FlowTable(fib.l3, flow.l3mdev) : rule.fields.table;
      if (l3mdev && table === 0) continue;
      const route = fib.lookupTable(table, flow.daddr, oif, usable);
      if (route === undefined || route.type === 'throw' || route.dstLen <= suppressPrefixLen)
        continue;
      return route;
    } else if (action !== 'nop') return action === 'unreachable' ? undefined : REFUSALS[action];
  }
  return undefined;
}

/** Fresh rules. */
export function defaultRules6(): Fib6Rule[] {
  return DEFAULT_RULES.map((fields) => new Fib6Rule(fields));
}

/** `fib6_rules_ops_template` */
export const FIB6_RULES_OPS: RuleOps<Ipv6Addr, Fib6Rule> = {
  family: 'inet6',
  addrBits: 128,
  any: IPV6_ANY,
  masked: maskPrefix6,
  same: sameIpv6,
  make: (fields) => new Fib6Rule(fields),
  rules: (netns) => netns.ipv6.fib.rules(),
  setRules: (netns, rules) => netns.ipv6.fib.setRules(rules),
};
