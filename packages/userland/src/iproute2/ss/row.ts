import type { SockAddr, SockInfo } from '@labwire/devices/sock';
import { formatInet, serviceByPort } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { inetProtocolName } from '../names/index.ts';
import type { SsOptions } from './options.ts';
import type { SsRow } from './table.ts';
import { usersOf } from './users.ts';

/** Ports that are not looked up by name. net.ipv4.ip_local_port_range */
function ephemeralPorts(proc: Process): readonly [min: number, max: number] {
  const path = '/proc/sys/net/ipv4/ip_local_port_range';
  const [min, max] = proc.fs.exists(path) ? proc.fs.readText(path).trim().split(/\s+/) : [];
  return [Number(min ?? 1024), Number(max ?? 4999)];
}

/** Source: iproute2 misc/ss.c, resolve_service(). */
function formatPort(proc: Process, sock: SockInfo, port: number, numeric: boolean): string {
  if (port === 0) return '*';
  if (numeric) return String(port);
  if (sock.netid === 'raw') return inetProtocolName(proc.fs, port);
  const [min, max] = ephemeralPorts(proc);
  if (port >= min && port <= max) return String(port);
  return serviceByPort(proc.fs, port, sock.netid)?.name ?? String(port);
}

/** Source: misc/ss.c, inet_addr_print(). */
function formatAddr(sock: SockInfo, { addr }: SockAddr, device: string | undefined): string {
  let text = formatInet(addr);
  if (typeof addr !== 'number') {
    const any = (addr.w0 | addr.w1 | addr.w2 | addr.w3) === 0;
    text = any && !sock.v6only ? '*' : `[${text}]`;
  }
  return device === undefined ? `${text}:` : `${text}%${device}:`;
}

/** A timer's time: `1min20sec`, `1.200ms`, `32sec`. Source: misc/ss.c, print_ms_timer(). */
export function formatTimer(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  let seconds = Math.floor(ms / 1000) % 60;
  let rest = ms % 1000;
  if (minutes > 0) rest = 0;
  if (minutes > 9) seconds = 0;
  if (seconds > 9) rest = 0;
  const min = minutes > 0 ? `${minutes}min` : '';
  const sec = seconds > 0 ? `${seconds}${rest > 0 ? '.' : 'sec'}` : '';
  return `${min}${sec}${rest > 0 ? `${String(rest).padStart(3, '0')}ms` : ''}`;
}

/** Which directions are closed, by state: RCV_SHUTDOWN and SEND_SHUTDOWN. */
function shutdownOf({ state }: SockInfo): string {
  const received = ['CLOSE-WAIT', 'LAST-ACK', 'CLOSING', 'TIME-WAIT'].includes(state);
  const sent = ['FIN-WAIT-1', 'FIN-WAIT-2', 'LAST-ACK', 'CLOSING', 'TIME-WAIT'].includes(state);
  return ` ${received ? '-' : '<'}-${sent ? '-' : '>'}`;
}

/** Source: misc/ss.c, sock_details_print(). The kernel's cookie of a socket is its inode number here. */
function details(sock: SockInfo): string {
  const uid = sock.uid === 0 ? '' : ` uid:${sock.uid}`;
  const mark = sock.socket?.mark ?? 0;
  const fwmark = mark === 0 ? '' : ` fwmark:0x${mark.toString(16)}`;
  const v6 = sock.family === 'inet6' ? ` v6only:${sock.v6only ? 1 : 0}` : '';
  const identity = ` ino:${sock.ino} sk:${sock.ino.toString(16)}${fwmark} cgroup:/`;
  return `${uid}${identity}${v6}${shutdownOf(sock)}`;
}

/** Source: misc/ss.c, print_skmeminfo(). */
function memory(sock: SockInfo): string {
  const rcvBuf = sock.socket?.rcvBuf ?? 0;
  const sndBuf = sock.socket?.sndBuf ?? 0;
  const listening = sock.state === 'LISTEN';
  const [r, w] = listening ? [0, 0] : [sock.recvQ, sock.sendQ];
  return ` skmem:(r${r},rb${rcvBuf},t0,tb${sndBuf},f0,w${w},o0,bl0,d0)`;
}

/** Fields that have a space before their value. */
const RATES: ReadonlySet<string> = new Set(['send', 'pacing_rate']);

/** TCP's own fields; ts and sack only with the timers. Source: misc/ss.c, tcp_stats_print(). */
function tcpInfo(sock: SockInfo, options: SsOptions): string {
  const { congestion, ts, sack, ...rest } = sock.tcpInfo ?? { congestion: 'cubic', cwnd: 10 };
  const flags = options.timers ? `${ts ? ' ts' : ''}${sack ? ' sack' : ''}` : '';
  const fields = Object.entries(rest).map(([name, value]) => {
    return ` ${name}${RATES.has(name) ? ' ' : ':'}${value}`;
  });
  return `${flags}${congestion === undefined ? '' : ` ${congestion}`}${fields.join('')}`;
}

function more(proc: Process, sock: SockInfo, options: SsOptions): string {
  const { timer } = sock;
  const users = options.processes ? usersOf(proc, sock.socket) : '';
  let text = users === '' ? '' : ` ${users}`;
  if (options.timers && timer !== undefined)
    text += ` timer:(${timer.kind},${formatTimer(timer.ms)},${timer.retrans})`;
  if (options.details) text += details(sock);
  const info = options.info && sock.netid === 'tcp';
  if (options.memory || info) {
    if (!options.oneline) text += '\n\t';
    if (options.memory) text += memory(sock);
    if (info) text += tcpInfo(sock, options);
  }
  return text;
}

/** One socket as a line of the table. Source: misc/ss.c, inet_show_sock(). */
export function sockRow(proc: Process, sock: SockInfo, options: SsOptions): SsRow {
  const port = (end: SockAddr) => formatPort(proc, sock, end.port, options.numeric);
  return [
    sock.netid,
    sock.state,
    String(sock.recvQ).padEnd(6),
    String(sock.sendQ).padEnd(6),
    formatAddr(sock, sock.local, sock.device),
    port(sock.local),
    formatAddr(sock, sock.remote, undefined),
    port(sock.remote),
    more(proc, sock, options),
  ];
}
