import type { ConformanceSet, Row } from '../conformance-set.ts';
import { playRule, type RuleRow } from '../nftables/rule.ts';

/** The nftables project's own tests: a rule in, the rule as it is listed out. */
export const set: ConformanceSet = {
  play(row: Row) {
    return playRule(row as RuleRow);
  },
};
