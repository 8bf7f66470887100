import { type Ipv4Addr, type MacAddr, parseIpv4, parseMac } from '@labwire/core/addr';
import { invariant } from '@labwire/core/error';
import type { InterfaceAddress } from '../../lab/config/index.ts';

/** The router's address on the LAN: gateway, DHCP and DNS server, and the admin page. */
export const ROUTER_LAN = '192.168.0.1';
/** The router's address on the internet. */
export const ROUTER_WAN = '203.0.113.7';
/** Where a lab's first machine stands if the lab does not say. */
export const HOST = '192.168.0.2';
/** The other machine at home. */
export const LAPTOP = '192.168.0.10';
/** What the router's DHCP server gives out. */
export const DHCP_POOL: readonly [first: string, last: string] = ['192.168.0.100', '192.168.0.199'];
/** The domain of the machines at home. */
export const HOME_DOMAIN = 'lan';
/** The first machine's NIC, by which the DHCP server knows it. */
export const HOST_MAC = '02:18:ce:0d:00:02';

/** Who answers questions about names for everybody: addresses, and what the address is called. */
export const PUBLIC_RESOLVERS: readonly (readonly [address: string, name: string])[] = [
  ['8.8.8.8', 'dns.google'],
  ['8.8.4.4', 'dns.google'],
  ['1.1.1.1', 'one.one.one.one'],
  ['1.0.0.1', 'one.one.one.one'],
  ['9.9.9.9', 'dns9.quad9.net'],
];

/** Where the resolvers ask. */
export const NAME_SERVER = '192.0.2.53';

/** Reads an IPv4 address of this folder's tables. */
export function ip(text: string): Ipv4Addr {
  const addr = parseIpv4(text);
  invariant(addr !== undefined, `${text} is an address`);
  return addr;
}

/** Reads `192.168.0.1/24`; without a length one address alone. */
export function prefix(text: string): InterfaceAddress {
  const [addr = '', length = '32'] = text.split('/');
  return { addr: ip(addr), prefixLen: Number(length) };
}

/** Reads a MAC address of this folder's tables. */
export function mac(text: string): MacAddr {
  const addr = parseMac(text);
  invariant(addr !== undefined, `${text} is a MAC address`);
  return addr;
}
