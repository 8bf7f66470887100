import { type Ipv6Addr, ipv6, linkLocalOf } from '@labwire/core/addr';
import type { NetDevice } from '../link/net-device.ts';

/** Devices whose address is an IPv4 address. Linux include/uapi/linux/if_arp.h */
export const ARPHRD_TUNNEL = 768;
const ARPHRD_SIT = 776;
const ARPHRD_IPGRE = 778;

/** Networks whose addresses hold nowhere else: address and length of the prefix. `__ipv6_isatap_ifid()` */
const NOT_GLOBAL: readonly (readonly [net: number, length: number])[] = [
  [0x0000_0000, 8],
  [0x0a00_0000, 8],
  [0x7f00_0000, 8],
  [0xa9fe_0000, 16],
  [0xac10_0000, 12],
  [0xc000_0200, 24],
  [0xc058_6300, 24],
  [0xc0a8_0000, 16],
  [0xc612_0000, 15],
  [0xe000_0000, 4],
  [0xf000_0000, 4],
];

/** The link-local address that a device gets: from its MAC address, or from the IPv4 address of a tunnel. `addrconf_dev_config()` */
export function linkLocalFor(dev: NetDevice): Ipv6Addr {
  const ip = Math.floor(dev.addr / 0x1_0000);
  switch (dev.arphrd) {
    case ARPHRD_SIT:
      return ipv6(0xfe80_0000, 0, 0, ip);
    case ARPHRD_TUNNEL:
    case ARPHRD_IPGRE:
      return ipv6(0xfe80_0000, 0, isGlobal(ip) ? 0x0200_5efe : 0x0000_5efe, ip);
    default:
      return dev.devId === 0 ? linkLocalOf(dev.addr) : numberedLinkLocal(dev);
  }
}

/** Of several devices with one MAC address: its number stands in place of ff:fe. `addrconf_ifid_eui48()` */
function numberedLinkLocal({ addr, devId }: NetDevice): Ipv6Addr {
  const hi = Math.floor(addr / 0x100_0000);
  const lo = addr % 0x100_0000;
  return ipv6(
    0xfe80_0000,
    0,
    ((hi << 8) | (devId >>> 8)) >>> 0,
    (((devId & 0xff) << 24) | lo) >>> 0,
  );
}

function isGlobal(ip: number): boolean {
  return !NOT_GLOBAL.some(([net, length]) => ip >>> (32 - length) === net >>> (32 - length));
}
