import { type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import type { NetDevice } from '@labwire/devices/link';
import { addrDump } from '@labwire/devices/rtnetlink';
import { DatagramSocket, type SockAddr, type Socket } from '@labwire/devices/sock';
import { closeSocket, formatInet, inetAton, openUdp } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { resolve } from '../../resolver/index.ts';
import type { Opts } from '../command-line/index.ts';

/** Finds a host by its address or name, and reads a port. convert_host_port() @throws QemuError */
export async function hostPort(
  proc: Process,
  opts: Opts,
  host: string,
  word: string,
): Promise<SockAddr> {
  if (!/^\d+$/.test(word)) throw opts.error(`port number '${word}' is invalid`);
  const port = Number(word) & 0xffff;
  if (host === '') return { addr: 0 as Ipv4Addr, port };
  const plain = inetAton(host);
  if (plain !== undefined) return { addr: plain as Ipv4Addr, port };
  const found = await resolve(proc, host, 'inet');
  const [first] = 'error' in found ? [] : found.addrs;
  if (first === undefined) throw opts.error(`can't resolve host address '${host}'`);
  return { addr: first.addr, port };
}

/** Reads `host:port`. parse_host_port() @throws QemuError */
export async function readHostPort(proc: Process, opts: Opts, text: string): Promise<SockAddr> {
  const colon = text.indexOf(':');
  if (colon < 0)
    throw opts.error(`host address '${text}' doesn't contain ':' separating host from port`);
  return hostPort(proc, opts, text.slice(0, colon), text.slice(colon + 1));
}

export const showHostPort = ({ addr, port }: SockAddr): string => `${formatInet(addr)}:${port}`;

/** @throws QemuError */
export function bindTo(opts: Opts, sock: Socket, addr: SockAddr): void {
  sock.reuseAddr = true;
  try {
    sock.bind(addr);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw opts.error(`can't bind ip=${formatInet(addr.addr)} to socket: ${strerror(e.errno)}`);
  }
}

/** A socket for datagrams from an address. @throws QemuError */
export function openBound(proc: Process, opts: Opts, from: SockAddr): Socket {
  const sock = openUdp(proc, 'inet');
  try {
    bindTo(opts, sock, from);
  } catch (e) {
    closeSocket(proc, sock);
    throw e;
  }
  return sock;
}

/**
 * A socket that hears a multicast group and sends to it. net_socket_mcast_create()
 * @param local the address of the interface that is meant. @throws QemuError
 */
export function openGroup(
  proc: Process,
  opts: Opts,
  group: SockAddr,
  local: Ipv4Addr | undefined,
): Socket {
  const shown = formatInet(group.addr);
  if (typeof group.addr !== 'number' || !isMulticast4(group.addr))
    throw opts.error(
      `specified mcastaddr ${shown} (0x${((group.addr as number) >>> 0).toString(16).padStart(8, '0')}) does not contain a multicast address`,
    );
  const sock = openBound(proc, opts, group);
  try {
    const dev = local === undefined ? null : deviceOf(proc, local);
    if (sock instanceof DatagramSocket) sock.joinGroup(group.addr, dev);
    sock.mcastDev = dev;
  } catch (e) {
    closeSocket(proc, sock);
    if (!(e instanceof KernelError)) throw e;
    throw opts.error(`can't add socket to multicast group ${shown}: ${strerror(e.errno)}`);
  }
  return sock;
}

/** Who has an address. @throws KernelError ENODEV */
function deviceOf({ netns }: Process, addr: Ipv4Addr): NetDevice {
  const found = addrDump(netns, 'inet').find((a) => a.local === addr);
  const dev = found === undefined ? undefined : netns.devices.byIndex(found.ifindex);
  if (dev === undefined) throw new KernelError('ENODEV');
  return dev;
}
