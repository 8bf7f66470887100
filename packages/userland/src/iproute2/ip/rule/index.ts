export { ipRule, ruleManual } from './rule.ts';
