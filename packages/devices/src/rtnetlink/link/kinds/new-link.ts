import type { MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import {
  changeFlags,
  checkMtu,
  checkStationAddr,
  isValidIfname,
  type NetDevice,
  registerNetdevice,
  unregisterNetdevice,
} from '../../../link/index.ts';
import type { Netns } from '../../../netns/netns.ts';
import type { LinkAddRequest, LinkSetRequest } from '../../requests.ts';
import { setMaster } from '../link-set.ts';

/** A device to be made. */
export interface LinkPlan {
  /** Where it is to be. */
  readonly netns: Netns;
  /** Where the request was made, and the device below is. */
  readonly source: Netns;
  readonly request: LinkAddRequest;
  /** Its name, perhaps with a `%d`. */
  readonly pattern: string;
}

/** What makes a device of one kind: checks its attributes, creates and registers. `rtnl_link_ops.newlink` */
export type NewLink = (plan: LinkPlan) => NetDevice;

/** Refuses what no device can be called. @throws {@link KernelError} ERANGE, EINVAL */
export function checkName(pattern: string): void {
  if (pattern.length > 15) throw new KernelError('ERANGE', 'Attribute failed policy validation');
  if (!isValidIfname(pattern)) throw new KernelError('EINVAL');
}

/** Makes and registers a device that stands alone. `rtnl_create_link()`, `register_netdevice()` */
export function newSingle<D extends NetDevice>(
  { netns, request }: LinkPlan,
  make: (addr: MacAddr) => D,
): D {
  if (request.addr !== undefined) checkStationAddr(request.addr);
  const dev = make(request.addr ?? netns.kernel.randomMac());
  dev.addrWasSet = request.addr !== undefined;
  dev.numTxQueues = request.numTxQueues ?? dev.numTxQueues;
  dev.numRxQueues = request.numRxQueues ?? dev.numRxQueues;
  if (request.mtu !== undefined) checkMtu(dev, request.mtu);
  registerNetdevice(netns, dev, request.ifindex);
  return dev;
}

/** Does what is left to do to a registered device; takes it out again if that is refused. */
export function orUnregister<D extends NetDevice>(dev: D, finish: (dev: D) => void): D {
  try {
    finish(dev);
  } catch (e) {
    unregisterNetdevice(dev);
    throw e;
  }
  return dev;
}

/** The device below a new one. @throws {@link KernelError} EINVAL if none is given, ENODEV */
export function lowerOf({ source, request }: LinkPlan): NetDevice {
  if (request.link === undefined) throw new KernelError('EINVAL');
  const lower = source.devices.byIndex(request.link);
  if (lower === undefined) throw new KernelError('ENODEV');
  return lower;
}

/** What a new device gets beside name, address, index and the attributes of its kind. `rtnl_configure_link()` */
export function finishLink(dev: NetDevice, request: LinkSetRequest): void {
  if (request.mtu !== undefined) dev.mtu = request.mtu;
  if (request.txQueueLen !== undefined) dev.txQueueLen = request.txQueueLen;
  if (request.group !== undefined) dev.group = request.group;
  if (request.broadcast !== undefined) dev.broadcast = request.broadcast;
  if (request.linkMode !== undefined) dev.linkMode = request.linkMode;
  if (request.setFlags !== undefined || request.clearFlags !== undefined)
    changeFlags(dev, request.setFlags ?? 0, request.clearFlags ?? 0);
  if (request.master !== undefined) setMaster(dev, request.master);
}
