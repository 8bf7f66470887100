export { type ClientLease, leaseOption } from './client-lease.ts';
export { leaseText, parseTimeText, TIME_MAX } from './lease-text.ts';
