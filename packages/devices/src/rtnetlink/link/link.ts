import { KernelError } from '@labwire/core/error';
import { IpTunnel, type NetDevice, unregisterNetdevice } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { LinkInfo } from '../types.ts';
import { linkInfo } from './link-info.ts';

/** How a request names a device. */
export type LinkRef = { readonly ifindex: number } | { readonly name: string };

/** All devices of a namespace, by index. RTM_GETLINK with NLM_F_DUMP */
export function linkDump(netns: Netns): LinkInfo[] {
  return netns.devices.list().map(linkInfo);
}

/** One device, by index, name or alternative name. RTM_GETLINK @throws {@link KernelError} ENODEV */
export function linkGet(netns: Netns, ref: LinkRef): LinkInfo {
  return linkInfo(findLink(netns, ref));
}

/** The device that a request names. @throws {@link KernelError} ENODEV */
export function findLink(netns: Netns, ref: LinkRef): NetDevice {
  const dev =
    'ifindex' in ref ? netns.devices.byIndex(ref.ifindex) : netns.devices.byName(ref.name);
  if (dev === undefined) throw new KernelError('ENODEV');
  return dev;
}

/** Deletes a device, a veth with its peer. RTM_DELLINK @throws {@link KernelError} ENODEV, EOPNOTSUPP for a NIC and lo */
export function linkDel(netns: Netns, ifindex: number): void {
  const dev = findLink(netns, { ifindex });
  if (dev.linkType === undefined) throw new KernelError('EOPNOTSUPP');
  // the device of a namespace that takes what no tunnel does stays: ip_tunnel_dellink()
  if (dev instanceof IpTunnel && dev.isFallback) return;
  unregisterNetdevice(dev);
}
