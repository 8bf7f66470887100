export { leasesHelper } from './leases-helper.ts';
export { type NetworkLease, networkLeases } from './network-leases.ts';
