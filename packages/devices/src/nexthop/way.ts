/** What a request says of a nexthop, checked. Linux net/ipv4/nexthop.c, rtm_to_nh_config(). */
import type { Ipv6Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { RT_SCOPE_LINK, RT_SCOPE_UNIVERSE, RTNH_F_ONLINK } from '../fib/index.ts';
import { checkNexthop4 } from '../ipv4/rtnetlink/nexthop-routes.ts';
import { checkNexthop6 } from '../ipv6/nexthop-routes.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Netns } from '../netns/netns.ts';
import type { NexthopRequest } from '../rtnetlink/requests.ts';
import type { GroupMember, Nexthop, NexthopWay } from './nexthop.ts';

/** Who knows nexthops by their ids. */
interface ById {
  find(id: number): Nexthop | undefined;
}

function refuse(text: string): never {
  throw new KernelError('EINVAL', text);
}

/** @throws {@link KernelError} with the kernel's words */
export function makeWay(netns: Netns, known: ById, req: NexthopRequest): NexthopWay {
  if (req.group !== undefined) return groupWay(known, req, req.group);
  const { family, protocol = 0, fdb = false } = req;
  if (family === undefined) refuse('Invalid address family');
  const single = { family, protocol, fdb, group: null, flags: req.flags ?? 0 };
  if (req.blackhole === true) {
    if (req.via !== undefined || req.ifindex !== undefined || fdb)
      refuse('Blackhole attribute can not be used with gateway, oif, encap or fdb');
    const nowhere = { dev: null, gateway: undefined, scope: RT_SCOPE_UNIVERSE };
    return { ...single, ...nowhere, blackhole: true };
  }
  if (fdb && req.ifindex !== undefined)
    refuse('Fdb attribute can not be used with encap, oif or blackhole');
  if (!fdb && req.ifindex === undefined)
    refuse('Device attribute required for non-blackhole and non-fdb nexthops');
  if (req.via === undefined && (single.flags & RTNH_F_ONLINK) !== 0)
    refuse('ONLINK flag can not be set for nexthop without a gateway');
  const gateway = req.via;
  if (fdb) return { ...single, dev: null, gateway, scope: RT_SCOPE_LINK, blackhole: false };
  const dev = usableDevice(netns, req.ifindex as number);
  const scope =
    family === 'inet'
      ? checkNexthop4(netns, dev, gateway, single.flags)
      : checkNexthop6(netns, dev, gateway as Ipv6Addr | undefined, single.flags);
  return { ...single, dev, gateway, scope, blackhole: false };
}

function usableDevice(netns: Netns, ifindex: number): NetDevice {
  const dev = netns.devices.byIndex(ifindex);
  if (dev === undefined) refuse('Invalid device index');
  if (!dev.isUp) throw new KernelError('ENETDOWN', 'Nexthop device is not up');
  if (!dev.carrier) throw new KernelError('ENETDOWN', 'Carrier for nexthop device is down');
  return dev;
}

/** `nh_check_attr_group()` */
function groupWay(
  known: ById,
  req: NexthopRequest,
  asked: readonly { readonly id: number; readonly weight: number }[],
): NexthopWay {
  if (req.family !== undefined) refuse('Invalid family for group');
  const fdb = req.fdb === true;
  if (new Set(asked.map((m) => m.id)).size < asked.length)
    refuse('Nexthop id can not be used twice in a group');
  const group = asked.map(({ id, weight }) => member(known, id, weight, asked.length, fdb));
  if (fdb && new Set(group.map((m) => m.nh.way.family)).size > 1)
    refuse('FDB nexthop group cannot have mixed family nexthops');
  return {
    family: undefined,
    blackhole: false,
    fdb,
    dev: null,
    gateway: undefined,
    flags: 0,
    scope: RT_SCOPE_UNIVERSE,
    group,
    protocol: req.protocol ?? 0,
  };
}

/** `valid_group_nh()`, `nh_check_attr_fdb_group()` */
function member(known: ById, id: number, weight: number, count: number, fdb: boolean): GroupMember {
  const nh = known.find(id);
  if (nh === undefined) refuse('Invalid nexthop id');
  if (nh.way.group !== null) refuse('Hash-threshold group can not be a nexthop within a group');
  if (nh.way.blackhole && count > 1)
    refuse('Blackhole nexthop can not be used in a group with more than 1 path');
  if (fdb && !nh.way.fdb) refuse('FDB nexthop group can only have fdb nexthops');
  if (!fdb && nh.way.fdb) refuse('Non FDB nexthop group cannot have fdb nexthops');
  return { nh, weight };
}
