import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import type { Errno } from '@labwire/core/error';
import type { NetDevice } from '../link/net-device.ts';
import type { InetAddr, RuleAction, RuleRange } from '../rtnetlink/types.ts';
import type { Flow4, FlowFields } from './flow.ts';

/** Error of the actions that refuse. `fib4_rule_action()`, `fib6_rule_action()` */
export const RULE_ERRORS: Readonly<Record<'blackhole' | 'unreachable' | 'prohibit', Errno>> = {
  blackhole: 'EINVAL',
  unreachable: 'ENETUNREACH',
  prohibit: 'EACCES',
};

/** What a rule is made of; `A` is an address of its family. */
export interface FibRuleFields<A extends InetAddr = Ipv4Addr> {
  /** Rules are tried in the order of this, smallest first. */
  readonly priority: number;
  readonly action: RuleAction;
  readonly table: number;
  readonly src: A;
  readonly srcLen: number;
  readonly dst: A;
  readonly dstLen: number;
  readonly tos: number;
  readonly iifname: string | undefined;
  readonly oifname: string | undefined;
  readonly mark: number;
  readonly mask: number;
  /** `not`: holds for what the rest does not hold for. */
  readonly invert: boolean;
  readonly ipproto: number;
  readonly sport: RuleRange | undefined;
  readonly dport: RuleRange | undefined;
  readonly uidRange: RuleRange | undefined;
  /** Results of this prefix length or less are passed over; -1 for none. */
  readonly suppressPrefixLen: number;
  /** The table is that of the flow's layer 3 domain; without one the rule does not hold. */
  readonly l3mdev: boolean;
  /** Priority of the rule to go on with. */
  readonly goto: number;
  /** RTPROT_* */
  readonly protocol: number;
}

/** The fields of a rule that asks for nothing: all packets to the main table. */
export const FIB_RULE_DEFAULTS: FibRuleFields = Object.freeze({
  priority: 0,
  action: 'to_tbl',
  table: 254,
  src: 0 as Ipv4Addr,
  srcLen: 0,
  dst: 0 as Ipv4Addr,
  dstLen: 0,
  tos: 0,
  iifname: undefined,
  oifname: undefined,
  mark: 0,
  mask: 0,
  invert: false,
  ipproto: 0,
  sport: undefined,
  dport: undefined,
  uidRange: undefined,
  suppressPrefixLen: -1,
  l3mdev: false,
  goto: 0,
  protocol: 0,
});

const outside = (range: RuleRange | undefined, v: number): boolean =>
  range !== undefined && (v < range.start || v > range.end);

/** One policy rule of a family. Linux `struct fib_rule`. */
export abstract class PolicyRule<A extends InetAddr> {
  readonly fields: FibRuleFields<A>;
  /** The devices of its names; null while there is none of that name, which holds for nothing. */
  iif: NetDevice | null = null;
  oif: NetDevice | null = null;

  /** The bits of a flow's DSCP that the rule looks at. */
  readonly #dscpMask: number;

  constructor(fields: FibRuleFields<A>, dscpMask: number) {
    this.fields = fields;
    this.#dscpMask = dscpMask;
  }

  /** Whether all but the addresses holds for a flow. `fib_rule_match()` */
  protected holdsFor(flow: FlowFields): boolean {
    const f = this.fields;
    if (f.iifname !== undefined && this.iif?.ifindex !== flow.iif) return false;
    if (f.oifname !== undefined && this.oif?.ifindex !== flow.oif) return false;
    if (((f.mark ^ flow.mark) & f.mask) !== 0) return false;
    if (outside(f.uidRange, flow.uid)) return false;
    if (f.tos !== 0 && f.tos !== (flow.tos & this.#dscpMask)) return false;
    if (f.ipproto !== 0 && f.ipproto !== flow.protocol) return false;
    return !outside(f.sport, flow.sport) && !outside(f.dport, flow.dport);
  }
}

/** IPv4's rules and routes do not look at what was once the precedence. INET_DSCP_LEGACY_TOS_MASK */
export const LEGACY_TOS_MASK = 0x1c;

/** Linux `struct fib4_rule`. */
export class FibRule extends PolicyRule<Ipv4Addr> {
  readonly #srcMask: number;
  readonly #dstMask: number;

  constructor(fields: FibRuleFields) {
    super(fields, LEGACY_TOS_MASK);
    this.#srcMask = ipv4Mask(fields.srcLen);
    this.#dstMask = ipv4Mask(fields.dstLen);
  }

  /** Whether the rule holds for a flow. `fib4_rule_match()` */
  matches(flow: Flow4): boolean {
    const { fields } = this;
    const holds =
      ((flow.saddr ^ fields.src) & this.#srcMask) === 0 &&
      ((flow.daddr ^ fields.dst) & this.#dstMask) === 0 &&
      this.holdsFor(flow);
    return holds !== fields.invert;
  }
}

/** The place before the rule that a `goto` leads to; its own if there is none. */
export function gotoIndex(
  rules: readonly PolicyRule<InetAddr>[],
  from: number,
  target: number,
): number {
  for (let i = from + 1; i < rules.length; i++) {
    if (rules[i]?.fields.priority === target) return i - 1;
  }
  return from;
}
