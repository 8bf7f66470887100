export type { DevNodes } from './dev-nodes.ts';
export { DeviceTable } from './device-table.ts';
export { Kernel } from './kernel.ts';
export { KernelLog, type KernelLogEntry } from './kernel-log.ts';
export type { KernelProfile } from './kernel-profile.ts';
export { type NetdevEvent, Netns } from './netns.ts';
export type { NetnsIds } from './netns-ids.ts';
export type { PacketTrace } from './packet-trace.ts';
export {
  intFile,
  intsFile,
  msFile,
  readOnlyFile,
  type SysctlEntry,
  type SysctlFile,
  type SysctlTable,
  SysctlTree,
  secondsFile,
  textFile,
  userHzFile,
} from './sysctl/index.ts';
