export { Bridge } from './bridge.ts';
export { BRNF_CONF_DEFAULT, BRNF_SYSCTLS, type BrnfConf } from './brnf-conf.ts';
export * from './ebtables/index.ts';
export type { FdbEntry } from './fdb.ts';
export {
  type GroupAddr,
  type GroupKey,
  groupAddr,
  groupKey,
  groupSource,
  insertPort,
  type MdbEntry,
  type PortGroup,
  ROUTER_DISABLED,
  ROUTER_PERM,
  ROUTER_TEMP,
  removePort,
} from './multicast/index.ts';
export type { BridgedFrame } from './netfilter/index.ts';
export type { BridgePort } from './port.ts';
export type { BridgeId, PortState } from './stp/index.ts';
export type { VlanEntry, VlanStats } from './vlans.ts';
