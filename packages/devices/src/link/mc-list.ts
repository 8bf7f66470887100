import type { MacAddr } from '@labwire/core/addr';
import type { NetDevice } from './net-device.ts';

/** One more wants a group address at a device. `dev_mc_add()` */
export function mcAdd(dev: NetDevice, addr: MacAddr): void {
  dev.multicast ??= new Map();
  dev.multicast.set(addr, (dev.multicast.get(addr) ?? 0) + 1);
}

/** One fewer does. `dev_mc_del()` @returns false if nobody did */
export function mcDel(dev: NetDevice, addr: MacAddr): boolean {
  const users = dev.multicast?.get(addr);
  if (users === undefined) return false;
  if (users === 1) dev.multicast?.delete(addr);
  else dev.multicast?.set(addr, users - 1);
  return true;
}

/** The group addresses of a device and how many want each, in the order in which they came. `ip maddr show` */
export function mcList(dev: NetDevice): readonly (readonly [addr: MacAddr, users: number])[] {
  return [...(dev.multicast ?? [])];
}
