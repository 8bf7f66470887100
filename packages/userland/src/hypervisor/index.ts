export type { ConsoleKeys, Guest, GuestPort } from './guest.ts';
export { GuestConsole } from './guest-console.ts';
export { GuestNic } from './guest-nic.ts';
export { Hub, HubPort } from './hub.ts';
export { type FrameSink, NetBackend } from './net-backend.ts';
export { findNicModel, type NicModel } from './nic-model.ts';
export { NicPort } from './nic-port.ts';
export { startDhcp } from './start-dhcp.ts';
export { TapBackend } from './tap-backend.ts';
export {
  type GuestNicSpec,
  VirtualMachine,
  type VirtualMachineSpec,
  type VirtualMachineState,
} from './virtual-machine.ts';
