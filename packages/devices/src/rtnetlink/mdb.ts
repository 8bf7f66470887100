import {
  IPV6_ALL_NODES,
  isMulticast4,
  isMulticast6,
  isMulticastMac,
  sameIpv6,
} from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { Nanos } from '@labwire/core/sim';
import {
  Bridge,
  type BridgePort,
  type GroupAddr,
  type GroupKey,
  groupAddr,
  groupKey,
  groupSource,
  insertPort,
  type MdbEntry,
  type PortGroup,
  ROUTER_DISABLED,
  removePort,
} from '../bridge/index.ts';
import type { Netns } from '../netns/netns.ts';
import type { InetAddr } from './types.ts';

/** A group of a bridge and one who wants it: a port, or the bridge itself. Linux `struct br_mdb_entry`. */
export interface MdbInfo {
  readonly port: number;
  readonly group: GroupAddr;
  readonly source: InetAddr | undefined;
  readonly vid: number;
  readonly permanent: boolean;
  /** Who added it; undefined for the bridge itself. */
  readonly protocol: 'kernel' | 'static' | undefined;
  /** Of the addresses of IP that bridges look at by source: whose traffic is wanted. */
  readonly filterMode: 'include' | 'exclude' | undefined;
  /** Time until it is forgotten, Nanos; 0: never. */
  readonly timer: Nanos;
}

/** A port behind which there is a multicast router. */
export interface RouterPortInfo {
  readonly port: number;
  /** ROUTER_*: MDBA_ROUTER_PATTR_TYPE */
  readonly type: number;
  readonly timer: Nanos;
}

/** The multicast database of one bridge. */
export interface BridgeMdbInfo {
  readonly ifindex: number;
  readonly entries: readonly MdbInfo[];
  readonly routers: readonly RouterPortInfo[];
}

/** An entry to be made or taken out. */
export interface MdbRequest {
  /** The bridge. */
  readonly ifindex: number;
  /** One of its ports, or itself. */
  readonly port: number;
  readonly group: GroupAddr;
  readonly source?: InetAddr;
  readonly vid: number;
  readonly permanent: boolean;
}

/** What bridges that snoop know. RTM_GETMDB, br_mdb_dump() */
export function mdbDump(netns: Netns): BridgeMdbInfo[] {
  return netns.devices
    .list()
    .filter((dev): dev is Bridge => dev instanceof Bridge && dev.mcast.snooping)
    .map((bridge) => ({
      ifindex: bridge.ifindex,
      entries: bridge.mcast.mdb
        .entries(bridge.clock.now)
        .flatMap((entry) => entryInfos(bridge, entry)),
      routers: routerInfos(bridge),
    }));
}

function entryInfos(bridge: Bridge, entry: MdbEntry): MdbInfo[] {
  const { now } = bridge.clock;
  const { key } = entry;
  const about = { group: groupAddr(key), source: groupSource(key), vid: key.vid };
  const infos: MdbInfo[] = entry.ports
    .filter((p) => p.expires > now)
    .map((p) => ({ ...about, ...portInfo(bridge, key, p, now) }));
  if (!entry.hostJoined(now)) return infos;
  const timer = entry.hostExpires === Number.POSITIVE_INFINITY ? 0 : entry.hostExpires - now;
  const own = { port: bridge.ifindex, permanent: false, protocol: undefined, timer } as const;
  return [{ ...about, ...own, filterMode: undefined }, ...infos];
}

function portInfo(bridge: Bridge, key: GroupKey, group: PortGroup, now: Nanos) {
  const { port, permanent, protocol, filterMode, expires } = group;
  const { igmpVersion, mldVersion } = bridge.mcast;
  const bySource = key.proto !== 0 && (key.proto === 0x800 ? igmpVersion === 3 : mldVersion === 2);
  return {
    port: port.dev.ifindex,
    permanent,
    protocol,
    filterMode: bySource ? filterMode : undefined,
    timer: permanent ? 0 : expires - now,
  };
}

/** `br_rports_fill_info()` */
function routerInfos({ portList, clock }: Bridge): RouterPortInfo[] {
  const { now } = clock;
  return portList
    .filter(({ mcast }) => mcast.isRouter(false, now) || mcast.isRouter(true, now))
    .map(({ dev, mcast }) => ({
      port: dev.ifindex,
      type: mcast.router,
      timer: mcast.routerTimeLeft(now),
    }))
    .filter(({ type }) => type !== ROUTER_DISABLED);
}

/** Adds an entry. RTM_NEWMDB, br_mdb_add() @throws {@link KernelError} ENODEV, EOPNOTSUPP, EINVAL, EEXIST, E2BIG */
export function mdbAdd(netns: Netns, request: MdbRequest): void {
  const { bridge, port } = parse(netns, request);
  if (port?.state === 'disabled' && !request.permanent)
    fail('Port is in disabled state and entry is not permanent');
  for (const vid of vlansOf(bridge, port, request)) addOne(bridge, port, request, vid);
}

/** Takes an entry out. RTM_DELMDB, br_mdb_del() @throws {@link KernelError} as {@link mdbAdd} */
export function mdbDel(netns: Netns, request: MdbRequest): void {
  const { bridge, port } = parse(netns, request);
  for (const vid of vlansOf(bridge, port, request)) {
    const entry = bridge.mcast.mdb.get(keyOf(request, vid));
    if (entry === null) throw new KernelError('EINVAL');
    deleteOne(bridge, entry, port);
  }
}

function fail(text: string): never {
  throw new KernelError('EINVAL', `bridge: ${text}`);
}

function keyOf({ group, source }: MdbRequest, vid: number): GroupKey {
  const key = groupKey(group, vid);
  if (source === undefined) return key;
  if (typeof source === 'number') return key.setSource(source | 0, 0, 0, 0);
  return key.setSource(source.w0 | 0, source.w1 | 0, source.w2 | 0, source.w3 | 0);
}

/** `br_mdb_parse()`, `is_valid_mdb_entry()` */
function parse(
  netns: Netns,
  request: MdbRequest,
): { readonly bridge: Bridge; readonly port: BridgePort | null } {
  const bridge = netns.devices.byIndex(request.ifindex);
  if (!(bridge instanceof Bridge))
    throw new KernelError('EOPNOTSUPP', 'bridge: Device is not a bridge');
  checkGroup(request);
  if (!bridge.isUp) fail('Bridge device is not running');
  if (!bridge.mcast.snooping) fail("Bridge's multicast processing is disabled");
  if (request.port === bridge.ifindex) return { bridge, port: null };
  const dev = netns.devices.byIndex(request.port);
  if (dev === undefined) throw new KernelError('ENODEV', "bridge: Port net device doesn't exist");
  if (!(dev.master instanceof Bridge)) fail('Net device is not a bridge port');
  const port = bridge.portOf(dev);
  if (port === undefined) fail('Port belongs to a different bridge device');
  return { bridge, port };
}

function checkGroup({ group, source, vid }: MdbRequest): void {
  if (typeof group === 'number') {
    if (!isMulticast4(group)) fail('IPv4 entry group address is not multicast');
    if (group >>> 8 === 0xe00000) fail('IPv4 entry group address is local multicast');
    if (source !== undefined && typeof source !== 'number')
      fail('IPv4 invalid source address length');
  } else if ('mac' in group) {
    if (!isMulticastMac(group.mac)) fail('L2 entry group is not multicast');
    if (source !== undefined) fail('Source cannot be set for L2 entry');
  } else {
    if (!isMulticast6(group)) fail('IPv6 entry group address is not multicast');
    if (sameIpv6(group, IPV6_ALL_NODES)) fail('IPv6 entry group address is link-local all nodes');
    if (typeof source === 'number') fail('IPv6 invalid source address length');
  }
  if (vid >= 4095) fail('Invalid entry VLAN id');
}

/** Without a VLAN, those of the port, on a bridge that filters. */
function vlansOf(bridge: Bridge, port: BridgePort | null, { vid }: MdbRequest): number[] {
  if (!bridge.filtersVlans || vid !== 0) return [vid];
  return bridge.vlanAware().of(port).vids;
}

/** `br_mdb_add_group()` */
function addOne(bridge: Bridge, port: BridgePort | null, request: MdbRequest, vid: number): void {
  const { permanent } = request;
  const isLink = typeof request.group === 'object' && 'mac' in request.group;
  const key = keyOf(request, vid);
  if (port === null && !isLink) {
    if (permanent) fail('Flags are not allowed for host groups');
    if (key.hasSource) fail('Groups with sources cannot be manually host joined');
  }
  if (isLink && !permanent) fail('Only permanent L2 entries allowed');
  const { mcast, clock } = bridge;
  const { now } = clock;
  const entry = mcast.entryOf(key);
  if (entry === null) throw new KernelError('E2BIG', 'bridge: New group allocation failed');
  if (port === null) {
    if (entry.hostJoined(now))
      throw new KernelError('EEXIST', 'bridge: Group is already joined by host');
    entry.hostExpires = isLink ? Number.POSITIVE_INFINITY : now + mcast.membershipInterval;
    return;
  }
  if (entry.ports.some((p) => p.port === port && p.expires > now))
    throw new KernelError('EEXIST', 'bridge: Group is already joined by port');
  entry.ports = entry.ports.filter((p) => p.port !== port);
  insertPort(entry, {
    port,
    addr: 0 as PortGroup['addr'],
    permanent,
    protocol: 'static',
    filterMode: key.hasSource ? 'include' : 'exclude',
    expires: permanent ? Number.POSITIVE_INFINITY : now + mcast.membershipInterval,
  });
}

/** `__br_mdb_del()` */
function deleteOne(bridge: Bridge, entry: MdbEntry, port: BridgePort | null): void {
  const { now } = bridge.clock;
  if (port === null) {
    if (!entry.hostJoined(now)) throw new KernelError('EINVAL');
    entry.hostExpires = -1;
  } else {
    const group = entry.ports.find((p) => p.port === port && p.expires > now);
    if (group === undefined || (port.state === 'disabled' && !group.permanent))
      throw new KernelError('EINVAL');
    removePort(entry, group);
  }
  bridge.mcast.mdb.purge(now);
}
