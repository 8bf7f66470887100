import { sameIpv6 } from '@labwire/core/addr';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';

/** The family of an address. */
export function familyOf(addr: InetAddr): Family {
  return typeof addr === 'number' ? 'inet' : 'inet6';
}

/** Whether two addresses are of one family and equal. */
export function sameInet(a: InetAddr, b: InetAddr): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return sameIpv6(a, b);
}
