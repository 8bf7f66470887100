export { BandwidthLimit } from './bandwidth.ts';
export type { Network, NetworkPort } from './network.ts';
export { type Affected, NetworkDriver } from './network-driver.ts';
