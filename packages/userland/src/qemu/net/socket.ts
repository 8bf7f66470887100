import type { Ipv4Addr } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import type { SockAddr } from '@labwire/devices/sock';
import type { NetBackend } from '../../hypervisor/index.ts';
import { inetAton, openTcp, type StreamSocket } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import type { Opts } from '../command-line/index.ts';
import { DatagramBackend } from './datagram-backend.ts';
import { bindTo, openBound, openGroup, readHostPort, showHostPort } from './host-port.ts';
import type { NetContext, Netdev } from './netdev.ts';
import { StreamBackend } from './stream-backend.ts';

const WAYS = ['listen', 'connect', 'mcast', 'udp'];

/** `-netdev socket`: frames to another QEMU. QEMU net/socket.c, net_init_socket() @throws QemuError */
export async function openSocket(ctx: NetContext, opts: Opts): Promise<Netdev> {
  if (opts.get('fd') !== undefined) throw opts.error("can't get socket option SO_TYPE");
  const given = WAYS.filter((way) => opts.get(way) !== undefined);
  const [way] = given;
  if (way === undefined || given.length > 1)
    throw opts.error('exactly one of listen=, connect=, mcast= or udp= is required');
  if (opts.get('localaddr') !== undefined && way !== 'udp' && way !== 'mcast')
    throw opts.error('localaddr= is only valid with mcast= or udp=');
  const { proc } = ctx;
  if (way === 'mcast') return openMulticast(proc, opts);
  if (way === 'udp') return openDatagrams(proc, opts);
  const addr = await readHostPort(proc, opts, opts.get(way) as string);
  const backend = new StreamBackend(proc, {
    accepted: (sock) => {
      const from = (sock as StreamSocket).remoteAddr() as SockAddr;
      return `socket: connection from ${showHostPort(from)}`;
    },
    connected: () => `socket: connect to ${showHostPort(addr)}`,
    connecting: `socket: connect to ${showHostPort(addr)}`,
    failed: '',
  });
  attempt(opts, backend, () => (way === 'listen' ? listen : connect)(proc, opts, backend, addr));
  return netdev(backend, () => backend.info);
}

function netdev(backend: NetBackend, info: () => string): Netdev {
  return {
    backend,
    get info() {
      return `type=socket,${info()}`;
    },
    close: async () => backend.close(),
  };
}

/** Does what may fail, and then leaves nothing open. */
function attempt(opts: Opts, backend: NetBackend, work: () => void): void {
  try {
    work();
  } catch (e) {
    backend.close();
    throw e instanceof KernelError ? opts.error(`can't connect socket: ${strerror(e.errno)}`) : e;
  }
}

/** @throws QemuError, KernelError */
function listen(proc: Process, opts: Opts, backend: StreamBackend, addr: SockAddr): void {
  const sock = openTcp(proc, 'inet');
  backend.listen(sock);
  bindTo(opts, sock, addr);
  sock.listen(0);
}

/** @throws KernelError */
function connect(proc: Process, _opts: Opts, backend: StreamBackend, addr: SockAddr): void {
  const sock = openTcp(proc, 'inet');
  try {
    sock.connect(addr);
  } catch (e) {
    if (!(e instanceof KernelError) || e.errno !== 'EINPROGRESS') {
      sock.close();
      throw e;
    }
  }
  backend.connect(sock);
}

/** `udp=` with `localaddr=`: every frame is a datagram. net_socket_udp_init() */
async function openDatagrams(proc: Process, opts: Opts): Promise<Netdev> {
  const local = opts.get('localaddr');
  if (local === undefined) throw opts.error('localaddr= is mandatory with udp=');
  const from = await readHostPort(proc, opts, local);
  const to = await readHostPort(proc, opts, opts.get('udp') as string);
  const sock = openBound(proc, opts, from);
  const backend = new DatagramBackend(proc, sock, (frame) => void sock.send(frame, to));
  return netdev(backend, () => `socket: udp=${showHostPort(to)}`);
}

/** `mcast=`: every frame goes to all who hear the group, the sender among them. net_socket_mcast_init() */
async function openMulticast(proc: Process, opts: Opts): Promise<Netdev> {
  const group = await readHostPort(proc, opts, opts.get('mcast') as string);
  const text = opts.get('localaddr');
  const local = text === undefined ? undefined : inetAton(text);
  if (text !== undefined && local === undefined)
    throw opts.error(`localaddr '${text}' is not a valid IPv4 address`);
  const sock = openGroup(proc, opts, group, local as Ipv4Addr | undefined);
  const backend = new DatagramBackend(proc, sock, (frame) => void sock.send(frame, group));
  return netdev(backend, () => `socket: mcast=${showHostPort(group)}`);
}
