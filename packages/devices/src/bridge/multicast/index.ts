export { isKnown, mdbGet } from './deliver.ts';
export { type GroupAddr, GroupKey, groupAddr, groupKey, groupSource } from './group-key.ts';
export { insertPort, type MdbEntry, type PortGroup, removePort } from './mdb.ts';
export { BridgeMulticast } from './multicast.ts';
export { PortMulticast, ROUTER_DISABLED, ROUTER_PERM, ROUTER_TEMP } from './port-multicast.ts';
export { SNOOP_BAD, SNOOP_NOTHING, snoop } from './snoop.ts';
