export { isGroup, type VxlanConfig, vxlanConfig } from './config.ts';
export { sameRemote, type VxlanEntry, type VxlanRemote } from './fdb.ts';
export { VXLAN_HEADROOM } from './headers.ts';
export { Vxlan } from './vxlan.ts';
