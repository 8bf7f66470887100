export { isLease4, type Lease, type LeaseExtra } from './lease.ts';
export { leaseFileText, readLeaseFile, TooManyLeases } from './lease-file.ts';
export { killName, LeaseStore } from './lease-store.ts';
