import { BOND, BOND_SLAVE } from './bond.ts';
import { BRIDGE } from './bridge.ts';
import { BRIDGE_SLAVE } from './bridge-slave.ts';
import { IPVLAN, IPVTAP } from './ipvlan.ts';
import type { LinkKind } from './kind.ts';
import { MACVLAN, MACVTAP } from './macvlan.ts';
import { TUN } from './tun.ts';
import { ERSPAN, GRE, GRETAP, IPIP, SIT } from './tunnel.ts';
import { VLAN } from './vlan.ts';
import { VRF, VRF_SLAVE } from './vrf.ts';
import { VXLAN } from './vxlan.ts';

export { PORT_STATES } from './bridge-slave.ts';
export { etherProtocolName, parseEtherProtocol } from './ether-protocol.ts';
export { formatBridgeId, type Info, type InfoRequest, type InfoRow, printInfo } from './info.ts';
export type { LinkKind } from './kind.ts';
export { GRE_WORDS, TUNNEL_WORDS } from './tunnel.ts';

/** Kinds of devices by the name that `type` takes. Any other name is handed to the kernel with no options. */
export const LINK_KINDS: ReadonlyMap<string, LinkKind> = new Map([
  ['bond', BOND],
  ['bond_slave', BOND_SLAVE],
  ['bridge', BRIDGE],
  ['bridge_slave', BRIDGE_SLAVE],
  ['dummy', { usage: 'Usage: ... dummy\n' }],
  ['erspan', ERSPAN],
  ['gre', GRE],
  ['gretap', GRETAP],
  ['ifb', { usage: 'Usage: ... ifb\n' }],
  ['ipip', IPIP],
  ['ipvlan', IPVLAN],
  ['ipvtap', IPVTAP],
  ['macvlan', MACVLAN],
  ['macvtap', MACVTAP],
  ['sit', SIT],
  ['tun', TUN],
  ['vlan', VLAN],
  ['vrf', VRF],
  ['vrf_slave', VRF_SLAVE],
  ['vxlan', VXLAN],
]);
