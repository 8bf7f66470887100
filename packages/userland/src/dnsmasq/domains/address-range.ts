import type { Ipv6Addr } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/** The last 64 bits of an address. */
export function lowPart(a: Ipv6Addr): bigint {
  return (BigInt(a.w2 >>> 0) << 32n) | BigInt(a.w3 >>> 0);
}

/** An address as a number, so that addresses of one family can be compared. */
export function addressValue(addr: InetAddr): bigint {
  if (typeof addr === 'number') return BigInt(addr >>> 0);
  return (BigInt(addr.w0 >>> 0) << 96n) | (BigInt(addr.w1 >>> 0) << 64n) | lowPart(addr);
}

/** Whether an address is within a range, both ends included. */
export function inRange(addr: InetAddr, first: InetAddr, last: InetAddr): boolean {
  if (typeof addr !== typeof first) return false;
  const value = addressValue(addr);
  return value >= addressValue(first) && value <= addressValue(last);
}

/** Whether two addresses agree in their first `length` bits. */
export function sameNet(a: InetAddr, b: InetAddr, length: number): boolean {
  if (typeof a !== typeof b) return false;
  const rest = BigInt((typeof a === 'number' ? 32 : 128) - length);
  return addressValue(a) >> rest === addressValue(b) >> rest;
}
