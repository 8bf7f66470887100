import { isMulticastMac, MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import { Bridge, type BridgePort, type FdbEntry } from '../bridge/index.ts';
import {
  ARPHRD_ETHER,
  mcAdd,
  mcDel,
  mcList,
  type NetDevice,
  ucAdd,
  ucDel,
  usersOf,
} from '../link/index.ts';
import { Vxlan } from '../link/vxlan/index.ts';
import type { Netns } from '../netns/netns.ts';
import type { FdbRequest, NewFlags } from './requests.ts';
import type { FdbInfo } from './types.ts';
import { vxlanEntries, vxlanFdbAdd, vxlanFdbDel } from './vxlan-fdb.ts';

/** Which part of the forwarding databases to list, by ifindex: `bridge fdb show br BR brport PORT`. */
export interface FdbFilter {
  readonly bridge?: number;
  readonly port?: number;
}

/** Which entries to flush; absent fields match all. */
export interface FdbFlushRequest {
  /** A bridge, or with `master` a port. */
  readonly ifindex: number;
  /** Only what is behind this port. */
  readonly port?: number;
  readonly master?: boolean;
  readonly permanent?: boolean;
  readonly static?: boolean;
  readonly dynamic?: boolean;
  readonly addedByUser?: boolean;
  readonly extern?: boolean;
  readonly sticky?: boolean;
  readonly offloaded?: boolean;
  /** Only what is in this VLAN. */
  readonly vlan?: number;
}

/** What devices and bridges know of MAC addresses, device by device. RTM_GETNEIGH of family AF_BRIDGE */
export function fdbDump(netns: Netns, filter: FdbFilter = {}): FdbInfo[] {
  return netns.devices
    .list()
    .filter((dev) => isAskedFor(dev, filter))
    .flatMap((dev) => {
      const learnt = bridgeEntries(dev);
      return dev.linkType === 'bridge'
        ? [...selfEntries(dev), ...learnt]
        : [...learnt, ...selfEntries(dev)];
    });
}

function isAskedFor(dev: NetDevice, filter: FdbFilter): boolean {
  if (filter.port !== undefined && dev.ifindex !== filter.port) return false;
  const bridge = filter.bridge;
  return bridge === undefined || dev.ifindex === bridge || dev.master?.ifindex === bridge;
}

/** The bridge of a port, or the device itself if it is one. */
function bridgeOf(dev: NetDevice): Bridge | undefined {
  if (dev instanceof Bridge) return dev;
  return dev.master instanceof Bridge ? dev.master : undefined;
}

/** What is behind a port; of a bridge, its own addresses. `br_fdb_dump()` */
function bridgeEntries(dev: NetDevice): FdbInfo[] {
  const bridge = bridgeOf(dev);
  if (bridge === undefined) return [];
  const port = bridge.portOf(dev) ?? null;
  return bridge.fdb
    .entries()
    .filter((e) => e.dst === port)
    .map((e) => entryInfo(bridge, dev, e));
}

function entryInfo(bridge: Bridge, dev: NetDevice, entry: FdbEntry): FdbInfo {
  const { now } = bridge.clock;
  return {
    lladdr: entry.addr,
    ifindex: dev.ifindex,
    masterIfindex: bridge.ifindex,
    vlan: entry.vlan,
    self: false,
    master: true,
    state: entry.isLocal ? 'permanent' : entry.isStatic ? 'static' : 'reachable',
    extern: entry.extern,
    dst: undefined,
    offload: false,
    sticky: entry.sticky,
    used: Math.floor((now - entry.used) / SEC),
    updated: Math.floor((now - entry.updated) / SEC),
  };
}

/** The addresses that a device listens to beside its own, or what it knows of others by itself. `ndo_fdb_dump()` */
function selfEntries(dev: NetDevice): FdbInfo[] {
  if (dev instanceof Vxlan) return vxlanEntries(dev);
  if (dev.arphrd !== ARPHRD_ETHER) return [];
  const groups = mcList(dev).map(([addr]) => addr);
  return [...(dev.unicast?.keys() ?? []), ...groups].map((lladdr) => ({
    lladdr,
    ifindex: dev.ifindex,
    masterIfindex: undefined,
    vlan: 0,
    self: true,
    master: false,
    state: 'permanent',
    extern: false,
    dst: undefined,
    offload: false,
    sticky: false,
    used: 0,
    updated: 0,
  }));
}

/** One entry of a bridge. RTM_GETNEIGH @param ifindex the bridge or one of its ports @throws {@link KernelError} ENOENT, EOPNOTSUPP */
export function fdbGet(netns: Netns, ifindex: number, lladdr: MacAddr, vlan = 0): FdbInfo {
  const bridge = bridgeOf(etherDevice(netns, ifindex, 'get'));
  if (bridge === undefined)
    throw new KernelError('EOPNOTSUPP', 'Fdb get operation not supported by device');
  const entry = bridge.fdb.findMac(lladdr, vlan);
  if (entry === null) throw new KernelError('ENOENT', 'Fdb entry not found');
  return entryInfo(bridge, entry.dst?.dev ?? bridge, entry);
}

/** `add` is create and excl, `replace` create and replace, `append` create and append. RTM_NEWNEIGH, rtnl_fdb_add() */
export function fdbAdd(netns: Netns, request: FdbRequest, flags: NewFlags): void {
  const dev = etherDevice(netns, request.ifindex, 'add');
  const { self = false, master = false } = request;
  const { vlan } = request;
  if (vlan !== undefined && !(vlan >= 1 && vlan < 4095))
    throw new KernelError('EINVAL', 'invalid vlan id');
  const toMaster = (master || !self) && dev.master instanceof Bridge;
  if (toMaster) addToBridge(dev.master as Bridge, dev, request, flags);
  if (self && dev instanceof Bridge) addToBridge(dev, dev, request, flags);
  else if (self) addToDevice(dev, request, flags);
  else if (!toMaster) throw new KernelError('EOPNOTSUPP');
}

/** `br_fdb_add()` */
function addToBridge(bridge: Bridge, dev: NetDevice, request: FdbRequest, flags: NewFlags): void {
  const port = bridge.portOf(dev) ?? null;
  const { lladdr, state = 'permanent' } = request;
  if (lladdr === MAC_ZERO) throw new KernelError('EINVAL');
  if (port === null && (state !== 'permanent' || request.use === true))
    throw new KernelError('EINVAL', 'FDB entry towards bridge must be permanent');
  if (state === 'dynamic' && port?.state !== 'learning' && port?.state !== 'forwarding')
    throw new KernelError('EPERM');
  if (request.sticky === true && state === 'permanent' && request.extern !== true)
    throw new KernelError('EINVAL');
  if (request.use === true || request.extern === true) {
    learnByHand(bridge, port, request);
    return;
  }
  for (const vid of vlansOf(bridge, port, request.vlan))
    setEntry(findOrCreate(bridge, port, lladdr, vid, flags), port, request, bridge.clock.now);
}

/** As if a frame had been seen, or somebody else had seen it. `__br_fdb_add()`, NTF_USE and NTF_EXT_LEARNED */
function learnByHand(bridge: Bridge, port: BridgePort | null, request: FdbRequest): void {
  const { lladdr, extern = false } = request;
  const { now } = bridge.clock;
  for (const vid of vlansOf(bridge, port, request.vlan)) {
    const known = bridge.fdb.findMac(lladdr, vid);
    if (known?.isLocal === true) continue;
    const entry = known ?? bridge.fdb.add(lladdr, port, vid);
    entry.dst = port;
    entry.updated = now;
    entry.extern ||= extern;
    entry.byUser ||= !extern || known === null;
  }
}

/** The VLANs in which an entry is made or deleted: the one that is named, or all of the port and none. */
function vlansOf(bridge: Bridge, port: BridgePort | null, vlan: number | undefined): number[] {
  const group = bridge.vlanFilter?.of(port);
  if (vlan === undefined) return [0, ...(group?.vids ?? [])];
  if (group?.has(vlan) !== true) throw new KernelError('EINVAL');
  return [vlan];
}

function findOrCreate(
  bridge: Bridge,
  port: BridgePort | null,
  lladdr: MacAddr,
  vid: number,
  flags: NewFlags,
): FdbEntry {
  const known = bridge.fdb.findMac(lladdr, vid);
  if (known === null) {
    if (flags.create !== true) throw new KernelError('ENOENT');
    return bridge.fdb.add(lladdr, port, vid);
  }
  if (flags.excl === true) throw new KernelError('EEXIST');
  return known;
}

function setEntry(
  entry: FdbEntry,
  port: BridgePort | null,
  { state = 'permanent', sticky = false }: FdbRequest,
  now: number,
): void {
  const isLocal = state === 'permanent';
  const isStatic = state !== 'dynamic';
  const modified =
    entry.dst !== port ||
    entry.isLocal !== isLocal ||
    entry.isStatic !== isStatic ||
    entry.sticky !== sticky;
  entry.dst = port;
  entry.isLocal = isLocal;
  entry.isStatic = isStatic;
  entry.sticky = sticky;
  entry.byUser = true;
  entry.used = now;
  if (modified) entry.updated = now;
}

/** `ndo_dflt_fdb_add()` */
function addToDevice(dev: NetDevice, request: FdbRequest, flags: NewFlags): void {
  if (dev instanceof Vxlan) {
    vxlanFdbAdd(dev, request, flags);
    return;
  }
  const { lladdr, state = 'permanent' } = request;
  if (state !== 'permanent' || request.vlan !== undefined) throw new KernelError('EINVAL');
  const isGroup = isMulticastMac(lladdr);
  const users = isGroup ? usersOf(dev.multicast, lladdr) : (dev.unicast?.get(lladdr) ?? 0);
  const known = users > 0;
  if (known && flags.excl === true) throw new KernelError('EEXIST');
  if (known) return;
  if (isGroup) mcAdd(dev, lladdr);
  else ucAdd(dev, lladdr);
}

/** RTM_DELNEIGH, rtnl_fdb_del() @throws {@link KernelError} ENOENT, EOPNOTSUPP, EINVAL */
export function fdbDel(netns: Netns, request: FdbRequest): void {
  const dev = etherDevice(netns, request.ifindex, 'delete');
  const { self = false, master = false, lladdr } = request;
  const toMaster = (master || !self) && dev.master instanceof Bridge;
  if (toMaster) deleteFromBridge(dev.master as Bridge, dev, request);
  if (self && dev instanceof Bridge) deleteFromBridge(dev, dev, request);
  else if (self && dev instanceof Vxlan) vxlanFdbDel(dev, request);
  else if (self) deleteFromDevice(dev, lladdr);
  else if (!toMaster) throw new KernelError('EOPNOTSUPP');
}

function deleteFromBridge(bridge: Bridge, dev: NetDevice, request: FdbRequest): void {
  const port = bridge.portOf(dev) ?? null;
  let found = false;
  for (const vid of vlansOf(bridge, port, request.vlan)) {
    const entry = bridge.fdb.findMac(request.lladdr, vid);
    if (entry === null || entry.dst !== port) continue;
    bridge.fdb.delete(entry);
    found = true;
  }
  if (!found) throw new KernelError('ENOENT');
}

function deleteFromDevice(dev: NetDevice, lladdr: MacAddr): void {
  const gone = isMulticastMac(lladdr) ? mcDel(dev, lladdr) : ucDel(dev, lladdr);
  if (!gone) throw new KernelError('ENOENT');
}

/** Takes out all that matches, a bridge's own addresses included. `bridge fdb flush`, rtnl_fdb_del() with NLM_F_BULK */
export function fdbFlush(netns: Netns, request: FdbFlushRequest): void {
  const dev = etherDevice(netns, request.ifindex, 'delete');
  const bridge = bridgeOf(dev);
  if (bridge === undefined || (dev !== bridge && request.master !== true))
    throw new KernelError('EOPNOTSUPP');
  const portIndex = dev === bridge ? request.port : dev.ifindex;
  if (portIndex !== undefined && !bridge.portList.some((p) => p.dev.ifindex === portIndex))
    throw new KernelError('EINVAL', 'bridge: Flush device is not a bridge or bridge port');
  for (const entry of bridge.fdb.entries()) {
    if (portIndex !== undefined && entry.dst?.dev.ifindex !== portIndex) continue;
    if (request.vlan !== undefined && entry.vlan !== request.vlan) continue;
    if (matchesStates(entry, request) && matchesFlags(entry, request)) bridge.fdb.delete(entry);
  }
}

function matchesStates(entry: FdbEntry, request: FdbFlushRequest): boolean {
  const isPermanent = entry.isLocal;
  const isStatic = entry.isStatic && !entry.isLocal;
  return (
    (request.permanent ?? isPermanent) === isPermanent &&
    (request.static ?? isStatic) === isStatic &&
    (request.dynamic ?? !entry.isStatic) === !entry.isStatic
  );
}

function matchesFlags(entry: FdbEntry, request: FdbFlushRequest): boolean {
  const { addedByUser, extern, sticky, offloaded } = request;
  return (
    (addedByUser ?? entry.byUser) === entry.byUser &&
    (extern ?? entry.extern) === entry.extern &&
    (sticky ?? entry.sticky) === entry.sticky &&
    offloaded !== true
  );
}

function etherDevice(netns: Netns, ifindex: number, what: 'add' | 'delete' | 'get'): NetDevice {
  const dev = netns.devices.byIndex(ifindex);
  if (dev === undefined) throw new KernelError('ENODEV', 'unknown ifindex');
  if (dev.arphrd !== ARPHRD_ETHER && what !== 'get')
    throw new KernelError('EINVAL', `FDB ${what} only supported for Ethernet devices`);
  return dev;
}
