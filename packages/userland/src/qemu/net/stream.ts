import type { Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { SockAddr, StreamEnd } from '@labwire/devices/sock';
import type { UnixSocket } from '@labwire/devices/unix';
import {
  bindUnix,
  closeSocket,
  connectUnix,
  familyOf,
  openTcp,
  openUnix,
  type StreamSocket,
} from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { resolve } from '../../resolver/index.ts';
import { showAddress } from '../chardev/index.ts';
import type { Opts } from '../command-line/index.ts';
import { type AddressWords, readAddress, refuseOthers } from './address-words.ts';
import type { NetContext, Netdev } from './netdev.ts';
import { type Listener, StreamBackend } from './stream-backend.ts';

/** `-netdev stream`: frames over a connection; what fails is told by `info network` alone. QEMU net/stream.c @throws QemuError */
export async function openStream({ proc }: NetContext, opts: Opts): Promise<Netdev> {
  const address = readAddress(opts, 'addr');
  if (address === undefined) throw opts.error("Parameter 'addr' is missing");
  const server = opts.flag('server') ?? false;
  refuseOthers(opts, ['addr'], ['server']);
  const at = (sock: StreamEnd): string => {
    if (address.type !== 'unix')
      return `tcp:${showAddress((sock as StreamSocket).remoteAddr() as SockAddr)}`;
    const peer = server ? undefined : (sock as UnixSocket).peer?.name;
    return `unix:${peer === undefined ? address.path : peer.name}`;
  };
  const backend = new StreamBackend(proc, {
    accepted: at,
    connected: at,
    connecting: '',
    failed: 'connection error',
  });
  try {
    if (server) backend.listen(await listener(proc, address));
    else backend.connect(await connection(proc, address));
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    backend.fail();
  }
  return {
    backend,
    get info() {
      return `type=stream,${backend.info}`;
    },
    close: async () => {
      backend.close();
      if (server) removeFile(proc, address);
    },
  };
}

function removeFile(proc: Process, address: AddressWords): void {
  if (address.type !== 'unix' || address.abstract) return;
  const path = proc.path(address.path);
  if (proc.fs.exists(path)) proc.fs.unlink(path);
}

/** @throws KernelError */
async function inetAddress(proc: Process, host: string, text: string): Promise<SockAddr> {
  const found = host === '' ? undefined : await resolve(proc, host, undefined);
  const port = Number(text);
  const first =
    found === undefined ? { addr: 0 as Ipv4Addr } : 'error' in found ? undefined : found.addrs[0];
  if (first === undefined || !Number.isInteger(port)) throw new KernelError('EINVAL');
  return { ...first, port };
}

/** @throws KernelError */
async function listener(proc: Process, address: AddressWords): Promise<Listener> {
  if (address.type === 'fd') throw new KernelError('EBADF');
  const to =
    address.type === 'inet' ? await inetAddress(proc, address.host, address.port) : undefined;
  const sock = to === undefined ? openUnix(proc, 'stream') : openTcp(proc, familyOf(to.addr));
  try {
    if (address.type === 'unix') {
      removeFile(proc, address);
      bindUnix(proc, sock as ReturnType<typeof openUnix>, {
        abstract: address.abstract,
        name: address.path,
      });
    } else {
      (sock as StreamSocket).reuseAddr = true;
      (sock as StreamSocket).bind(to as SockAddr);
    }
    sock.listen(1);
  } catch (e) {
    closeSocket(proc, sock);
    throw e;
  }
  return sock;
}

/** @throws KernelError */
async function connection(proc: Process, address: AddressWords): Promise<StreamEnd> {
  if (address.type === 'fd') throw new KernelError('EBADF');
  if (address.type === 'unix') {
    const sock = openUnix(proc, 'stream');
    await connectUnix(proc, sock, { abstract: address.abstract, name: address.path });
    return sock;
  }
  const to = await inetAddress(proc, address.host, address.port);
  const sock = openTcp(proc, familyOf(to.addr));
  try {
    sock.connect(to);
  } catch (e) {
    if (!(e instanceof KernelError) || e.errno !== 'EINPROGRESS') throw e;
  }
  return sock;
}
