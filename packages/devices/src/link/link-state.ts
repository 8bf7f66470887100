import {
  IFF_ALLMULTI,
  IFF_DORMANT,
  IFF_LOWER_UP,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
  type NetDevice,
  type OperState,
} from './net-device.ts';

/** The flags that users see: those set on purpose, and RUNNING, LOWER_UP and DORMANT as they are now. `dev_get_flags()` */
export function effectiveFlags(dev: NetDevice): number {
  let flags = dev.flags & ~(IFF_PROMISC | IFF_ALLMULTI | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT);
  flags |= dev.gflags;
  if ((flags & IFF_UP) === 0) return flags;
  if (dev.operState === 'UP' || dev.operState === 'UNKNOWN') flags |= IFF_RUNNING;
  if (dev.carrier) flags |= IFF_LOWER_UP;
  if (dev.dormant) flags |= IFF_DORMANT;
  return flags;
}

/** The operational state that users see: DOWN while the device is down. `rtnl_fill_ifinfo()` */
export function shownOperState(dev: NetDevice): OperState {
  return (dev.flags & IFF_UP) === 0 ? 'DOWN' : dev.operState;
}

/** The carrier has come. `netif_carrier_on()` */
export function carrierOn(dev: NetDevice): void {
  setCarrier(dev, true);
}

/** The carrier has gone. `netif_carrier_off()` */
export function carrierOff(dev: NetDevice): void {
  setCarrier(dev, false);
}

function setCarrier(dev: NetDevice, carrier: boolean): void {
  if (dev.carrier === carrier) return;
  dev.carrier = carrier;
  dev.carrierChanges++;
  dev.netns?.kernel.linkwatch.fire(dev);
}

/** Counts one more (`by` 1) or one fewer (-1) who wants every frame. `dev_set_promiscuity()` */
export function setPromiscuity(dev: NetDevice, by: 1 | -1): void {
  const was = dev.promiscuity > 0;
  dev.promiscuity += by;
  const is = dev.promiscuity > 0;
  dev.flags = is ? dev.flags | IFF_PROMISC : dev.flags & ~IFF_PROMISC;
  if (was === is) return;
  log(dev, `${is ? 'entered' : 'left'} promiscuous mode`);
  dev.changeRxFlags(IFF_PROMISC);
  if (dev.isUp) dev.setRxMode();
}

/** Counts one more (`by` 1) or one fewer (-1) who wants every multicast. `dev_set_allmulti()` */
export function setAllmulti(dev: NetDevice, by: 1 | -1): void {
  const was = dev.allmulti > 0;
  dev.allmulti += by;
  const is = dev.allmulti > 0;
  dev.flags = is ? dev.flags | IFF_ALLMULTI : dev.flags & ~IFF_ALLMULTI;
  if (was === is) return;
  log(dev, `${is ? 'entered' : 'left'} allmulticast mode`);
  dev.changeRxFlags(IFF_ALLMULTI);
  if (dev.isUp) dev.setRxMode();
}

/** `netdev_info()` */
function log(dev: NetDevice, text: string): void {
  dev.netns?.kernel.log(`${dev.name}${dev.unregistering ? ' (unregistering)' : ''}: ${text}`);
}
