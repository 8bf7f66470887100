export { addrAdd, addrDel, addrDump } from './addr.ts';
export { type BridgeLinkRequest, bridgeLinkDump, bridgeLinkSet } from './bridge-link.ts';
export {
  type FdbFilter,
  type FdbFlushRequest,
  fdbAdd,
  fdbDel,
  fdbDump,
  fdbFlush,
  fdbGet,
} from './fdb.ts';
export { findLink, type LinkRef, linkDel, linkDump, linkGet } from './link.ts';
export { linkAdd } from './link-add.ts';
export { linkSet } from './link-set.ts';
export { neighAdd, neighDel, neighDump, neighGet } from './neigh.ts';
export { nsidGet, nsidSet } from './nsid.ts';
export type * from './requests.ts';
export { routeAdd, routeDel, routeDump, routeGet } from './route.ts';
export { ruleAdd, ruleDel, ruleDump } from './rule.ts';
export type * from './types.ts';
