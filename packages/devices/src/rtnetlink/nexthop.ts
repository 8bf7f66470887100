import { KernelError } from '@labwire/core/error';
import type { Netns } from '../netns/netns.ts';
import type { Nexthop } from '../nexthop/index.ts';
import type { NewFlags, NexthopRequest } from './requests.ts';
import type { NexthopObjectInfo } from './types.ts';

/** What RTM_GETNEXTHOP answers about a nexthop. */
export function nexthopInfo({ id, way }: Nexthop): NexthopObjectInfo {
  return {
    id,
    family: way.family,
    protocol: way.protocol,
    blackhole: way.blackhole,
    fdb: way.fdb,
    ifindex: way.dev?.ifindex,
    via: way.gateway,
    flags: way.flags,
    scope: way.scope,
    group: way.group?.map((m) => ({ id: m.nh.id, weight: m.weight })),
  };
}

/** RTM_GETNEXTHOP of all, by id. */
export function nexthopDump(netns: Netns): NexthopObjectInfo[] {
  return netns.hasNexthops ? netns.nexthops.list().map(nexthopInfo) : [];
}

/** RTM_GETNEXTHOP of one. @throws {@link KernelError} ENOENT, EINVAL */
export function nexthopGet(netns: Netns, id: number): NexthopObjectInfo {
  if (id === 0) throw new KernelError('EINVAL', 'Invalid nexthop id');
  const nh = netns.nexthops.find(id);
  if (nh === undefined) throw new KernelError('ENOENT');
  return nexthopInfo(nh);
}

/** RTM_NEWNEXTHOP. @throws {@link KernelError} with the kernel's words */
export function nexthopAdd(netns: Netns, req: NexthopRequest, flags: NewFlags): void {
  netns.nexthops.add(req, flags);
}

/** RTM_DELNEXTHOP. @throws {@link KernelError} ENOENT, EINVAL */
export function nexthopDel(netns: Netns, id: number | undefined): void {
  netns.nexthops.delete(id);
}
