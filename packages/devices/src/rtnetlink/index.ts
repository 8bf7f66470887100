export { addrAdd, addrDel, addrDump } from './addr.ts';
export {
  type BridgeVlanInfo,
  type BridgeVlanRequest,
  type BridgeVlanSetRequest,
  bridgeVlanAdd,
  bridgeVlanDel,
  bridgeVlanDump,
  bridgeVlanSet,
} from './bridge-vlan.ts';
export {
  type FdbFilter,
  type FdbFlushRequest,
  fdbAdd,
  fdbDel,
  fdbDump,
  fdbFlush,
  fdbGet,
} from './fdb.ts';
export { type GroupInfo, igmpVersion, inetGroups, linkGroups } from './group.ts';
export {
  type BridgeLinkRequest,
  bridgeLinkDump,
  bridgeLinkSet,
  findLink,
  type LinkRef,
  linkAdd,
  linkDel,
  linkDump,
  linkGet,
  linkSet,
} from './link/index.ts';
export {
  type BridgeMdbInfo,
  type MdbInfo,
  type MdbRequest,
  mdbAdd,
  mdbDel,
  mdbDump,
  type RouterPortInfo,
} from './mdb.ts';
export { type RtnlMessage, rtnlListen } from './monitor.ts';
export { neighAdd, neighDel, neighDump, neighGet } from './neigh.ts';
export { nexthopAdd, nexthopDel, nexthopDump, nexthopGet } from './nexthop.ts';
export { nsidGet, nsidSet } from './nsid.ts';
export type * from './requests.ts';
export { routeAdd, routeCacheDump, routeDel, routeDump, routeGet } from './route.ts';
export { ruleAdd, ruleDel, ruleDump } from './rule.ts';
export {
  classDel,
  classDump,
  classSet,
  filterDel,
  filterDump,
  filterSet,
  qdiscDel,
  qdiscDump,
  qdiscSet,
} from './tc/index.ts';
export type * from './tc/types.ts';
export type * from './types.ts';
export { RTM_F_CLONED } from './types.ts';
