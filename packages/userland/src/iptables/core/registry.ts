import type { XtMatch, XtTarget } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import { ABSENT_MATCHES, MATCHES } from '../match/index.ts';
import { TARGETS } from '../target/index.ts';
import type { MatchExtension, TargetExtension } from './extension.ts';

/** The match of a name. */
export function findMatch(name: string, family: Family): MatchExtension | undefined {
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
