import type { MacAddr } from '@labwire/core/addr';
import {
  IFF_NO_PI,
  IFF_TAP,
  IFF_TUN,
  IFF_UP,
  Macvtap,
  type TapQueue,
  TunFile,
} from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import { linkAdd, linkSet } from '@labwire/devices/rtnetlink';

/** The MAC of the device that frames are made out for; a bridge, a bond and a VLAN take it from below. */
export const MAC = 0x02_00_00_00_00_11 as MacAddr;
/** The MAC of a device that another shares. */
export const LOWER_MAC = 0x02_00_00_00_00_22 as MacAddr;
const ROOT = { uid: 0, gid: 0 };

/** A device under test and how frames come in at it from below. */
export interface Bench {
  /** The device frames go out of. */
  readonly top: string;
  /** Names of the far ends of cables into it. */
  readonly far: readonly string[];
  /** The program behind a tun or tap device, or on a macvtap. */
  readonly file?: TapQueue;
  /** Whether what the program writes has no Ethernet header. */
  readonly bare?: boolean;
}

/** A kind of device by name: how it is made in a namespace. */
export const KINDS = new Map<string, (netns: Netns) => Bench>([
  ['lo', () => ({ top: 'lo', far: [] })],
  ['dummy', (netns) => alone(netns, 'dummy')],
  ['veth', (netns) => one(netns)],
  ['tap', (netns) => held(netns, IFF_TAP | IFF_NO_PI)],
  ['tun', (netns) => held(netns, IFF_TUN | IFF_NO_PI)],
  ['bridge', (netns) => over(netns, 'bridge', {})],
  ['bridge with STP', (netns) => over(netns, 'bridge', { stp_state: 1, forward_delay: 200 })],
  ['bridge with VLANs', (netns) => over(netns, 'bridge', { vlan_filtering: 1 })],
  ['bridge that queries', (netns) => over(netns, 'bridge', { mcast_querier: 1 })],
  ['vrf', (netns) => over(netns, 'vrf', { table: 10 })],
  ['ifb', (netns) => alone(netns, 'ifb')],
  ...[0, 1, 2, 3].map((mode) => bond(mode)),
  ...[1, 2, 4, 8, 16].map((mode) => below('macvlan', { mode })),
  ...[1, 2, 4, 8].map((mode) => below('macvtap', { mode })),
  ...[0, 1].map((mode) => below('ipvlan', { mode })),
  below('vlan', { id: 5 }),
  below('vlan', { id: 5, protocol: 0x88a8 }),
  below('vxlan', { id: 7, port: 4789, learning: 1 }),
]);

function bond(mode: number): [string, (netns: Netns) => Bench] {
  return [`bond of mode ${mode}`, (netns) => over(netns, 'bond', { mode, miimon: 100 })];
}

function below(kind: string, data: Record<string, unknown>): [string, (netns: Netns) => Bench] {
  return [`${kind} ${JSON.stringify(data)}`, (netns) => under(netns, kind, data)];
}

function up(netns: Netns, name: string): number {
  const ifindex = netns.devices.byName(name)?.ifindex ?? 0;
  linkSet(netns, ifindex, { setFlags: IFF_UP });
  return ifindex;
}

/** A cable; its far end is in the same machine's first namespace and knows no addresses. */
function cable(netns: Netns, name: string, addr: MacAddr = MAC): number {
  const far = netns.kernel.initNetns;
  const peer = { name: `${name}p`, netns: far };
  linkAdd(netns, { kind: 'veth', name, addr, peer });
  up(far, `${name}p`);
  return up(netns, name);
}

function alone(netns: Netns, kind: string): Bench {
  linkAdd(netns, { kind, name: 'top', addr: MAC });
  up(netns, 'top');
  return { top: 'top', far: [] };
}

function one(netns: Netns): Bench {
  cable(netns, 'top');
  return { top: 'top', far: ['topp'] };
}

/** A device on top of two cables. */
function over(netns: Netns, kind: string, infoData: Record<string, unknown>): Bench {
  const top = linkAdd(netns, { kind, name: 'top', addr: MAC, infoData });
  for (const name of ['a', 'b']) {
    const lower = cable(netns, name);
    linkSet(netns, lower, { clearFlags: IFF_UP });
    linkSet(netns, lower, { master: top });
    up(netns, name);
  }
  up(netns, 'top');
  return { top: 'top', far: ['ap', 'bp'] };
}

/** A device that shares a cable's end. */
function under(netns: Netns, kind: string, infoData: Record<string, unknown>): Bench {
  const link = cable(netns, 'a', LOWER_MAC);
  linkAdd(netns, { kind, name: 'top', addr: MAC, link, infoData });
  up(netns, 'top');
  const dev = netns.devices.byName('top');
  return { top: 'top', far: ['ap'], ...(dev instanceof Macvtap && { file: dev.openFile() }) };
}

function held(netns: Netns, flags: number): Bench {
  const file = new TunFile(netns);
  file.setIff('top', flags, ROOT);
  up(netns, 'top');
  return { top: 'top', far: [], file, bare: (flags & IFF_TUN) !== 0 };
}
