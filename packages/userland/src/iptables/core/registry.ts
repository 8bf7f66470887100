import type { XtMatch, XtTarget } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import { ABSENT_MATCHES, MATCHES } from '../match/index.ts';
import { TARGETS } from '../target/index.ts';
import type { MatchExtension, TargetExtension } from './extension.ts';

/** Other names of one match. */
const ICMP6_NAMES: readonly string[] = ['icmpv6', 'ipv6-icmp'];

/** The name that a match goes by. xtables_find_match() */
export function matchName(typed: string): string {
  return ICMP6_NAMES.includes(typed) ? 'icmp6' : typed;
}

/** The match of a name. */
export function findMatch(typed: string, family: Family): MatchExtension | undefined {
  const name = matchName(typed);
  return MATCHES.find((m) => m.name === name && (m.family ?? family) === family);
}

/** The target of a name. */
export function findTarget(name: string, family: Family): TargetExtension | undefined {
  return TARGETS.find((t) => t.name === name && (t.family ?? family) === family);
}

/** The match that prints what a rule holds. */
export function matchFor(m: XtMatch, family: Family): MatchExtension {
  return MATCHES.find(
    (e) => e.kinds.includes(m.kind) && (e.family ?? family) === family,
  ) as MatchExtension;
}

/** The target that prints what a rule holds; undefined for verdicts and chains. */
export function targetFor(t: XtTarget, family: Family): TargetExtension | undefined {
  return TARGETS.find((e) => e.kinds.includes(t.kind) && (e.family ?? family) === family);
}

export { ABSENT_MATCHES };
