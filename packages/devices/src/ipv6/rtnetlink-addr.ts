/** IPv6 addresses as netlink asks for them. Linux net/ipv6/addrconf.c, inet6_rtm_newaddr() and its like. */
import { IPV6_ANY, type Ipv6Addr, isMulticast6, sameIpv6 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { Netns } from '../netns/netns.ts';
import { INFINITY_LIFE_TIME, Lifetimes } from '../rtnetlink/lifetimes.ts';
import type { AddrRequest, NewFlags } from '../rtnetlink/requests.ts';
import type { AddrInfo } from '../rtnetlink/types.ts';
import {
  IFA_F_DEPRECATED,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_PERMANENT,
  IFAPROT_UNSPEC,
  type Inet6Addr,
} from './inet6-addr.ts';
import type { Inet6Dev } from './inet6-dev.ts';

/** What a request may set. */
const SETTABLE = IFA_F_NODAD | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

/** What RTM_GETADDR answers about an address. */
export function addrInfo6(netns: Netns, a: Inet6Addr): AddrInfo {
  return addrInfo(netns, a.idev, a);
}

function addrInfo(netns: Netns, idev: Inet6Dev, a: Inet6Addr): AddrInfo {
  const { now } = netns.sim;
  return {
    family: 'inet6',
    ifindex: idev.dev.ifindex,
    local: a.addr,
    address: a.peer ?? a.addr,
    prefixLen: a.prefixLen,
    broadcast: undefined,
    scope: a.scope,
    flags: a.flags,
    label: undefined,
    preferredLft: a.lifetimes.preferredLeft(now),
    validLft: a.lifetimes.validLeft(now),
    proto: a.proto,
    metric: a.metric,
  };
}

/** All IPv6 addresses of a namespace, device by device. */
export function addrDump6(netns: Netns): AddrInfo[] {
  return netns.devices.list().flatMap((dev) => {
    const idev = netns.ipv6.idev(dev);
    return idev === undefined ? [] : idev.addrs.map((a) => addrInfo(netns, idev, a));
  });
}

function idevOf(netns: Netns, ifindex: number): Inet6Dev {
  const dev = netns.devices.byIndex(ifindex);
  if (dev === undefined) throw new KernelError('ENODEV', 'ipv6: Unable to find the interface');
  const idev = netns.ipv6.idev(dev);
  if (idev === undefined)
    throw new KernelError('ENOBUFS', 'ipv6: IPv6 is not enabled on this device');
  return idev;
}

function checkNewAddr(idev: Inet6Dev, addr: Ipv6Addr, prefixLen: number, flags: number): void {
  if (prefixLen > 128) throw new KernelError('EINVAL', 'ipv6: Invalid prefix length');
  if (idev.conf.disable_ipv6 !== 0)
    throw new KernelError('EACCES', 'ipv6: IPv6 is disabled on this device');
  if (sameIpv6(addr, IPV6_ANY)) throw new KernelError('EADDRNOTAVAIL', 'ipv6: Invalid address');
  if (isMulticast6(addr) && (flags & IFA_F_MCAUTOJOIN) === 0) {
    throw new KernelError(
      'EADDRNOTAVAIL',
      'ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag',
    );
  }
}

/**
 * Adds or changes an address.
 * @throws {@link KernelError} ENODEV, EACCES, EEXIST, EINVAL, EADDRNOTAVAIL
 */
export function addrAdd6(netns: Netns, req: AddrRequest, flags: NewFlags): void {
  const idev = idevOf(netns, req.ifindex);
  const local = req.local as Ipv6Addr;
  const { preferredLft = INFINITY_LIFE_TIME, validLft = INFINITY_LIFE_TIME } = req;
  if (validLft === 0 || preferredLft > validLft)
    throw new KernelError('EINVAL', 'ipv6: address lifetime invalid');
  const known = idev.find(local);
  if (known !== undefined && known.prefixLen === req.prefixLen) {
    changeAddr(netns, known, req, flags, preferredLft, validLft);
    return;
  }
  if (known === undefined && flags.create !== true)
    throw new KernelError('ENOENT', 'ipv6: address not found');
  checkNewAddr(idev, local, req.prefixLen, req.flags ?? 0);
  if (((req.flags ?? 0) & IFA_F_MCAUTOJOIN) !== 0) joinGroup(netns, idev, local);
  const peer = req.address as Ipv6Addr | undefined;
  const permanent = validLft === INFINITY_LIFE_TIME ? IFA_F_PERMANENT : 0;
  idev.dev.checkAddress(req.local);
  netns.ipv6.addrconf.add(idev, {
    addr: local,
    prefixLen: req.prefixLen,
    ...(peer === undefined || sameIpv6(peer, local) ? {} : { peer }),
    flags: ((req.flags ?? 0) & SETTABLE) | permanent,
    proto: IFAPROT_UNSPEC,
    metric: req.metric ?? 0,
    lifetimes: Lifetimes.from(netns.sim.now, preferredLft, validLft),
  });
}

/** The device joins the group that an address is. `ipv6_mc_config()` */
function joinGroup(netns: Netns, idev: Inet6Dev, addr: Ipv6Addr): void {
  if (!isMulticast6(addr)) throw new KernelError('EINVAL', 'ipv6: Multicast auto join failed');
  netns.ipv6.mcast.join(idev, addr);
}

/** `inet6_addr_modify()` */
function changeAddr(
  netns: Netns,
  a: Inet6Addr,
  req: AddrRequest,
  flags: NewFlags,
  preferredLft: number,
  validLft: number,
): void {
  if (flags.excl === true || flags.replace !== true)
    throw new KernelError('EEXIST', 'ipv6: address already assigned');
  a.lifetimes = Lifetimes.from(netns.sim.now, preferredLft, validLft);
  const permanent = validLft === INFINITY_LIFE_TIME ? IFA_F_PERMANENT : 0;
  a.flags =
    (a.flags & ~(SETTABLE | IFA_F_PERMANENT | IFA_F_DEPRECATED)) |
    ((req.flags ?? 0) & SETTABLE) |
    permanent;
  netns.ipv6.addrconf.armLifetime(a);
}

/** Takes an address away. @throws {@link KernelError} ENODEV, EADDRNOTAVAIL */
export function addrDel6(netns: Netns, req: AddrRequest): void {
  const dev = netns.devices.byIndex(req.ifindex);
  if (dev === undefined) throw new KernelError('ENODEV', 'ipv6: Unable to find the interface');
  const idev = netns.ipv6.idev(dev);
  if (idev === undefined) throw new KernelError('ENXIO', 'ipv6: IPv6 is disabled on this device');
  const a = idev.find(req.local as Ipv6Addr);
  if (a === undefined || a.prefixLen !== req.prefixLen)
    throw new KernelError('EADDRNOTAVAIL', 'ipv6: address not found');
  if ((a.flags & IFA_F_MCAUTOJOIN) !== 0) netns.ipv6.mcast.leave(idev, a.addr);
  netns.ipv6.addrconf.remove(a);
}
