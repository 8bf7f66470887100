/** IPv4 addresses as netlink asks for them. Linux net/ipv4/devinet.c, inet_rtm_newaddr() and its like. */
import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { Netns } from '../../netns/netns.ts';
import { INFINITY_LIFE_TIME, Lifetimes } from '../../rtnetlink/lifetimes.ts';
import type { AddrRequest, NewFlags } from '../../rtnetlink/requests.ts';
import type { AddrInfo } from '../../rtnetlink/types.ts';
import { deleteIfa, insertIfa } from '../addr/devinet.ts';
import {
  IFA_F_DEPRECATED,
  IFA_F_MCAUTOJOIN,
  IFA_F_PERMANENT,
  type InDevice,
  type InIfaddr,
} from '../in-device.ts';
import type { Ipv4 } from '../ipv4.ts';

/** Flags that belong to IPv6 alone. Linux net/ipv4/devinet.c, IPV6ONLY_FLAGS. */
const IPV6ONLY = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x100 | 0x800;
const RT_SCOPE_UNIVERSE = 0;

/** What RTM_GETADDR answers about an address. */
export function addrInfo(ip: Ipv4, ifa: InIfaddr): AddrInfo {
  const { now } = ip.netns.sim;
  const permanent = (ifa.flags & IFA_F_PERMANENT) !== 0;
  return {
    family: 'inet',
    ifindex: ifa.idev.dev.ifindex,
    local: ifa.local,
    address: ifa.address,
    prefixLen: ifa.prefixLen,
    broadcast: ifa.broadcast === 0 ? undefined : ifa.broadcast,
    scope: ifa.scope,
    flags: ifa.flags,
    label: ifa.label,
    preferredLft: permanent ? INFINITY_LIFE_TIME : ifa.lifetimes.preferredLeft(now),
    validLft: permanent ? INFINITY_LIFE_TIME : ifa.lifetimes.validLeft(now),
    proto: ifa.proto,
    metric: ifa.metric,
  };
}

/** All IPv4 addresses of a namespace, device by device. */
export function addrDump4(netns: Netns): AddrInfo[] {
  return [...netns.ipv4.addresses()].map((ifa) => addrInfo(netns.ipv4, ifa));
}

function idevOf(netns: Netns, ifindex: number): InDevice {
  const dev = netns.devices.byIndex(ifindex);
  if (dev === undefined) throw new KernelError('ENODEV', 'ipv4: Device not found');
  if (dev.inDev === null) throw new KernelError('ENOBUFS');
  return dev.inDev;
}

/**
 * Adds or changes an address.
 * @throws {@link KernelError} ENODEV, EEXIST, EINVAL (no group to be joined, too)
 */
export function addrAdd4(netns: Netns, req: AddrRequest, flags: NewFlags): void {
  if (req.prefixLen > 32) throw new KernelError('EINVAL', 'ipv4: Invalid prefix length');
  const ip = netns.ipv4;
  const idev = idevOf(netns, req.ifindex);
  idev.markAllSet();
  const ifa = newIfa(ip, idev, req);
  const mask = ipv4Mask(ifa.prefixLen);
  const known = idev.ifaList.find(
    (a) =>
      a.prefixLen === ifa.prefixLen &&
      a.local === ifa.local &&
      ((a.address ^ ifa.address) & mask) === 0,
  );
  if (known === undefined) {
    idev.dev.checkAddress(ifa.local);
    if ((ifa.flags & IFA_F_MCAUTOJOIN) !== 0) ip.membership.join(idev, ifa.address);
    insertIfa(ip, ifa);
    return;
  }
  if (flags.excl === true || flags.replace !== true) {
    throw new KernelError('EEXIST', 'ipv4: Address already assigned');
  }
  change(ip, known, ifa);
}

function newIfa(ip: Ipv4, idev: InDevice, req: AddrRequest): InIfaddr {
  const { preferredLft = INFINITY_LIFE_TIME, validLft = INFINITY_LIFE_TIME } = req;
  if (validLft === 0 || preferredLft > validLft) {
    throw new KernelError('EINVAL', 'ipv4: address lifetime invalid');
  }
  return {
    idev,
    local: req.local as Ipv4Addr,
    address: (req.address ?? req.local) as Ipv4Addr,
    prefixLen: req.prefixLen,
    broadcast: req.broadcast ?? (0 as Ipv4Addr),
    scope: req.scope ?? RT_SCOPE_UNIVERSE,
    flags:
      ((req.flags ?? 0) & ~(IPV6ONLY | IFA_F_PERMANENT)) | lifetimeFlags(preferredLft, validLft),
    label: req.label ?? idev.dev.name,
    metric: req.metric ?? 0,
    lifetimes: Lifetimes.from(ip.netns.sim.now, preferredLft, validLft),
    proto: 0,
  };
}

/** `set_ifa_lifetime()` */
function lifetimeFlags(preferredLft: number, validLft: number): number {
  const permanent = validLft === INFINITY_LIFE_TIME ? IFA_F_PERMANENT : 0;
  return preferredLft === 0 ? permanent | IFA_F_DEPRECATED : permanent;
}

/** Only lifetimes and the metric of an address can change. */
function change(ip: Ipv4, known: InIfaddr, to: InIfaddr): void {
  const LIFETIME = IFA_F_PERMANENT | IFA_F_DEPRECATED;
  known.flags = (known.flags & ~LIFETIME) | (to.flags & LIFETIME);
  known.lifetimes = to.lifetimes;
  known.metric = to.metric;
  ip.lifetimes.changed();
  ip.netns.rtnl.tell('addr4', false, known);
}

/**
 * Takes an address away: the first that fits what the request names. Without `address` the prefix does not count.
 * @throws {@link KernelError} ENODEV, EADDRNOTAVAIL. `inet_rtm_deladdr()`
 */
export function addrDel4(netns: Netns, req: AddrRequest): void {
  const idev = idevOf(netns, req.ifindex);
  const mask = ipv4Mask(Math.min(32, req.prefixLen));
  const found = idev.ifaList.find((a) => {
    if (a.local !== req.local) return false;
    if (req.label !== undefined && req.label !== a.label) return false;
    if (req.address === undefined) return true;
    const samePrefix = (((req.address as number) ^ a.address) & mask) === 0;
    return req.prefixLen === a.prefixLen && samePrefix;
  });
  if (found === undefined) throw new KernelError('EADDRNOTAVAIL', 'ipv4: Address not found');
  if ((found.flags & IFA_F_MCAUTOJOIN) !== 0) netns.ipv4.membership.leave(idev, found.address);
  deleteIfa(netns.ipv4, found);
}
