export { EBT_HOOKS, EbtTable } from './ebt-table.ts';
export { Ebtables } from './ebtables.ts';
export type * from './match.ts';
export {
  EBT_BASE_CHAINS,
  EBT_TABLE_NAMES,
  type EbtChain,
  type EbtHook,
  type EbtPolicy,
  type EbtRule,
  type EbtStep,
  type EbtTableName,
} from './rule.ts';
export type * from './target.ts';
