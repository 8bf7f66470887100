import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
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
  /** How it stands with reporting it; undefined for addresses of the link. */
  readonly report?: GroupReport;
}

/** Whether and when a group is reported by itself. */
export interface GroupReport {
  /** Time until then, Nanos; -1 if nobody asked. */
  readonly due: Nanos;
  /** Was the last to report it. */
  readonly reporter: boolean;
}

/** The group addresses that devices listen to, device by device, in the order joined. Linux /proc/net/dev_mcast */
export function linkGroups(netns: Netns): GroupInfo<MacAddr>[] {
  return netns.devices
    .list()
    .flatMap((dev) =>
      mcList(dev).map(([addr, users]) => ({ ifindex: dev.ifindex, device: dev.name, addr, users })),
    );
}

function groups4(
  { inDev }: NetDevice,
  now: Nanos,
): Omit<GroupInfo<Ipv4Addr>, 'ifindex' | 'device'>[] {
  const groups = inDev?.groups ?? NO_USERS;
  return usedAddrs(groups).map((addr) => {
    const state = inDev?.igmp?.state(addr);
    const report = reportOf(state?.deadline ?? -1, state?.reporter === true, now);
    return { addr: addr as Ipv4Addr, users: usersOf(groups, addr), report };
  });
}

function reportOf(deadline: Nanos, reporter: boolean, now: Nanos): GroupReport {
  return { due: deadline < 0 ? -1 : Math.max(0, deadline - now), reporter };
}

/** The version of IGMP that a device speaks. */
export function igmpVersion(netns: Netns, ifindex: number): number {
  const inDev = netns.devices.byIndex(ifindex)?.inDev;
  return inDev?.igmp?.version ?? (inDev?.forceIgmpVersion || 3);
}

/** The IP groups that devices have joined, device by device, the newest first. Linux /proc/net/igmp and igmp6 */
export function inetGroups(netns: Netns, family: 'inet' | 'inet6'): GroupInfo<InetAddr>[] {
  return netns.devices.list().flatMap((dev): GroupInfo<InetAddr>[] => {
    const at = { ifindex: dev.ifindex, device: dev.name };
    const { now } = netns.sim;
    if (family === 'inet')
      return groups4(dev, now)
        .reverse()
        .map((group) => ({ ...at, ...group }));
    const joined = netns.ipv6.idev(dev)?.groups.joined ?? [];
    return joined.map(({ addr, users, deadline, lastReporter }) => ({
      ...at,
      addr,
      users,
      report: reportOf(deadline, lastReporter, now),
    }));
  });
}
