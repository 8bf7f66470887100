export type { Network, NetworkPort } from './network.ts';
export { type Affected, NetworkDriver } from './network-driver.ts';
