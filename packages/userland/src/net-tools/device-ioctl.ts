/** Devices and their IPv4 addresses as the old requests change them. netdevice(7); Linux net/ipv4/devinet.c, devinet_ioctl() */
import { IPV4_ANY, IPV4_BROADCAST, type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import {
  type AddrInfo,
  addrAdd,
  addrDel,
  type LinkInfo,
  type LinkSetRequest,
  linkSet,
} from '@labwire/devices/rtnetlink';
import type { Process } from '../machine/index.ts';
import { addrByLabel, linkByName } from './interface.ts';

const IFF_UP = 0x1;
const IFF_BROADCAST = 0x2;
const IFF_POINTOPOINT = 0x10;
const RT_SCOPE_HOST = 254;

function checkRoot(proc: Process): void {
  if (proc.uid !== 0) throw new KernelError('EPERM');
}

/** The device of a name, for a change. @throws {@link KernelError} EPERM, ENODEV */
function linkToChange(proc: Process, name: string): LinkInfo {
  checkRoot(proc);
  const link = linkByName(proc.netns, name);
  if (link === undefined) throw new KernelError('ENODEV');
  return link;
}

/** IFF_* of a device. SIOCGIFFLAGS. @throws {@link KernelError} ENODEV */
export function getFlags(proc: Process, name: string): number {
  const link = linkByName(proc.netns, name);
  if (link === undefined) throw new KernelError('ENODEV');
  return link.flags;
}

/** Sets and clears IFF_* bits; of an alias only UP counts, whose end is the address's. SIOCSIFFLAGS */
export function changeFlags(proc: Process, name: string, set: number, clear: number): void {
  const link = linkToChange(proc, name);
  if (!name.includes(':')) {
    linkSet(proc.netns, link.ifindex, { setFlags: set, clearFlags: clear });
    return;
  }
  const addr = addrByLabel(proc.netns, name);
  if (addr === undefined) throw new KernelError('EADDRNOTAVAIL');
  if ((clear & IFF_UP) !== 0) remove(proc, addr);
}

/** SIOCSIFMTU, SIOCSIFHWADDR, SIOCSIFTXQLEN, SIOCSIFNAME. @throws {@link KernelError} */
export function changeLink(proc: Process, name: string, request: LinkSetRequest): void {
  linkSet(proc.netns, linkToChange(proc, name).ifindex, request);
}

function remove(proc: Process, addr: AddrInfo): void {
  addrDel(proc.netns, {
    family: 'inet',
    ifindex: addr.ifindex,
    local: addr.local,
    address: addr.address,
    prefixLen: addr.prefixLen,
    ...(addr.label === undefined ? {} : { label: addr.label }),
  });
}

function insert(proc: Process, addr: Omit<AddrInfo, 'flags' | 'proto' | 'family'>): void {
  const { broadcast, label, ...rest } = addr;
  addrAdd(
    proc.netns,
    {
      family: 'inet',
      ...rest,
      ...(broadcast === undefined ? {} : { broadcast }),
      ...(label === undefined ? {} : { label }),
    },
    { create: true, excl: true },
  );
}

/** Bits of an address's class, 0 for none and for all ones. `inet_abc_len()` @throws {@link KernelError} EINVAL for a group */
function classLength(addr: Ipv4Addr): number {
  const first = addr >>> 24;
  if (first === 0 || addr === IPV4_BROADCAST) return 0;
  if (first < 128) return 8;
  if (first < 192) return 16;
  if (first < 224) return 24;
  if (first < 240) throw new KernelError('EINVAL');
  return 32;
}

/** Gives a device or an alias its address, with the mask of its class; 0.0.0.0 takes it away. SIOCSIFADDR */
export function setAddress(proc: Process, name: string, local: Ipv4Addr): void {
  const link = linkToChange(proc, name);
  const length = classLength(local);
  const old = addrByLabel(proc.netns, name);
  if (old?.local === local) return;
  if (old !== undefined) remove(proc, old);
  if (local === IPV4_ANY) return;
  const prefixLen = (link.flags & IFF_POINTOPOINT) === 0 ? length : 32;
  const hasBroadcast = (link.flags & IFF_BROADCAST) !== 0 && prefixLen < 31;
  insert(proc, {
    ifindex: link.ifindex,
    local,
    address: local,
    prefixLen,
    broadcast: hasBroadcast ? ((local | ~ipv4Mask(prefixLen)) as Ipv4Addr) : undefined,
    scope: local >>> 24 === 127 ? RT_SCOPE_HOST : 0,
    label: name,
    preferredLft: 0xffffffff,
    validLft: 0xffffffff,
    metric: 0,
  });
}

/** The address to change. @throws {@link KernelError} EPERM, ENODEV, EADDRNOTAVAIL */
function addrToChange(proc: Process, name: string): readonly [AddrInfo, LinkInfo] {
  const link = linkToChange(proc, name);
  const addr = addrByLabel(proc.netns, name);
  if (addr === undefined) throw new KernelError('EADDRNOTAVAIL');
  return [addr, link];
}

/** Ones in a mask. @throws {@link KernelError} EINVAL if there are zeros between */
export function maskLength(mask: Ipv4Addr): number {
  const length = Math.clz32(~mask);
  if (ipv4Mask(length) !== mask) throw new KernelError('EINVAL');
  return length;
}

/** Changes the mask, and with it a broadcast address that came of the old one. SIOCSIFNETMASK */
export function setNetmask(proc: Process, name: string, mask: Ipv4Addr): void {
  const [addr, link] = addrToChange(proc, name);
  const prefixLen = maskLength(mask);
  if (addr.prefixLen === prefixLen) return;
  const local = addr.local as Ipv4Addr;
  const derived = addr.broadcast === (local | ~ipv4Mask(addr.prefixLen));
  const renew = (link.flags & IFF_BROADCAST) !== 0 && prefixLen < 31 && derived;
  const broadcast = renew ? ((local | ~mask) as Ipv4Addr) : addr.broadcast;
  remove(proc, addr);
  insert(proc, { ...addr, prefixLen, broadcast });
}

/** SIOCSIFBRDADDR */
export function setBroadcast(proc: Process, name: string, broadcast: Ipv4Addr): void {
  const [addr] = addrToChange(proc, name);
  if ((addr.broadcast ?? IPV4_ANY) === broadcast) return;
  remove(proc, addr);
  insert(proc, { ...addr, broadcast });
}

/** Changes the other end's address. SIOCSIFDSTADDR */
export function setDestination(proc: Process, name: string, address: Ipv4Addr): void {
  const [addr] = addrToChange(proc, name);
  if (addr.address === address) return;
  classLength(address);
  remove(proc, addr);
  insert(proc, { ...addr, address });
}
