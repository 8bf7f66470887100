import type { Ipv4Addr } from '@labwire/core/addr';
import { ipv4Mask } from '@labwire/core/addr';
import type { Errno } from '@labwire/core/error';
import type { NetDevice } from '../link/net-device.ts';
import type { RuleAction, RuleRange } from '../rtnetlink/types.ts';
import type { Flow4 } from './flow.ts';

/** Error of the actions that refuse. `fib4_rule_action()` */
export const RULE_ERRORS: Readonly<Record<'blackhole' | 'unreachable' | 'prohibit', Errno>> = {
  blackhole: 'EINVAL',
  unreachable: 'ENETUNREACH',
  prohibit: 'EACCES',
};

/** What a rule is made of. */
export interface FibRuleFields {
  /** Rules are tried in the order of this, smallest first. */
  readonly priority: number;
  readonly action: RuleAction;
  readonly table: number;
  readonly src: Ipv4Addr;
  readonly srcLen: number;
  readonly dst: Ipv4Addr;
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
  goto: 0,
  protocol: 0,
});

const outside = (range: RuleRange | undefined, v: number): boolean =>
  range !== undefined && (v < range.start || v > range.end);

/** One policy rule. Linux `struct fib4_rule`. */
export class FibRule {
  readonly fields: FibRuleFields;
  readonly #srcMask: number;
  readonly #dstMask: number;
  /** The devices of its names; null while there is none of that name, which holds for nothing. */
  iif: NetDevice | null = null;
  oif: NetDevice | null = null;

  constructor(fields: FibRuleFields) {
    this.fields = fields;
    this.#srcMask = ipv4Mask(fields.srcLen);
    this.#dstMask = ipv4Mask(fields.dstLen);
  }

  /** Whether the rule holds for a flow. `fib_rule_match()` */
  matches(flow: Flow4): boolean {
    return this.#holds(flow) !== this.fields.invert;
  }

  #holds(flow: Flow4): boolean {
    const f = this.fields;
    if (f.iifname !== undefined && this.iif?.ifindex !== flow.iif) return false;
    if (f.oifname !== undefined && this.oif?.ifindex !== flow.oif) return false;
    if (((f.mark ^ flow.mark) & f.mask) !== 0) return false;
    if (outside(f.uidRange, flow.uid)) return false;
    if (((flow.saddr ^ f.src) & this.#srcMask) !== 0) return false;
    if (((flow.daddr ^ f.dst) & this.#dstMask) !== 0) return false;
    if (f.tos !== 0 && f.tos !== flow.tos) return false;
    if (f.ipproto !== 0 && f.ipproto !== flow.protocol) return false;
    return !outside(f.sport, flow.sport) && !outside(f.dport, flow.dport);
  }
}
