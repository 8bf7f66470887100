export type { ActiveConnection } from './active-connection.ts';
export { DeviceState, NmDevice, stateText } from './device.ts';
export { dnsOf } from './ip-config.ts';
export { deviceNameOf } from './make-link.ts';
export { managerOf, NetworkManager } from './manager.ts';
export { NETWORK_MANAGER_OPTIONS, networkManager } from './network-manager.ts';
export { NmError } from './nm-error.ts';
export { dnsDevices } from './resolv-conf.ts';
