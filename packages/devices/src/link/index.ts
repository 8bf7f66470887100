export * from './bond/index.ts';
export * from './cable/index.ts';
export * from './change.ts';
export * from './dummy.ts';
export { flowHash } from './flow-hash.ts';
export * from './ifb.ts';
export * from './ipvlan/index.ts';
export {
  type DevicesByIndex,
  type L3Master,
  l3FlowTable,
  l3Table,
  l3UpdateFlow,
} from './l3-master.ts';
export * from './link-state.ts';
export * from './linkwatch.ts';
export * from './loopback.ts';
export { MacTable, macHi, macLo } from './mac-table.ts';
export * from './macvlan/index.ts';
export * from './mc-list.ts';
export { McSync } from './mc-sync.ts';
export * from './move.ts';
export * from './net-device.ts';
export * from './register.ts';
export * from './rx-handler.ts';
export { scrub } from './scrub.ts';
export { SkbQueue } from './skb-queue.ts';
export { linkUpper, transferOperState, unlinkUpper } from './stacked.ts';
export type { TapQueue } from './tap-queue.ts';
export * from './tun/index.ts';
export * from './tunnel/index.ts';
export { ucAdd, ucDel } from './uc-list.ts';
export * from './user-counts.ts';
export * from './veth.ts';
export * from './vlan/index.ts';
export * from './vrf/index.ts';
