import { KernelError } from '@labwire/core/error';
import type { Netns } from '../netns/netns.ts';
import { IFF_UP, type NetDevice } from './net-device.ts';
import { startListening } from './uc-list.ts';

/**
 * Puts a device into a namespace, which gives it an index and, if its name has a `%d`, a name.
 * @throws {@link KernelError} EEXIST if the name is taken, EBUSY if the index is, EINVAL if the name is reserved
 */
export function registerNetdevice(netns: Netns, dev: NetDevice, ifindex = 0): void {
  netns.devices.add(dev, ifindex);
  if (isReservedIfname(dev.name)) {
    netns.devices.remove(dev); // its index is gone all the same
    throw new KernelError('EINVAL');
  }
  dev.netns = netns;
  netns.notify(dev, 'REGISTER');
}

/** Sets a device down, tells the layers and takes it out of its namespace. `unregister_netdevice()` */
export function unregisterNetdevice(dev: NetDevice): void {
  const netns = dev.netns;
  if (netns === null) return;
  dev.dellink();
  devClose(dev);
  dev.unregistering = true;
  netns.notify(dev, 'UNREGISTER');
  netns.devices.remove(dev);
  dev.uninit();
  dev.netns = null;
}

/** Sets a device up. `__dev_open()` @throws {@link KernelError} as the device does that can't come up now */
export function devOpen(dev: NetDevice): void {
  const netns = dev.netns;
  if (dev.isUp || netns === null) return;
  netns.kernel.linkwatch.hold(() => {
    dev.flags |= IFF_UP;
    openOrStayDown(dev);
    startListening(dev);
    if (dev.qdisc === 'noop') dev.qdisc = dev.defaultQdisc;
    netns.notify(dev, 'UP');
  });
}

function openOrStayDown(dev: NetDevice): void {
  try {
    dev.open();
  } catch (e) {
    dev.flags &= ~IFF_UP;
    throw e;
  }
}

/** Sets a device down. `__dev_close()` */
export function devClose(dev: NetDevice): void {
  const netns = dev.netns;
  if (!dev.isUp || netns === null) return;
  netns.kernel.linkwatch.hold(() => {
    netns.notify(dev, 'GOING_DOWN');
    dev.flags &= ~IFF_UP;
    dev.tc?.reset();
    dev.stop();
    netns.notify(dev, 'DOWN');
  });
}

/** The first free name of a pattern with `%d`. `dev_alloc_name()` */
export function allocName(netns: Netns, pattern: string): string {
  if (!pattern.includes('%')) return pattern;
  if (!/^[^%]*%d[^%]*$/.test(pattern)) throw new KernelError('EINVAL');
  for (let i = 0; ; i++) {
    const name = pattern.replace('%d', String(i));
    if (netns.devices.byName(name) === undefined) return name;
  }
}

/** Names that /proc/sys/net/ipv4/conf has for itself. `sysctl_dev_name_is_allowed()` */
export function isReservedIfname(name: string): boolean {
  return name === 'all' || name === 'default';
}
