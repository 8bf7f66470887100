export type { IpSet, IpSetEntry, IpSetOptions, IpSetPart } from './data.ts';
export { type IpSetError, IpSetFault } from './fault.ts';
export { type EntryOptions, IpSets } from './sets.ts';
export { IP_SET_TYPES, type IpSetDim, type IpSetType, ipSetType } from './types.ts';
