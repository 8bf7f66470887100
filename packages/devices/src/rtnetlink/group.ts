import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { mcList, type NetDevice, NO_USERS, usedAddrs, usersOf } from '../link/index.ts';
import type { Netns } from '../netns/netns.ts';
import type { InetAddr } from './types.ts';

/** A group that a device has joined. */
export interface GroupInfo<A> {
  readonly ifindex: number;
  readonly device: string;
  readonly addr: A;
  /** How often it was joined. */
  readonly users: number;
}

/** The group addresses that devices listen to, device by device, in the order joined. Linux /proc/net/dev_mcast */
export function linkGroups(netns: Netns): GroupInfo<MacAddr>[] {
  return netns.devices
    .list()
    .flatMap((dev) =>
      mcList(dev).map(([addr, users]) => ({ ifindex: dev.ifindex, device: dev.name, addr, users })),
    );
}

function groups4({ inDev }: NetDevice): [addr: Ipv4Addr, users: number][] {
  const groups = inDev?.groups ?? NO_USERS;
  return usedAddrs(groups).map((addr) => [addr as Ipv4Addr, usersOf(groups, addr)]);
}

/** The IP groups that devices have joined, device by device, the newest first. Linux /proc/net/igmp and igmp6 */
export function inetGroups(netns: Netns, family: 'inet' | 'inet6'): GroupInfo<InetAddr>[] {
  return netns.devices.list().flatMap((dev): GroupInfo<InetAddr>[] => {
    const at = { ifindex: dev.ifindex, device: dev.name };
    if (family === 'inet')
      return groups4(dev)
        .reverse()
        .map(([addr, users]) => ({ ...at, addr, users }));
    const joined = netns.ipv6.idev(dev)?.groups.joined ?? [];
    return joined.map(({ addr, users }) => ({ ...at, addr, users }));
  });
}
