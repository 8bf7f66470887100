import { KernelError } from '@labwire/core/error';
import type { Netns } from '../../netns/netns.ts';
import type { LinkInfo } from '../types.ts';
import { findLink } from './link.ts';
import { linkInfo } from './link-info.ts';

/** What `bridge link set` changes. RTM_SETLINK of family AF_BRIDGE */
export interface BridgeLinkRequest {
  readonly self?: boolean;
  readonly master?: boolean;
  /** IFLA_BRPORT_* by name in lower case without prefix, as in `LinkInfo.slaveData`. */
  readonly slaveData: Readonly<Record<string, unknown>>;
}

/** The ports of all bridges of a namespace, by index: `bridge link show`. RTM_GETLINK of family AF_BRIDGE */
export function bridgeLinkDump(netns: Netns): LinkInfo[] {
  return netns.devices
    .list()
    .filter((dev) => dev.master?.linkType === 'bridge')
    .map(linkInfo);
}

/**
 * Changes a port's attributes; a bridge itself takes them for `self`, and does nothing. `rtnl_bridge_setlink()`
 * @throws {@link KernelError} ENODEV, EOPNOTSUPP, and what the attributes do
 */
export function bridgeLinkSet(netns: Netns, ifindex: number, request: BridgeLinkRequest): void {
  const dev = findLink(netns, { ifindex });
  const { self = false, master = false } = request;
  if (master || !self) {
    const ports = dev.master?.ports;
    if (ports === undefined) throw new KernelError('EOPNOTSUPP');
    ports.change(dev, request.slaveData);
  }
  if (self && dev.linkType !== 'bridge') throw new KernelError('EOPNOTSUPP');
}
