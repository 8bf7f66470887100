import { type Ipv4Addr, type Ipv6Addr, ipv4Mask, ipv6, parseIpv6 } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { familyOf, formatInet, inetAton, sameInet } from '../../../libc-net/index.ts';
import { LibvirtError } from '../../base/index.ts';
import type { NetworkIp, NetworkRoute } from './definition.ts';

/** Addresses that one range may hold. */
const LARGEST_RANGE = 65_535;

/** Reads a numeric address: getaddrinfo(3) with AI_NUMERICHOST. @returns undefined if it is none */
export function readAddress(text: string): InetAddr | undefined {
  return inetAton(text) ?? parseIpv6(text);
}

/** Reads an address. virSocketAddrParse() @throws LibvirtError */
export function parseAddress(text: string): InetAddr {
  const addr = readAddress(text);
  if (addr === undefined)
    throw new LibvirtError(
      'system-error',
      `Cannot parse socket address '${text}': Name or service not known`,
    );
  return addr;
}

/** Whether an address is IPv4. */
export function isIpv4(addr: InetAddr): addr is Ipv4Addr {
  return typeof addr === 'number';
}

/** The network that an address is in. virSocketAddrMaskByPrefix() */
export function maskByPrefix(addr: InetAddr, prefix: number): InetAddr {
  if (isIpv4(addr)) return (addr & ipv4Mask(prefix)) as Ipv4Addr;
  const part = (word: number, at: number) =>
    word & ipv4Mask(Math.min(32, Math.max(0, prefix - at)));
  return ipv6(part(addr.w0, 0), part(addr.w1, 32), part(addr.w2, 64), part(addr.w3, 96));
}

/** An IPv4 netmask of a prefix. virSocketAddrPrefixToNetmask() */
export function prefixToNetmask(prefix: number): Ipv4Addr {
  return ipv4Mask(prefix);
}

/** The prefix length of an `<ip>`, from its prefix, its netmask, or the class of its address. virNetworkIPDefPrefix() @returns -1 if there is none */
export function prefixOfIp(ip: NetworkIp): number {
  return prefixOf(ip.address, ip.netmask, ip.prefix > 0 ? ip.prefix : undefined);
}

/** The prefix length of a `<route>`. virNetDevIPRouteGetPrefix() */
export function prefixOfRoute(route: NetworkRoute): number {
  if (route.prefix !== undefined) return route.prefix;
  if (route.netmask === undefined && isZero(route.address)) return 0;
  return prefixOf(route.address, route.netmask, undefined);
}

/** virSocketAddrGetIPPrefix() */
function prefixOf(
  address: InetAddr,
  netmask: InetAddr | undefined,
  prefix: number | undefined,
): number {
  if (prefix !== undefined) return prefix;
  if (netmask !== undefined && isIpv4(netmask)) return prefixOfMask(netmask);
  if (!isIpv4(address)) return 64;
  const first = address >>> 24;
  if (first < 128) return 8;
  if (first < 192) return 16;
  return first < 224 ? 24 : -1;
}

/** @returns -1 for a mask with holes. virSocketAddrGetNumNetmaskBits() */
function prefixOfMask(mask: Ipv4Addr): number {
  const ones = Math.clz32(~mask);
  return ipv4Mask(ones) === mask ? ones : -1;
}

function isZero(addr: InetAddr): boolean {
  return isIpv4(addr) ? addr === 0 : (addr.w0 | addr.w1 | addr.w2 | addr.w3) === 0;
}

/**
 * How many addresses a range holds. virSocketAddrGetRange()
 * @param network the address that the range must be near to, and its prefix length
 * @throws LibvirtError if it is no good range
 */
export function rangeSize(
  start: InetAddr,
  end: InetAddr,
  network?: { readonly address: InetAddr; readonly prefix: number },
): number {
  const range = `${formatInet(start)} - ${formatInet(end)}`;
  const bad = (text: string) => new LibvirtError('internal', text);
  if (familyOf(start) !== familyOf(end)) throw bad(`mismatch of address family in range ${range}`);
  if (network !== undefined) checkInNetwork(start, end, network, range);
  if (isIpv4(start) && isIpv4(end)) {
    if (start >>> 0 > end >>> 0) throw bad(`range ${range} is reversed `);
    if (start >>> 16 !== end >>> 16) throw bad(`range ${range} is too large (> ${LARGEST_RANGE})`);
    return end - start + 1;
  }
  return ipv6RangeSize(start as Ipv6Addr, end as Ipv6Addr, range);
}

function ipv6RangeSize(start: Ipv6Addr, end: Ipv6Addr, range: string): number {
  const same =
    start.w0 === end.w0 &&
    start.w1 === end.w1 &&
    start.w2 === end.w2 &&
    start.w3 >>> 16 === end.w3 >>> 16;
  if (!same) throw new LibvirtError('internal', `range ${range} is too large (> ${LARGEST_RANGE})`);
  const size = (end.w3 & 0xffff) - (start.w3 & 0xffff);
  if (size < 0) throw new LibvirtError('internal', `range ${range} start larger than end`);
  return size + 1;
}

function checkInNetwork(
  start: InetAddr,
  end: InetAddr,
  network: { readonly address: InetAddr; readonly prefix: number },
  range: string,
): void {
  const { address, prefix } = network;
  const text = formatInet(address);
  const bad = (message: string) => new LibvirtError('internal', message);
  if (familyOf(address) !== familyOf(start))
    throw bad(`mismatch of address family in range ${range} for network ${text}`);
  if (prefix < 0)
    throw bad(`bad prefix ${prefix} for network ${text} when  checking range ${range}`);
  const net = maskByPrefix(address, prefix);
  const inside = (addr: InetAddr) => sameInet(maskByPrefix(addr, prefix), net);
  const named = `${range} in network ${text}/${prefix}`;
  if (!inside(start) || !inside(end))
    throw bad(`range ${range} is not entirely within network ${text}/${prefix}`);
  if (!isIpv4(net)) return;
  if (sameInet(start, net)) throw bad(`start of range ${named} is the network address`);
  const broadcast = net | ~ipv4Mask(prefix);
  if (end === broadcast) throw bad(`end of range ${named} is the broadcast address`);
}
