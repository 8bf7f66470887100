import type { Netns } from '@labwire/devices/netns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, SockInfo, SockState } from '@labwire/devices/sock';

/** TCP_*. Linux include/net/tcp_states.h */
const STATES: Readonly<Record<SockState, number>> = {
  ESTAB: 1,
  'SYN-SENT': 2,
  'SYN-RECV': 3,
  'FIN-WAIT-1': 4,
  'FIN-WAIT-2': 5,
  'TIME-WAIT': 6,
  UNCONN: 7,
  'CLOSE-WAIT': 8,
  'LAST-ACK': 9,
  LISTEN: 10,
  CLOSING: 11,
};
/** What the column `tr` has for a timer. Linux net/ipv4/tcp_ipv4.c, get_tcp4_sock() */
const TIMERS: Readonly<Record<string, number>> = { on: 1, keepalive: 2, timewait: 3, persist: 4 };
/** Milliseconds of a tick, as programs count time. USER_HZ */
const TICK_MS = 10;

const HEAD4 =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const HEAD6 = HEAD4.replace('local_address', 'local_address'.padEnd(37)).replace(
  'rem_address  ',
  'remote_address'.padEnd(37),
);
const MORE = ' ref pointer drops';
/** Widths of the lines of IPv4, which are filled up. */
const TCP_WIDTH = 149;
const UDP_WIDTH = 127;

const hex = (n: number, digits: number): string =>
  (n >>> 0).toString(16).toUpperCase().padStart(digits, '0');

/** A word as a little-endian machine prints it. */
function swapped(w: number): string {
  return hex(((w & 255) << 24) | ((w & 0xff00) << 8) | ((w >>> 8) & 0xff00) | (w >>> 24), 8);
}

function addrHex(addr: InetAddr): string {
  return typeof addr === 'number'
    ? swapped(addr)
    : [addr.w0, addr.w1, addr.w2, addr.w3].map(swapped).join('');
}

const endHex = ({ addr, port }: SockAddr): string => `${addrHex(addr)}:${hex(port, 4)}`;

/** What stands for the kernel's pointer: the same for the same socket. */
const pointer = (s: SockInfo): string => hex(Math.imul(s.ino, 0x9e3779b1), 16).toLowerCase();

/** The columns that all sockets have, up to the inode. */
function common(slot: string, s: SockInfo, state: number): string {
  const { timer } = s;
  const queues = s.state === 'LISTEN' ? [0, s.recvQ] : [s.sendQ, s.recvQ];
  const when = timer === undefined ? 0 : Math.round(timer.ms / TICK_MS);
  const fields = [
    `${slot}: ${endHex(s.local)} ${endHex(s.remote)} ${hex(state, 2)}`,
    queues.map((n) => hex(n, 8)).join(':'),
    `${hex(timer === undefined ? 0 : (TIMERS[timer.kind] ?? 0), 2)}:${hex(when, 8)}`,
    hex(timer?.retrans ?? 0, 8),
    String(s.uid).padStart(5),
    '0'.padStart(8),
    s.ino,
  ];
  return fields.join(' ');
}

/** What a connection that is not about to go tells of its timers and its window. */
function tcpMore({ state, tcpInfo }: SockInfo): string {
  if (state === 'LISTEN') return ' 100 0 0 10 0';
  const number = (name: string): number => Number(tcpInfo?.[name] ?? 0);
  const ticks = (name: string): number => Math.round(number(name) / TICK_MS);
  return ` ${ticks('rto')} ${ticks('ato')} 0 ${number('cwnd')} ${number('ssthresh') || -1}`;
}

function tcpLine(s: SockInfo, slot: number): string {
  const head = common(String(slot).padStart(4), s, STATES[s.state]);
  if (s.state === 'TIME-WAIT') return `${head} 3 ${pointer(s)}`;
  if (s.state === 'SYN-RECV') return `${head} 0 ${pointer(s)}`;
  return `${head} ${s.state === 'LISTEN' ? 1 : 2} ${pointer(s)}${tcpMore(s)}`;
}

function datagramLine(s: SockInfo, slot: string): string {
  return `${common(slot, s, STATES[s.state])} 2 ${pointer(s)} 0`;
}

function table(head: string, lines: readonly string[], width: number): string {
  return [head, ...lines].map((l) => `${l.padEnd(width)}\n`).join('');
}

type Family = SockInfo['family'];

const ofFamily = (socks: readonly SockInfo[], family: Family, netid: SockInfo['netid']) =>
  socks.filter((s) => s.family === family && s.netid === netid);

/** /proc/net/tcp and tcp6. Linux net/ipv4/tcp_ipv4.c, tcp4_seq_show() */
export const procTcp =
  (family: Family) =>
  (netns: Netns): string => {
    const socks = ofFamily(netns.tcp.dump(), family, 'tcp');
    const is4 = family === 'inet';
    return table(is4 ? HEAD4 : HEAD6, socks.map(tcpLine), is4 ? TCP_WIDTH : 0);
  };

/** /proc/net/udp and udp6. Linux net/ipv4/udp.c, udp4_seq_show() */
export const procUdp =
  (family: Family) =>
  (netns: Netns): string => {
    const socks = ofFamily(netns.udp.dump(), family, 'udp');
    const is4 = family === 'inet';
    const lines = socks.map((s) => datagramLine(s, String(s.local.port).padStart(5)));
    return table(is4 ? ` ${HEAD4}${MORE}` : HEAD6 + MORE, lines, is4 ? UDP_WIDTH : 0);
  };

/** /proc/net/raw and raw6. Linux net/ipv4/raw.c, raw_seq_show() */
export const procRaw =
  (family: Family) =>
  (netns: Netns): string => {
    const all = family === 'inet' ? netns.ipv4.raw?.dump() : netns.ipv6.raw?.dump();
    const lines = ofFamily(all ?? [], family, 'raw').map((s) =>
      datagramLine(s, String(s.local.port).padStart(4)),
    );
    return table((family === 'inet' ? HEAD4 : HEAD6) + MORE, lines, 0);
  };

/** How many sockets a namespace has of each kind: `/proc/net/sockstat6`. Linux net/ipv6/proc.c, sockstat6_seq_show() */
export function sockstat6(netns: Netns): string {
  const tcp = ofFamily(netns.tcp.dump(), 'inet6', 'tcp').filter((s) => s.state !== 'TIME-WAIT');
  const udp = ofFamily(netns.udp.dump(), 'inet6', 'udp');
  const raw = netns.ipv6.raw?.dump() ?? [];
  return `TCP6: inuse ${tcp.length}\nUDP6: inuse ${udp.length}\nUDPLITE6: inuse 0\nRAW6: inuse ${raw.length}\nFRAG6: inuse 0 memory 0\n`;
}
