export { classDel, classDump, classSet } from './class.ts';
export { filterDel, filterDump, filterSet } from './filter.ts';
export { qdiscDel, qdiscDump, qdiscSet } from './qdisc.ts';
export type * from './types.ts';
