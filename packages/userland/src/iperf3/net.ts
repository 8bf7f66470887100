import { KernelError } from '@labwire/core/error';
import { MS } from '@labwire/core/sim';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import {
  closeSocket,
  connect,
  familyOf,
  openTcp,
  openUdp,
  parseInet,
  type StreamSocket,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { gaiStrerror, resolve } from '../resolver/index.ts';
import { type IperfErrno, IperfError } from './errors.ts';
import type { IperfOptions } from './options.ts';

/** The most connections that may wait, as far as the kernel lets. */
const INT_MAX = 0x7fffffff;

/** The least that the kernel gives. SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF */
const MIN_RCVBUF = 2304;
const MIN_SNDBUF = 4608;

const ANY = { inet: parseInet('0.0.0.0') as InetAddr, inet6: parseInet('::') as InetAddr };

async function addressOf(
  proc: Process,
  host: string,
  family: Family | undefined,
  code: IperfErrno,
): Promise<SockAddr> {
  const found = await resolve(proc, host, family);
  if ('error' in found) throw new IperfError(code, gaiStrerror(found.error));
  return found.addrs[0] as SockAddr;
}

function bindDevice(proc: Process, sock: Socket, name: string | undefined): void {
  if (name === undefined) return;
  sock.boundDev = proc.netns.devices.byName(name) ?? null;
  if (sock.boundDev === null) throw new KernelError('ENODEV');
}

/** What is asked of sockets that carry data. iperf_tcp_connect(), iperf_udp_buffercheck() @throws IperfError */
export function setBuffers(sock: Socket, o: IperfOptions): void {
  if (o.window === 0) return;
  if (sock.type === 'stream') {
    (sock as StreamSocket).setRcvBuf(o.window);
    (sock as StreamSocket).setSndBuf(o.window);
  } else {
    const { rmemMax, wmemMax } = sock.netns.kernel.core;
    sock.rcvBuf = Math.max(2 * Math.min(o.window, rmemMax), MIN_RCVBUF);
    sock.sndBuf = Math.max(2 * Math.min(o.window, wmemMax), MIN_SNDBUF);
  }
  if (o.window > sock.sndBuf || o.window > sock.rcvBuf) throw new IperfError(141);
}

/** TCP's share. */
export function setTcpOptions(sock: StreamSocket, o: IperfOptions): void {
  if (o.nodelay) sock.setNodelay(true);
  if (o.mss > 0) sock.options.maxSeg = o.mss;
  if (o.sndTimeout > 0) sock.options.userTimeout = o.sndTimeout * MS;
}

/** Sets the congestion control. @returns whether there is such a one */
export function setCongestion(sock: StreamSocket, name: string | undefined): boolean {
  if (name !== undefined && name !== 'cubic' && name !== 'reno') return false;
  if (name !== undefined) sock.options.congestion = name;
  return true;
}

/** The congestion control that a connection has. */
export const congestionOf = (sock: StreamSocket): string | undefined => sock.tcb?.congestion.name;

/**
 * Makes a socket to the server. netdial(), create_socket()
 * @param prepare sets options before it is connected
 * @throws IperfError with `code`
 */
export async function dial<S extends Socket>(
  proc: Process,
  o: IperfOptions,
  code: IperfErrno,
  open: (proc: Process, family: Family) => S,
  localPort: number,
  prepare: (sock: S) => void = () => {},
): Promise<S> {
  const from = o.bind === undefined ? undefined : await addressOf(proc, o.bind, o.family, code);
  const to = await addressOf(proc, o.host, o.family, code);
  const family = familyOf(to.addr);
  const sock = open(proc, family);
  try {
    bindDevice(proc, sock, o.bindDev);
    if (from !== undefined || localPort !== 0)
      sock.bind({ ...(from ?? { addr: ANY[family] }), port: localPort });
    prepare(sock);
    const limit = code === 103 ? o.connectTimeout : undefined;
    await connect(proc, sock, { ...to, port: o.port }, limit === undefined ? limit : limit * MS);
    return sock;
  } catch (e) {
    closeSocket(proc, sock);
    if (!(e instanceof KernelError)) throw e;
    throw new IperfError(code, e.errno === 'EINPROGRESS' ? new KernelError('ETIMEDOUT') : e);
  }
}

/** Makes a socket that takes connections, or datagrams: of both families unless one was asked for. netannounce() */
export async function announce(
  proc: Process,
  o: IperfOptions,
  protocol: 'TCP' | 'UDP',
  code: IperfErrno,
  prepare: (sock: Socket) => void = () => {},
): Promise<Socket> {
  const wanted = o.bind === undefined ? (o.family ?? 'inet6') : o.family;
  const at =
    o.bind === undefined
      ? { addr: ANY[wanted as Family], port: 0 }
      : await addressOf(proc, o.bind, wanted, code);
  const family = familyOf(at.addr);
  const sock = protocol === 'TCP' ? openTcp(proc, family) : openUdp(proc, family);
  try {
    bindDevice(proc, sock, o.bindDev);
    sock.reuseAddr = true;
    if (family === 'inet6') sock.v6only = o.family !== undefined;
    prepare(sock);
    sock.bind({ ...at, port: o.port });
    if (protocol === 'TCP') (sock as StreamSocket).listen(INT_MAX);
    return sock;
  } catch (e) {
    closeSocket(proc, sock);
    throw e instanceof KernelError ? new IperfError(code, e) : e;
  }
}
