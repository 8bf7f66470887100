/** Neighbours as netlink asks for them. Linux net/core/neighbour.c, neigh_add() and its like. */
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import type { NetDevice } from '../link/net-device.ts';
import {
  isValid,
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  type Neigh,
  type NeighTable,
  type Nud,
} from '../neigh/index.ts';
import type { Netns } from '../netns/netns.ts';
import type { NeighRequest, NewFlags } from './requests.ts';
import type { Family, InetAddr, NeighInfo, NudState } from './types.ts';

function tableOf(netns: Netns, family: Family): NeighTable {
  return family === 'inet' ? netns.ipv4.neigh : netns.ipv6.neigh;
}

/** What RTM_GETNEIGH answers about a neighbour. */
export function neighInfo(n: Neigh, family: Family): NeighInfo {
  const age = (at: number) => Math.floor(Math.max(0, n.table.sim.now - at) / SEC);
  return {
    family,
    ifindex: n.dev.ifindex,
    dst: n.dst,
    lladdr: isValid(n.nud) ? n.lladdr : undefined,
    state: n.nud.toUpperCase() as NudState,
    proxy: false,
    router: n.router,
    refcnt: n.hasTimer ? 1 : 0,
    used: age(n.used),
    confirmed: age(n.confirmed),
    updated: age(n.updated),
    probes: n.probes,
    protocol: n.protocol,
  };
}

function proxyInfo(dst: InetAddr, dev: NetDevice, router: boolean, family: Family): NeighInfo {
  return {
    family,
    ifindex: dev.ifindex,
    dst,
    lladdr: undefined,
    state: 'NONE',
    proxy: true,
    router,
    refcnt: 0,
    used: 0,
    confirmed: 0,
    updated: 0,
    probes: 0,
    protocol: 0,
  };
}

function dumpFamily(netns: Netns, family: Family): NeighInfo[] {
  const table = tableOf(netns, family);
  return [
    ...table.list().map((n) => neighInfo(n, family)),
    ...table.proxies.map((p) => proxyInfo(p.dst, p.dev, p.router, family)),
  ];
}

/** RTM_GETNEIGH: the neighbours of a family, or of both, with the proxied ones behind. */
export function neighDump(netns: Netns, family?: Family): NeighInfo[] {
  const v4 = family === 'inet6' ? [] : dumpFamily(netns, 'inet');
  return family === 'inet' ? v4 : [...v4, ...dumpFamily(netns, 'inet6')];
}

/** RTM_GETNEIGH of one neighbour. @throws KernelError ENOENT, ENODEV */
export function neighGet(netns: Netns, req: NeighRequest): NeighInfo {
  const dev = deviceOf(netns, req);
  const table = tableOf(netns, req.family);
  if (req.proxy === true) {
    const found = table.proxyOf(req.dst, dev);
    if (found === undefined) throw new KernelError('ENOENT', 'Proxy neighbour entry not found');
    return proxyInfo(found.dst, found.dev, found.router, req.family);
  }
  const neigh = table.lookup(req.dst, dev);
  if (neigh === null) throw new KernelError('ENOENT', 'Neighbour entry not found');
  return neighInfo(neigh, req.family);
}

function deviceOf(netns: Netns, req: NeighRequest): NetDevice {
  const dev = netns.devices.byIndex(req.ifindex);
  if (dev === undefined) throw new KernelError('ENODEV');
  return dev;
}

/** RTM_NEWNEIGH. @throws KernelError ENODEV, EEXIST, ENOENT, EINVAL, ENOBUFS. `neigh_add()` */
export function neighAdd(netns: Netns, req: NeighRequest, flags: NewFlags): void {
  const dev = deviceOf(netns, req);
  const table = tableOf(netns, req.family);
  if (req.proxy === true) {
    table.addProxy(req.dst, dev, req.router === true);
    return;
  }
  const known = table.lookup(req.dst, dev);
  if (known === null && flags.create !== true) throw new KernelError('ENOENT');
  if (known !== null && flags.excl === true) throw new KernelError('EEXIST');
  const neigh = known ?? table.lookupOrCreate(req.dst, dev);
  if (neigh === null) throw new KernelError('ENOBUFS');
  if (req.protocol !== undefined) neigh.protocol = req.protocol;
  const override =
    known === null || flags.replace === true
      ? NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER
      : 0;
  const router =
    req.router === true ? NEIGH_UPDATE_F_ISROUTER | NEIGH_UPDATE_F_OVERRIDE_ISROUTER : 0;
  const nud = (req.state ?? 'PERMANENT').toLowerCase() as Nud;
  const error = neigh.update(req.lladdr ?? null, nud, override | router | NEIGH_UPDATE_F_ADMIN);
  if (error === undefined) return;
  // a new entry stays, in state NONE, as in the kernel
  throw error === 'EINVAL'
    ? new KernelError('EINVAL', 'No link layer address given')
    : new KernelError(error);
}

/** RTM_DELNEIGH: the entry fails and goes. @throws KernelError ENODEV, ENOENT. `neigh_delete()` */
export function neighDel(netns: Netns, req: NeighRequest): void {
  const dev = deviceOf(netns, req);
  const table = tableOf(netns, req.family);
  if (req.proxy === true) {
    if (!table.removeProxy(req.dst, dev)) throw new KernelError('ENOENT');
    return;
  }
  const neigh = table.lookup(req.dst, dev);
  if (neigh === null) throw new KernelError('ENOENT');
  neigh.update(null, 'failed', NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN);
  table.remove(neigh);
}
