export { DeviceTable } from './device-table.ts';
export { Kernel } from './kernel.ts';
export { type NetdevEvent, Netns } from './netns.ts';
