import { type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { bindUnix, closeSocket, findUnix, inetAton, openUnix } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import type { Opts } from '../command-line/index.ts';
import { type AddressWords, readAddress, refuseOthers } from './address-words.ts';
import { DatagramBackend } from './datagram-backend.ts';
import { hostPort, openBound, openGroup, showHostPort } from './host-port.ts';
import type { NetContext, Netdev } from './netdev.ts';

/** `-netdev dgram`: every frame is a datagram, to another QEMU or to a multicast group. QEMU net/dgram.c, net_init_dgram() @throws QemuError */
export async function openDgram({ proc }: NetContext, opts: Opts): Promise<Netdev> {
  const local = readAddress(opts, 'local');
  const remote = readAddress(opts, 'remote');
  refuseOthers(opts, ['local', 'remote'], []);
  if (remote?.type === 'inet') {
    const addr = inetAton(remote.host);
    if (addr !== undefined && isMulticast4(addr as Ipv4Addr))
      return openMulticast(proc, opts, local, remote);
  }
  if (local === undefined) throw opts.error('dgram requires local= parameter');
  if (local.type === 'fd') throw badDescriptor(opts, local.fd);
  if (remote === undefined) throw opts.error('type=inet or type=unix requires remote parameter');
  if (remote.type !== local.type) throw opts.error('remote and local types must be the same');
  return local.type === 'inet'
    ? openInet(proc, opts, local, remote as typeof local)
    : openPaths(proc, opts, local, remote as typeof local);
}

type InetWords = Extract<AddressWords, { type: 'inet' }>;
type UnixWords = Extract<AddressWords, { type: 'unix' }>;

function badDescriptor(opts: Opts, fd: string): Error {
  return opts.error(`${opts.get('id')}: Can't use file descriptor ${fd}: Bad file descriptor`);
}

function netdev(backend: DatagramBackend, info: string): Netdev {
  return { backend, info: `type=dgram,${info}`, close: async () => backend.close() };
}

/** net_dgram_mcast_init() */
async function openMulticast(
  proc: Process,
  opts: Opts,
  local: AddressWords | undefined,
  remote: InetWords,
): Promise<Netdev> {
  const group = await hostPort(proc, opts, remote.host, remote.port);
  if (local?.type === 'unix') throw opts.error('only support inet or fd type for local');
  if (local?.type === 'fd') throw badDescriptor(opts, local.fd);
  const own = local === undefined ? undefined : await hostPort(proc, opts, local.host, local.port);
  const sock = openGroup(proc, opts, group, own?.addr as Ipv4Addr | undefined);
  const backend = new DatagramBackend(proc, sock, (frame) => void sock.send(frame, group));
  return netdev(backend, `mcast=${showHostPort(group)}`);
}

async function openInet(
  proc: Process,
  opts: Opts,
  local: InetWords,
  remote: InetWords,
): Promise<Netdev> {
  const from = await hostPort(proc, opts, local.host, local.port);
  const to = await hostPort(proc, opts, remote.host, remote.port);
  const sock = openBound(proc, opts, from);
  const backend = new DatagramBackend(proc, sock, (frame) => void sock.send(frame, to));
  return netdev(backend, `udp=${showHostPort(from)}/${showHostPort(to)}`);
}

async function openPaths(
  proc: Process,
  opts: Opts,
  local: UnixWords,
  remote: UnixWords,
): Promise<Netdev> {
  const sock = openUnix(proc, 'dgram');
  const path = proc.path(local.path);
  try {
    if (!local.abstract && proc.fs.exists(path)) proc.fs.unlink(path);
    bindUnix(proc, sock, { abstract: local.abstract, name: local.path });
  } catch (e) {
    closeSocket(proc, sock);
    if (!(e instanceof KernelError)) throw e;
    throw opts.error(`can't bind unix=${local.path} to socket: ${strerror(e.errno)}`);
  }
  const name = { abstract: remote.abstract, name: remote.path };
  const send = (frame: Uint8Array): void => void sock.send(frame, findUnix(proc, name));
  const backend = new DatagramBackend(proc, sock, send);
  return netdev(backend, `udp=${local.path}:${remote.path}`);
}
