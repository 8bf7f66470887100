export { type VlanData, validateVlan } from './attributes.ts';
export { VLAN_FLAG_REORDER_HDR } from './flags.ts';
export { VlanGroup } from './group.ts';
export { Vlan } from './vlan.ts';
