import { carrierOff, carrierOn } from './link-state.ts';
import type { NetDevice } from './net-device.ts';

/** Puts `upper` on `lower`, which then tells it what happens. `netdev_upper_dev_link()` */
export function linkUpper(lower: NetDevice, upper: NetDevice): void {
  lower.uppers = [...lower.uppers, upper];
}

/** Takes it off again. `netdev_upper_dev_unlink()` */
export function unlinkUpper(lower: NetDevice, upper: NetDevice): void {
  lower.uppers = lower.uppers.filter((dev) => dev !== upper);
}

/** A device has the carrier that the one below has, and is dormant with it. `netif_stacked_transfer_operstate()` */
export function transferOperState(lower: NetDevice, upper: NetDevice): void {
  const dormant = lower.operState === 'DORMANT';
  if (upper.dormant !== dormant) {
    upper.dormant = dormant;
    upper.netns?.kernel.linkwatch.fire(upper);
  }
  if (lower.carrier) carrierOn(upper);
  else carrierOff(upper);
}
