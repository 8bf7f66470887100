export type { TargetEnv } from './compile-target.ts';
export { TokenBucket } from './match/limit.ts';
export { type RecentEntry, type RecentTable, recentAddr, recentKey } from './match/recent.ts';
export type * from './match.ts';
export { XtPacket } from './packet.ts';
export type { HookName, XtChain, XtRule, XtTable, XtTableName } from './rule.ts';
export {
  HOOK_NAMES,
  LiveTable,
  newChain,
  TABLE_HOOKS,
  XtTables,
  type XtTrace,
} from './tables.ts';
export type * from './target.ts';
export { checkRule, type Invalid, matchesLookedAt, validateTable } from './validate.ts';
export { NF_ACCEPT, NF_DROP, NF_STOLEN, XT_CONTINUE, XT_RETURN } from './verdict.ts';
export { type RecentTables, XtShared } from './xt-shared.ts';
