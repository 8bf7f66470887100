export { DeviceTable } from './device-table.ts';
export { Kernel } from './kernel.ts';
export { KernelLog, type KernelLogEntry } from './kernel-log.ts';
export { type NetdevEvent, Netns } from './netns.ts';
export type { PacketTrace } from './packet-trace.ts';
