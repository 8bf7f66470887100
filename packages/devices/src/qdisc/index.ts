export {
  ActionIndexes,
  type ActionInfo,
  type ActionRequest,
  type FilterBlock,
  type FilterInfo,
  type FilterKey,
  type FilterOptions,
  type U32Key,
} from './cls/index.ts';
export { Clsact } from './clsact.ts';
export { QDISC_KINDS } from './kinds.ts';
export {
  Qdisc,
  TC_H_CLSACT_HANDLE,
  TC_H_INGRESS,
  TC_H_MIN_EGRESS,
  TC_H_MIN_INGRESS,
  TC_H_ROOT,
  type TcClass,
  type TcOptions,
  TcStats,
  tcMajor,
  tcMinor,
} from './qdisc.ts';
export type { RateSpec } from './rate.ts';
export { TcScheduler } from './scheduler.ts';
