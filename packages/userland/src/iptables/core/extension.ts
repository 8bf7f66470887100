import type { XtMatch, XtTarget } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import type { OptionCall, OptionEntry, RuleContext } from './option.ts';

/** How a rule is to be printed. */
export interface PrintContext {
  readonly family: Family;
  /** -n */
  readonly numeric: boolean;
  /** The protocol of the rule, for the names of its ports. */
  readonly proto?: number;
  /** Names of services, protocols, users. */
  readonly names: Pick<
    RuleContext,
    'serviceName' | 'protocolName' | 'userName' | 'groupName' | 'idMap'
  >;
}

/**
 * One match or target of iptables: its options, and how what they say is kept and printed. `S` gathers what was typed;
 * `T` is what the kernel gets. libxtables, `struct xtables_match`, `struct xtables_target`.
 */
export interface Extension<T, S = unknown> {
  readonly name: string;
  /** Families that have it; absent: both. */
  readonly family?: Family;
  /** Tables that have it; absent: all. */
  readonly tables?: readonly string[];
  readonly options: readonly OptionEntry[];
  /** Protocols without which the kernel refuses it; absent: it goes with any. `proto` of `struct xt_match` */
  readonly needsProtocol?: readonly number[];
  /** What is known before any option. */
  init(rule: RuleContext): S;
  /** Takes in one option. @throws IptablesError */
  parse(call: OptionCall, state: S): void;
  /** All options have been seen: what the extension itself asks of them. `x6_fcheck` @throws IptablesError */
  check?(state: S, seen: ReadonlySet<string>, rule: RuleContext): void;
  /** What the kernel gets; undefined if nothing is left to ask. @throws IptablesError */
  finish(state: S, seen: ReadonlySet<string>, rule: RuleContext): T | undefined;
  /** What `-j` takes to make it again, if it is not the extension's name. `alias()` of libxtables */
  savedName?(value: T): string;
  /** What a listing shows at the end of the rule's line, each part with a blank before it. */
  print(value: T, ctx: PrintContext): string;
  /** The options that make it again, each with a blank before it. */
  save(value: T, ctx: PrintContext): string;
}

/** A match that is known by its name only. */
// biome-ignore lint/suspicious/noExplicitAny: a registry of extensions of all types
export type MatchExtension = Extension<any, any> & { readonly kinds: readonly XtMatch['kind'][] };
/** A target that is known by its name only. */
// biome-ignore lint/suspicious/noExplicitAny: a registry of extensions of all types
export type TargetExtension = Extension<any, any> & { readonly kinds: readonly XtTarget['kind'][] };

/** Checks that an extension fits its own types, and gives it to the registry. */
export function defineMatch<T extends XtMatch, S>(
  ext: Extension<T, S> & { readonly kinds: readonly T['kind'][] },
): MatchExtension {
  return ext;
}

/** The same for a target. */
export function defineTarget<T extends XtTarget, S>(
  ext: Extension<T, S> & { readonly kinds: readonly T['kind'][] },
): TargetExtension {
  return ext;
}
