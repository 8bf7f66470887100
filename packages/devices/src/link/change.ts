import { isMulticastMac, MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { Netns } from '../netns/netns.ts';
import { setAllmulti, setPromiscuity } from './link-state.ts';
import {
  IFF_ALLMULTI,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_PROMISC,
  IFF_UP,
  type NetDevice,
} from './net-device.ts';
import { allocName, devClose, devOpen, isReservedIfname } from './register.ts';

/** Characters that fit a device's name. IFNAMSIZ less the NUL */
const IFNAME_LEN = 15;

/** IFF_NOTRAILERS and IFF_DYNAMIC, which mean nothing to the stack: they are kept to be shown. */
const KEPT_FLAGS = 0x20 | 0x8000;
/** What users may change by flags without more ado. `__dev_change_flags()` */
const PLAIN_FLAGS = IFF_NOARP | IFF_MULTICAST | KEPT_FLAGS;

/** Whether a name is fit for a device. `dev_valid_name()` */
export function isValidIfname(name: string): boolean {
  return /^[^/:\s]+$/.test(name) && name.length <= IFNAME_LEN && name !== '.' && name !== '..';
}

/** Refuses what no station has: a group address, and all zeros. @throws {@link KernelError} EADDRNOTAVAIL */
export function checkStationAddr(addr: MacAddr): void {
  if (addr === MAC_ZERO || isMulticastMac(addr)) throw new KernelError('EADDRNOTAVAIL');
}

/** `dev_validate_mtu()` @throws {@link KernelError} EINVAL */
export function checkMtu(dev: NetDevice, mtu: number): void {
  if (mtu > 0x7fff_ffff || mtu < dev.minMtu)
    throw new KernelError('EINVAL', 'mtu less than device minimum');
  if (dev.maxMtu > 0 && mtu > dev.maxMtu)
    throw new KernelError('EINVAL', 'mtu greater than device maximum');
}

/** `dev_set_mtu()` @throws {@link KernelError} EINVAL */
export function setMtu(dev: NetDevice, mtu: number): void {
  if (mtu === dev.mtu) return;
  checkMtu(dev, mtu);
  dev.changeMtu(mtu);
  dev.netns?.notify(dev, 'CHANGEMTU');
}

/** `dev_set_mac_address()` @throws {@link KernelError} EADDRNOTAVAIL */
export function setMacAddress(dev: NetDevice, addr: MacAddr): void {
  checkStationAddr(addr);
  dev.setMacAddress(addr);
  dev.addrWasSet = true;
  dev.netns?.notify(dev, 'CHANGEADDR');
}

/** `dev_change_name()` @throws {@link KernelError} EINVAL, EEXIST */
export function changeName(netns: Netns, dev: NetDevice, pattern: string): void {
  if (pattern === dev.name) return;
  if (!isValidIfname(pattern)) throw new KernelError('EINVAL');
  const name = allocName(netns, pattern);
  if (isReservedIfname(name)) throw new KernelError('EINVAL');
  const was = dev.name;
  netns.devices.rename(dev, name);
  netns.kernel.log(`${name}: renamed from ${was}${dev.isUp ? ' (while UP)' : ''}`);
  netns.notify(dev, 'CHANGENAME');
}

/** `dev_change_flags()`: what is neither UP, PROMISC, ALLMULTI, NOARP, MULTICAST, NOTRAILERS nor DYNAMIC is left alone, as in the kernel. */
export function changeFlags(dev: NetDevice, set: number, clear: number): void {
  const plain = (dev.flags & ~(clear & PLAIN_FLAGS)) | (set & PLAIN_FLAGS);
  const changed = plain ^ dev.flags;
  dev.flags = plain;
  if ((set & IFF_UP) !== 0) devOpen(dev);
  else if ((clear & IFF_UP) !== 0) devClose(dev);
  changeUserFlag(dev, IFF_PROMISC, set, clear, setPromiscuity);
  changeUserFlag(dev, IFF_ALLMULTI, set, clear, setAllmulti);
  if (changed === 0 || !dev.isUp) return;
  if ((changed & IFF_NOARP) !== 0) forgetNeighbours(dev);
  dev.netns?.notify(dev, 'CHANGE');
}

/** A device begins or ceases to resolve addresses. `arp_netdev_event()`, `ndisc_netdev_event()` */
function forgetNeighbours(dev: NetDevice): void {
  dev.netns?.ipv4.neigh.changeAddr(dev);
  dev.netns?.ipv6.neigh.changeAddr(dev);
}

function changeUserFlag(
  dev: NetDevice,
  flag: number,
  set: number,
  clear: number,
  count: (dev: NetDevice, by: 1 | -1) => void,
): void {
  const was = (dev.gflags & flag) !== 0;
  const is = (set & flag) !== 0 || (was && (clear & flag) === 0);
  if (was === is) return;
  dev.gflags ^= flag;
  count(dev, is ? 1 : -1);
  dev.netns?.rtnl.tell('link', false, dev);
}
