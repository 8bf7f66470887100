import { formatIpv4, formatMac, type Ipv6Addr, ipv4Mask, MAC_ZERO } from '@labwire/core/addr';
import type { Netns } from '@labwire/devices/netns';
import {
  addrDump,
  type LinkInfo,
  linkDump,
  neighDump,
  type RouteInfo,
  routeDump,
} from '@labwire/devices/rtnetlink';
import type { VirtualDir, VirtualFile } from '../fs/index.ts';
import { nfConntrack, statNfConntrack } from './conntrack.ts';
import { PROC_NET_BONDING } from './net-bonding.ts';
import { devMcast, igmp, igmp6 } from './net-groups.ts';
import { ipv6Route } from './net-route6.ts';
import { procRaw, procTcp, procUdp, sockstat6 } from './net-sockets.ts';
import { PROC_NET_UNIX } from './net-unix.ts';
import { PROC_NET_VLAN } from './net-vlan.ts';
import { fixedDir } from './process-dir.ts';
import { netstat, snmp } from './snmp.ts';
import { PROC_NET_XT_RECENT } from './xt-recent.ts';

const RT_TABLE_MAIN = 254;
/** RTF_UP, RTF_GATEWAY, RTF_HOST, RTF_REJECT. Linux include/uapi/linux/route.h */
const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;
const RTF_HOST = 0x4;
const RTF_REJECT = 0x200;

const of = (read: (netns: Netns) => string): VirtualFile => ({
  read: ({ netns }) => read(netns),
});

/** /proc/net. */
export const PROC_NET: VirtualDir = fixedDir({
  arp: of(arp),
  dev: of(dev),
  dev_mcast: of(devMcast),
  if_inet6: of(ifInet6),
  igmp: of(igmp),
  igmp6: of(igmp6),
  ipv6_route: of(ipv6Route),
  netstat: of(netstat),
  nf_conntrack: { ...of(nfConntrack), mode: 0o440 },
  raw: of(procRaw('inet')),
  raw6: of(procRaw('inet6')),
  route: of(route),
  snmp: of(snmp),
  sockstat6: of(sockstat6),
  tcp: of(procTcp('inet')),
  tcp6: of(procTcp('inet6')),
  udp: of(procUdp('inet')),
  udp6: of(procUdp('inet6')),
  unix: PROC_NET_UNIX,
  bonding: PROC_NET_BONDING,
  vlan: PROC_NET_VLAN,
  xt_recent: PROC_NET_XT_RECENT,
  stat: fixedDir({ nf_conntrack: { ...of(statNfConntrack), mode: 0o444 } }),
});

const DEV_HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

/** Linux net/core/net-procfs.c, dev_seq_printf_stats() */
function dev(netns: Netns): string {
  return DEV_HEAD + linkDump(netns).map(devLine).join('');
}

function devLine({ name, stats: s }: LinkInfo): string {
  const pad = (n: number, width: number) => String(n).padStart(width);
  const rx = `${pad(s.rxBytes, 7)} ${pad(s.rxPackets, 7)} ${pad(s.rxErrors, 4)} ${pad(s.rxDropped, 4)} ${pad(0, 4)} ${pad(0, 5)} ${pad(0, 10)} ${pad(s.multicast, 9)}`;
  const tx = `${pad(s.txBytes, 8)} ${pad(s.txPackets, 7)} ${pad(s.txErrors, 4)} ${pad(s.txDropped, 4)} ${pad(0, 4)} ${pad(s.collisions, 5)} ${pad(s.txCarrierErrors, 7)} ${pad(0, 10)}`;
  return `${name.padStart(6)}: ${rx} ${tx}\n`;
}

/** Linux net/ipv4/arp.c, arp_format_neigh_entry() */
function arp(netns: Netns): string {
  const links = new Map(linkDump(netns).map((l) => [l.ifindex, l.name]));
  const lines = neighDump(netns, 'inet')
    .filter((n) => n.state !== 'NOARP' && typeof n.dst === 'number')
    .map((n) => {
      const flags = n.proxy
        ? '0xc'
        : n.state === 'PERMANENT'
          ? '0x6'
          : n.lladdr === undefined || n.state === 'FAILED' || n.state === 'INCOMPLETE'
            ? '0x0'
            : '0x2';
      const address = formatIpv4(n.dst as Parameters<typeof formatIpv4>[0]).padEnd(16);
      return `${address} ${'0x1'.padEnd(12)}${flags.padEnd(12)}${formatMac(n.lladdr ?? MAC_ZERO)}     *        ${links.get(n.ifindex) ?? ''}\n`;
    });
  return `IP address       HW type     Flags       HW address            Mask     Device\n${lines.join('')}`;
}

/** Linux net/ipv4/fib_trie.c, fib_route_seq_show() */
function route(netns: Netns): string {
  const head =
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  const links = new Map(linkDump(netns).map((l) => [l.ifindex, l.name]));
  const lines = routeDump(netns, 'inet', RT_TABLE_MAIN)
    .filter((r) => r.type !== 'broadcast' && r.type !== 'multicast')
    .map((r) => routeLine(r, links));
  return [head, ...lines].map((l) => `${l.padEnd(127)}\n`).join('');
}

function routeLine(r: RouteInfo, links: ReadonlyMap<number, string>): string {
  const hop = r.nexthops[0];
  const via = typeof hop?.via === 'number' ? hop.via : 0;
  const flags =
    (r.type === 'unreachable' || r.type === 'prohibit' ? RTF_UP | RTF_REJECT : RTF_UP) |
    (via === 0 ? 0 : RTF_GATEWAY) |
    (r.dstLen === 32 ? RTF_HOST : 0);
  const fields = [
    (hop === undefined ? undefined : links.get(hop.ifindex)) ?? '*',
    hostOrder(r.dst as number),
    hostOrder(via),
    flags.toString(16).toUpperCase().padStart(4, '0'),
    '0',
    '0',
    String(r.priority),
    hostOrder(ipv4Mask(r.dstLen)),
    String(r.metrics.advmss === undefined ? 0 : r.metrics.advmss + 40),
    String(r.metrics.window ?? 0),
    String((r.metrics.rtt ?? 0) >> 3),
  ];
  return fields.join('\t');
}

/** An address as a little-endian machine prints its four bytes. */
function hostOrder(addr: number): string {
  const bytes = [addr & 255, (addr >>> 8) & 255, (addr >>> 16) & 255, addr >>> 24];
  return bytes.map((b) => b.toString(16).toUpperCase().padStart(2, '0')).join('');
}

/** Linux net/ipv6/addrconf.c, if6_seq_show() */
function ifInet6(netns: Netns): string {
  const links = new Map(linkDump(netns).map((l) => [l.ifindex, l.name]));
  const hex = (n: number) => n.toString(16).padStart(2, '0');
  return addrDump(netns, 'inet6')
    .map((a) => {
      const scope = a.scope === 254 ? 0x10 : a.scope === 253 ? 0x20 : 0;
      const bytes = wordsOf(a.local as Ipv6Addr);
      return `${bytes} ${hex(a.ifindex)} ${hex(a.prefixLen)} ${hex(scope)} ${hex(a.flags & 255)} ${(links.get(a.ifindex) ?? '').padStart(8)}\n`;
    })
    .join('');
}

/** An address as 32 hexadecimal digits. */
function wordsOf({ w0, w1, w2, w3 }: Ipv6Addr): string {
  return [w0, w1, w2, w3].map((w) => (w >>> 0).toString(16).padStart(8, '0')).join('');
}
