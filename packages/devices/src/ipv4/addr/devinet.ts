/** Addresses of devices. Read beside Linux net/ipv4/devinet.c. */
import { IPV4_LOOPBACK, type Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { insertAt, removeAt } from '@labwire/core/list';
import { RT_SCOPE_HOST, RTNH_F_DEAD } from '../../fib/index.ts';
import type { NetDevice } from '../../link/net-device.ts';
import { Lifetimes } from '../../rtnetlink/lifetimes.ts';
import {
  IFA_F_PERMANENT,
  IFA_F_SECONDARY,
  type InDevice,
  type InIfaddr,
  inetIfaMatch,
  sameSubnet,
} from '../in-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import { fibAddIfaddr, fibDelIfaddr, fibDisableIp, fibSyncUp } from './fib-frontend.ts';

const isSecondary = (ifa: InIfaddr): boolean => (ifa.flags & IFA_F_SECONDARY) !== 0;

/**
 * Gives a device an address: behind the primary ones if it is the first of its subnet, else as a secondary one.
 * 0.0.0.0 is taken in silence, and kept nowhere.
 * @throws {@link KernelError} EEXIST, EINVAL `__inet_insert_ifa()`
 */
export function insertIfa(ip: Ipv4, ifa: InIfaddr): void {
  if (ifa.local === 0) return;
  const { ifaList } = ifa.idev;
  ifa.flags &= ~IFA_F_SECONDARY;
  let place = 0;
  for (const [i, other] of ifaList.entries()) {
    if (!isSecondary(other) && ifa.scope <= other.scope) place = i + 1;
    if (!sameSubnet(other, ifa)) continue;
    if (other.local === ifa.local)
      throw new KernelError('EEXIST', 'ipv4: Address already assigned');
    if (other.scope !== ifa.scope) throw new KernelError('EINVAL', 'ipv4: Invalid scope value');
    ifa.flags |= IFA_F_SECONDARY;
  }
  ifa.idev.ifaList = insertAt(ifaList, isSecondary(ifa) ? ifaList.length : place, ifa);
  ip.addrIndex.add(ifa);
  ip.netns.rtnl.tell('addr4', false, ifa);
  addressUp(ip, ifa);
  if ((ifa.flags & IFA_F_PERMANENT) === 0) ip.lifetimes.changed();
  ip.netns.noteChange();
}

/** `fib_inetaddr_event(NETDEV_UP)` */
function addressUp(ip: Ipv4, ifa: InIfaddr): void {
  fibAddIfaddr(ip, ifa);
  fibSyncUp(ip, ifa.idev.dev, RTNH_F_DEAD);
  ip.fib.flushCache();
}

/** `fib_inetaddr_event(NETDEV_DOWN)` */
function addressDown(ip: Ipv4, ifa: InIfaddr): void {
  fibDelIfaddr(ip, ifa, null);
  if (ifa.idev.ifaList.length === 0) fibDisableIp(ip, ifa.idev.dev, true);
}

/**
 * Takes an address from a device. A primary one takes the secondaries of its subnet along, or makes the first of
 * them primary if `promote_secondaries` says so. `__inet_del_ifa()`
 */
export function deleteIfa(ip: Ipv4, ifa: InIfaddr): void {
  const { idev } = ifa;
  const heirs = isSecondary(ifa) || idev.dead ? [] : secondariesOf(idev, ifa);
  if (heirs.length > 0 && idev.promoteSecondaries) {
    promote(ip, ifa, heirs);
    return;
  }
  for (const heir of heirs) unlink(ip, heir);
  unlink(ip, ifa);
}

function secondariesOf(idev: InDevice, prim: InIfaddr): InIfaddr[] {
  return idev.ifaList.filter((a) => isSecondary(a) && sameSubnet(a, prim));
}

function unlink(ip: Ipv4, ifa: InIfaddr): void {
  const { ifaList } = ifa.idev;
  const at = ifaList.indexOf(ifa);
  if (at < 0) return;
  ifa.idev.ifaList = removeAt(ifaList, at);
  ip.addrIndex.remove(ifa);
  ip.netns.rtnl.tell('addr4', true, ifa);
  addressDown(ip, ifa);
  if (!ifa.idev.dead) ip.netns.addressGone(ifa.idev.dev.ifindex, ifa.local);
  ip.netns.noteChange();
}

/** The first secondary takes the place of the primary; their routes get its address as their source. */
function promote(ip: Ipv4, ifa: InIfaddr, heirs: readonly InIfaddr[]): void {
  const { idev } = ifa;
  for (const heir of heirs) fibDelIfaddr(ip, heir, ifa);
  unlink(ip, ifa);
  const [first] = heirs as [InIfaddr, ...InIfaddr[]];
  idev.ifaList = removeAt(idev.ifaList, idev.ifaList.indexOf(first));
  first.flags &= ~IFA_F_SECONDARY;
  let place = 0;
  for (const [i, other] of idev.ifaList.entries()) {
    if (!isSecondary(other) && first.scope <= other.scope) place = i + 1;
  }
  idev.ifaList = insertAt(idev.ifaList, place, first);
  for (const heir of heirs) addressUp(ip, heir);
}

/** Gives `lo` its address when it comes up without one. `inetdev_event()` */
export function addLoopbackAddress(ip: Ipv4, idev: InDevice): void {
  insertIfa(ip, {
    idev,
    local: IPV4_LOOPBACK,
    address: IPV4_LOOPBACK,
    prefixLen: 8,
    broadcast: 0 as Ipv4Addr,
    scope: RT_SCOPE_HOST,
    flags: IFA_F_PERMANENT,
    label: idev.dev.name,
    metric: 0,
    lifetimes: Lifetimes.forever,
    proto: 1,
  });
}

/** Takes all addresses from a device that leaves. `inetdev_destroy()` */
export function deleteAllIfa(ip: Ipv4, idev: InDevice): void {
  idev.dead = true;
  for (let ifa = idev.ifaList[0]; ifa !== undefined; ifa = idev.ifaList[0]) unlink(ip, ifa);
}

/** The local address of `idev` (of any device if null) that fits: in scope, `local` itself, on `dst`'s subnet. `inet_confirm_addr()` */
export function confirmAddr(
  devices: Iterable<NetDevice>,
  dst: number,
  local: number,
  scope: number,
): number {
  for (const { inDev } of devices) {
    if (inDev === null) continue;
    const found = confirmOn(inDev, dst, local, scope);
    if (found !== 0) return found;
  }
  return 0;
}

/** `confirm_addr_indev()` */
function confirmOn(idev: InDevice, dst: number, local: number, scope: number): number {
  for (const ifa of idev.ifaList) {
    const isIt = local === 0 || local === ifa.local;
    const inScope = Math.min(ifa.scope, RT_SCOPE_HOST) <= scope;
    const near = dst === 0 || inetIfaMatch(dst, ifa);
    const nearLocal = local === 0 || dst === 0 || inetIfaMatch(local, ifa);
    if (isIt && inScope && near && nearLocal) return ifa.local;
  }
  return 0;
}
