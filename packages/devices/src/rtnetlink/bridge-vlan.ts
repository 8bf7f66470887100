import { KernelError } from '@labwire/core/error';
import {
  Bridge,
  type BridgePort,
  type PortState,
  type VlanEntry,
  type VlanStats,
} from '../bridge/index.ts';
import type { Netns } from '../netns/netns.ts';

/** The last number of a VLAN, 4094, and one more. VLAN_VID_MASK */
const VID_END = 4095;

/** VLANs to be added or taken out, first to last. */
export interface BridgeVlanRequest {
  /** A port, or with `self` a bridge. */
  readonly ifindex: number;
  readonly first: number;
  readonly last: number;
  readonly pvid: boolean;
  readonly untagged: boolean;
  readonly self: boolean;
  readonly master: boolean;
}

/** The VLANs of a bridge or of one of its ports. */
export interface BridgeVlanInfo {
  readonly ifindex: number;
  readonly vlans: readonly {
    readonly vid: number;
    readonly pvid: boolean;
    readonly untagged: boolean;
    readonly state: PortState;
    readonly stats: Readonly<VlanStats>;
  }[];
}

/** RTM_SETLINK of family AF_BRIDGE with IFLA_BRIDGE_VLAN_INFO. @throws {@link KernelError} EOPNOTSUPP, EINVAL */
export function bridgeVlanAdd(netns: Netns, request: BridgeVlanRequest): void {
  for (const { bridge, port } of targets(netns, request))
    for (let vid = request.first; vid <= request.last; vid++)
      bridge.vlanAware().set(port, vid, request.pvid, request.untagged);
}

/** RTM_DELLINK of family AF_BRIDGE. @throws {@link KernelError} EOPNOTSUPP, EINVAL */
export function bridgeVlanDel(netns: Netns, request: BridgeVlanRequest): void {
  for (const { bridge, port } of targets(netns, request))
    for (let vid = request.first; vid <= request.last; vid++) bridge.vlanAware().delete(port, vid);
}

/** RTM_GETLINK of family AF_BRIDGE with RTEXT_FILTER_BRVLAN: what bridges that know of VLANs have. */
export function bridgeVlanDump(netns: Netns): BridgeVlanInfo[] {
  return netns.devices.list().flatMap((dev) => {
    const bridge = dev instanceof Bridge ? dev : dev.master;
    if (!(bridge instanceof Bridge) || bridge.vlanFilter === null) return [];
    const group = bridge.vlanFilter.of(bridge.portOf(dev) ?? null);
    const vlans = group.vids.map((vid) => ({
      vid,
      pvid: group.pvid === vid,
      ...(group.get(vid) as VlanEntry),
    }));
    return [{ ifindex: dev.ifindex, vlans }];
  });
}

/** VLANs of a port, or with `self` of a bridge, whose state is to change. */
export interface BridgeVlanSetRequest {
  readonly ifindex: number;
  readonly first: number;
  readonly last: number;
  readonly state: PortState;
}

/** RTM_NEWVLAN, br_vlan_rtm_process_one() @throws {@link KernelError} ENODEV, EINVAL, ENOENT */
export function bridgeVlanSet(netns: Netns, request: BridgeVlanSetRequest): void {
  const { ifindex, first, last, state } = request;
  const dev = netns.devices.byIndex(ifindex);
  if (dev === undefined) throw new KernelError('ENODEV');
  const bridge = dev instanceof Bridge ? dev : dev.master;
  if (!(bridge instanceof Bridge))
    throw new KernelError('EINVAL', 'bridge: The device is not a valid bridge or bridge port');
  const group = bridge.vlanAware().of(bridge.portOf(dev) ?? null);
  if (!group.has(first))
    throw new KernelError(
      'ENOENT',
      "bridge: Vlan range start doesn't exist, can't process options",
    );
  if (!group.has(last))
    throw new KernelError('ENOENT', "bridge: Vlan range end doesn't exist, can't process options");
  for (let vid = first; vid <= last; vid++) {
    const vlan = group.get(vid);
    if (vlan !== undefined) vlan.state = state;
  }
}

interface Target {
  readonly bridge: Bridge;
  readonly port: BridgePort | null;
}

/** Whose VLANs are meant. `rtnl_bridge_setlink()` */
function targets(netns: Netns, request: BridgeVlanRequest): Target[] {
  const { ifindex, self, master, first, last } = request;
  const dev = netns.devices.byIndex(ifindex);
  if (dev === undefined) throw new KernelError('ENODEV');
  const found: Target[] = [];
  if (master || !self) {
    const bridge = dev.master;
    if (!(bridge instanceof Bridge)) throw new KernelError('EOPNOTSUPP');
    found.push({ bridge, port: bridge.portOf(dev) ?? null });
  }
  if (self) {
    if (!(dev instanceof Bridge)) throw new KernelError('EOPNOTSUPP');
    found.push({ bridge: dev, port: null });
  }
  if (first < 1 || last >= VID_END) throw new KernelError('EINVAL', 'bridge: Vlan id is invalid');
  return found;
}
