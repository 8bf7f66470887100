import { KernelError } from '@labwire/core/error';
import type { Netns } from '../netns/netns.ts';
import type { NetDevice } from './net-device.ts';
import { allocName, devClose } from './register.ts';
import { NO_USERS } from './user-counts.ts';

/** How a device is to be called in its new namespace. */
export interface MoveOptions {
  /** Default: as before. */
  readonly name?: string | undefined;
  /** Default: as before, if that is free. */
  readonly ifindex?: number | undefined;
  /** A pattern for its name if the one it should have is taken; absent: that is an error. */
  readonly fallback?: string;
}

/**
 * Moves a device to another namespace: it comes down, loses master and layers, keeps its index if that is free there.
 * `__dev_change_net_namespace()`
 * @throws {@link KernelError} EINVAL, EEXIST
 */
export function changeNetns(
  dev: NetDevice,
  to: Netns,
  { name, ifindex = 0, fallback }: MoveOptions = {},
): void {
  const from = dev.netns;
  if (from === null || from === to) return;
  if (dev.netnsImmutable) throw new KernelError('EINVAL', 'The interface netns is immutable');
  const newName = freeNameIn(to, dev.name, name, fallback);
  checkAltNames(to, dev);
  if (ifindex !== 0 && to.devices.byIndex(ifindex) !== undefined)
    throw new KernelError('EBUSY', 'The ifindex is not available in the target netns');
  from.kernel.linkwatch.hold(() => exchange(dev, from, to, newName, ifindex));
}

/** Whoever looks at the carrier of the device that is moved, its peer, finds it where it then is. */
function exchange(dev: NetDevice, from: Netns, to: Netns, name: string, ifindex: number): void {
  devClose(dev);
  from.notify(dev, 'UNREGISTER');
  dev.qdisc = 'noop';
  dev.tc = null;
  dev.unicast = null;
  dev.multicast = NO_USERS;
  from.devices.remove(dev);
  from.nsids.alloc(to);
  dev.name = name;
  to.devices.add(dev, ifindex);
  dev.netns = to;
  to.notify(dev, 'REGISTER');
}

function freeNameIn(to: Netns, own: string, name?: string, fallback?: string): string {
  const wanted = name ?? own;
  if (to.devices.byName(wanted) === undefined) return wanted;
  if (fallback !== undefined) return allocName(to, fallback);
  throw new KernelError(
    'EEXIST',
    name === undefined
      ? 'An interface with the same name exists in the target netns'
      : `Unable to use '${name}' for the new interface name in the target netns`,
  );
}

/** Refuses to move a device one of whose alternative names is taken there. */
function checkAltNames(to: Netns, dev: NetDevice): void {
  for (const name of dev.altNames ?? []) {
    if (to.devices.byName(name) === undefined) continue;
    throw new KernelError(
      'EEXIST',
      `An interface with the altname ${name} exists in the target netns`,
    );
  }
}
