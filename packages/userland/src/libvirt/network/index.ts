export { isSection, type Section, type UpdateCommand } from './conf/index.ts';
export { type Affected, type Network, NetworkDriver, type NetworkPort } from './driver/index.ts';
export { leasesHelper, type NetworkLease } from './leases/index.ts';
