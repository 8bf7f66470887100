import type { LeaseTime } from '../conf/index.ts';

const LETTERS = { seconds: 's', minutes: 'm', hours: 'h' } as const;

/** A lease's time as dnsmasq takes it. networkBuildDnsmasqLeaseTime() @returns undefined for the default */
export function dnsmasqLeaseTime(lease: LeaseTime | undefined): string | undefined {
  if (lease === undefined) return undefined;
  return lease.expiry === 0 ? 'infinite' : `${lease.expiry}${LETTERS[lease.unit]}`;
}
