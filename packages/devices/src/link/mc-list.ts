import type { MacAddr } from '@labwire/core/addr';
import type { NetDevice } from './net-device.ts';
import { usedAddrs, usersOf, withUsers } from './user-counts.ts';

/** One more wants a group address at a device. `dev_mc_add()` */
export function mcAdd(dev: NetDevice, addr: MacAddr): void {
  dev.multicast = withUsers(dev.multicast, addr, usersOf(dev.multicast, addr) + 1);
  if (dev.isUp) dev.setRxMode();
}

/** One fewer does. `dev_mc_del()` @returns false if nobody did */
export function mcDel(dev: NetDevice, addr: MacAddr): boolean {
  const users = usersOf(dev.multicast, addr);
  if (users === 0) return false;
  dev.multicast = withUsers(dev.multicast, addr, users - 1);
  if (dev.isUp) dev.setRxMode();
  return true;
}

/** The group addresses of a device and how many want each, in the order in which they came. `ip maddr show` */
export function mcList(dev: NetDevice): readonly (readonly [addr: MacAddr, users: number])[] {
  return usedAddrs(dev.multicast).map((addr) => [addr as MacAddr, usersOf(dev.multicast, addr)]);
}
