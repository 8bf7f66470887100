import type { MacAddr } from '@labwire/core/addr';
import { setPromiscuity } from './link-state.ts';
import type { NetDevice } from './net-device.ts';

/** One more wants a unicast address at a device beside its own. `dev_uc_add()` */
export function ucAdd(dev: NetDevice, addr: MacAddr): void {
  dev.unicast ??= new Map();
  dev.unicast.set(addr, (dev.unicast.get(addr) ?? 0) + 1);
  if (dev.isUp) startListening(dev);
}

/** One fewer does. `dev_uc_del()` @returns false if nobody did */
export function ucDel(dev: NetDevice, addr: MacAddr): boolean {
  const users = dev.unicast?.get(addr) ?? 0;
  if (users === 0) return false;
  if (users === 1) dev.unicast?.delete(addr);
  else dev.unicast?.set(addr, users - 1);
  if (dev.isUp) startListening(dev);
  return true;
}

/** A device that is up takes note of what it shall listen to; one that can't sort addresses out hears all. `__dev_set_rx_mode()` */
export function startListening(dev: NetDevice): void {
  if (!dev.unicastFilter) {
    const wanted = (dev.unicast?.size ?? 0) > 0;
    if (wanted !== dev.unicastPromisc) {
      dev.unicastPromisc = wanted;
      setPromiscuity(dev, wanted ? 1 : -1);
    }
  }
  dev.setRxMode();
}
