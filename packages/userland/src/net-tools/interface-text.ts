import { formatIpv4, formatMac, type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import type { Netns } from '@labwire/devices/netns';
import { addrDump, type LinkInfo } from '@labwire/devices/rtnetlink';
import { formatInet } from '../libc-net/index.ts';
import { broadcastOf, type Interface } from './interface.ts';

/** The words for IFF_* bits, in their order. */
const FLAGS: readonly (readonly [bit: number, word: string])[] = [
  [0x1, 'UP'],
  [0x2, 'BROADCAST'],
  [0x4, 'DEBUG'],
  [0x8, 'LOOPBACK'],
  [0x10, 'POINTOPOINT'],
  [0x20, 'NOTRAILERS'],
  [0x40, 'RUNNING'],
  [0x80, 'NOARP'],
  [0x100, 'PROMISC'],
  [0x200, 'ALLMULTI'],
  [0x800, 'SLAVE'],
  [0x400, 'MASTER'],
  [0x1000, 'MULTICAST'],
  [0x8000, 'DYNAMIC'],
];

/** The letters for the same bits, in their order. */
const LETTERS: readonly (readonly [bit: number, letter: string])[] = [
  [0x200, 'A'],
  [0x2, 'B'],
  [0x4, 'D'],
  [0x8, 'L'],
  [0x1000, 'M'],
  [0x8000, 'd'],
  [0x100, 'P'],
  [0x20, 'N'],
  [0x80, 'O'],
  [0x10, 'p'],
  [0x800, 's'],
  [0x400, 'm'],
  [0x40, 'R'],
  [0x1, 'U'],
];

const IFF_BROADCAST = 0x2;
const IFF_POINTOPOINT = 0x10;
/** ifr_flags has 16 bits. */
const SHORT = 0xffff;

const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

/** Scopes of IPv6 addresses: from `ip`'s to /proc/net/if_inet6's. */
const SCOPES: ReadonlyMap<number, readonly [id: number, name: string]> = new Map([
  [0, [0x0, 'global']],
  [253, [0x20, 'link']],
  [200, [0x40, 'site']],
  [254, [0x10, 'host']],
]);

const UNITS: readonly (readonly [bytes: number, name: string])[] = [
  [2 ** 60, 'EiB'],
  [2 ** 50, 'PiB'],
  [2 ** 40, 'TiB'],
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
];

/** `1536 (1.5 KiB)`: more than one of a unit, tenths cut off. net-tools lib/interface.c, ife_unit() */
function bytesText(bytes: number): string {
  const [size, name] = UNITS.find(([unit]) => bytes > unit) ?? [1, 'B'];
  const tenths = Math.floor((bytes * 10) / size);
  return `${bytes} (${Math.floor(tenths / 10)}.${tenths % 10} ${name})`;
}

/** A device as `ifconfig` shows it. net-tools lib/interface.c, ife_print_long() */
export function longText(netns: Netns, iface: Interface): string {
  const flags = iface.link.flags & SHORT;
  const words = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
  const lines = [
    `${iface.name}: flags=${flags}<${words.join(',')}>  mtu ${iface.link.mtu}`,
    ...inetLine(iface, flags),
    ...inet6Lines(netns, iface),
    hardwareLine(iface.link),
    ...(iface.isAlias ? [] : statisticsLines(iface.link)),
  ];
  return `${lines.join('\n        ')}\n\n`;
}

function inetLine(iface: Interface, flags: number): string[] {
  const { addr } = iface;
  if (addr === undefined) return [];
  let text = `inet ${formatInet(addr.local)}  netmask ${formatIpv4(ipv4Mask(addr.prefixLen))}`;
  if ((flags & IFF_BROADCAST) !== 0) text += `  broadcast ${formatIpv4(broadcastOf(iface))}`;
  if ((flags & IFF_POINTOPOINT) !== 0)
    text += `  destination ${formatIpv4(addr.address as Ipv4Addr)}`;
  return [text];
}

function inet6Lines(netns: Netns, iface: Interface): string[] {
  if (iface.isAlias) return [];
  return addrDump(netns, 'inet6')
    .filter((a) => a.ifindex === iface.link.ifindex)
    .map((a) => {
      const [id, name] = SCOPES.get(a.scope) ?? [0, 'global'];
      const head = `inet6 ${formatInet(a.local)}  prefixlen ${a.prefixLen}`;
      return `${head}  scopeid 0x${id.toString(16)}<${name}>`;
    });
}

function hardwareLine(link: LinkInfo): string {
  const queue = `txqueuelen ${link.txQueueLen}`;
  if (link.arphrd === ARPHRD_ETHER) return `ether ${formatMac(link.addr)}  ${queue}  (Ethernet)`;
  if (link.arphrd === ARPHRD_LOOPBACK) return `loop  ${queue}  (Local Loopback)`;
  return `unspec ${Array(16).fill('00').join('-')}  ${queue}  (UNSPEC)`;
}

function statisticsLines({ stats: s }: LinkInfo): string[] {
  return [
    `RX packets ${s.rxPackets}  bytes ${bytesText(s.rxBytes)}`,
    `RX errors ${s.rxErrors}  dropped ${s.rxDropped}  overruns 0  frame 0`,
    `TX packets ${s.txPackets}  bytes ${bytesText(s.txBytes)}`,
    `TX errors ${s.txErrors}  dropped ${s.txDropped} overruns 0  carrier ${s.txCarrierErrors}  collisions ${s.collisions}`,
  ];
}

/** A device as a line of a table. net-tools lib/interface.c, ife_print_short() */
export function shortText({ name, link, isAlias }: Interface): string {
  const flags = link.flags & SHORT;
  const letters = LETTERS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter);
  const { stats: s } = link;
  const rx = [String(s.rxPackets).padStart(8), ...[s.rxErrors, s.rxDropped].map(six), '0     '];
  const tx = [String(s.txPackets).padStart(8), ...[s.txErrors, s.txDropped, 0].map(six)];
  const counters = isAlias
    ? '     - no statistics available -'.padEnd(56)
    : `${[...rx, ...tx].join(' ')} `;
  const shown = flags === 0 ? '[NO FLAGS]' : letters.join('');
  return `${name.slice(0, 15).padEnd(15)} ${String(link.mtu).padStart(5)} ${counters}${shown}\n`;
}

function six(n: number): string {
  return String(n).padStart(6);
}
