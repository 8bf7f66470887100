import type { Ipv4Addr } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import { NetBackend } from '../../hypervisor/index.ts';
import {
  closeSocket,
  formatInet,
  inetAton,
  openTcp,
  openUdp,
  type StreamSocket,
} from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { resolve } from '../../resolver/index.ts';
import type { Opts } from '../command-line/index.ts';
import { FrameStream, frameOf } from './frame-stream.ts';
import type { NetContext, Netdev } from './netdev.ts';
import { Pump } from './user/pump.ts';

const WAYS = ['listen', 'connect', 'mcast', 'udp'];
const CHUNK = 65_536;

/** `-netdev socket`: frames to another QEMU. QEMU net/socket.c, net_init_socket() @throws QemuError */
export async function openSocket(ctx: NetContext, opts: Opts): Promise<Netdev> {
  if (opts.get('fd') !== undefined) throw opts.error("can't get socket option SO_TYPE");
  const given = WAYS.filter((way) => opts.get(way) !== undefined);
  const [way] = given;
  if (way === undefined || given.length > 1)
    throw opts.error('exactly one of listen=, connect=, mcast= or udp= is required');
  if (opts.get('localaddr') !== undefined && way !== 'udp' && way !== 'mcast')
    throw opts.error('localaddr= is only valid with mcast= or udp=');
  if (way === 'mcast')
    throw opts.error('Labwire has no mcast=: connect guests by a hub or a bridge');
  const { proc } = ctx;
  if (way === 'udp') return openDatagrams(proc, opts);
  const addr = await readAddress(proc, opts, opts.get(way) as string);
  const backend = new StreamBackend(proc, addr);
  attempt(opts, backend, () => (way === 'listen' ? backend.listen(opts) : backend.connect()));
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

/** Reads `host:port`. parse_host_port() @throws QemuError */
async function readAddress(proc: Process, opts: Opts, text: string): Promise<SockAddr> {
  const colon = text.indexOf(':');
  if (colon < 0)
    throw opts.error(`host address '${text}' doesn't contain ':' separating host from port`);
  const host = text.slice(0, colon);
  const word = text.slice(colon + 1);
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

/** @throws QemuError */
function bind(opts: Opts, sock: Socket, addr: SockAddr): void {
  sock.reuseAddr = true;
  try {
    sock.bind(addr);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw opts.error(`can't bind ip=${formatInet(addr.addr)} to socket: ${strerror(e.errno)}`);
  }
}

const show = ({ addr, port }: SockAddr): string => `${formatInet(addr)}:${port}`;

/** A connection to another QEMU: made, or waited for. */
class StreamBackend extends NetBackend {
  readonly #proc: Process;
  readonly #addr: SockAddr;
  readonly #pump: Pump;
  #listener: StreamSocket | undefined;
  #socket: StreamSocket | undefined;
  #frames: FrameStream | undefined;
  info = '';

  constructor(proc: Process, addr: SockAddr) {
    super();
    this.#proc = proc;
    this.#addr = addr;
    this.#pump = new Pump(proc.machine.kernel.sim);
  }

  /** @throws QemuError, KernelError */
  listen(opts: Opts): void {
    const sock = openTcp(this.#proc, 'inet');
    this.#listener = sock;
    bind(opts, sock, this.#addr);
    sock.listen(0);
    this.#pump.watch(sock, () => this.#accept(sock));
  }

  /** One at a time. net_socket_accept() */
  #accept(listener: StreamSocket): void {
    if (this.#socket !== undefined) return;
    const sock = listener.accept() as StreamSocket | undefined;
    if (sock === undefined) return;
    this.#use(sock);
    this.info = `socket: connection from ${show(sock.remoteAddr() as SockAddr)}`;
  }

  /** @throws KernelError */
  connect(): void {
    const sock = openTcp(this.#proc, 'inet');
    this.#socket = sock;
    try {
      sock.connect(this.#addr);
    } catch (e) {
      if (!(e instanceof KernelError) || e.errno !== 'EINPROGRESS') throw e;
    }
    this.#use(sock);
    this.info = `socket: connect to ${show(this.#addr)}`;
  }

  #use(sock: StreamSocket): void {
    const frames = new FrameStream(sock);
    this.#socket = sock;
    this.#frames = frames;
    this.#pump.watch(sock, () => this.#guarded(() => this.#run(frames)));
  }

  #run(frames: FrameStream): void {
    const take = (skb: SkBuff): void => {
      if (this.guest === null) freeSkb(skb);
      else this.guest.deliver(skb);
    };
    if (frames.receive(take)) frames.flush();
    else this.#part();
  }

  /** Ends the connection if it has failed. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#part();
    }
  }

  #part(): void {
    const sock = this.#socket;
    this.#socket = undefined;
    this.#frames = undefined;
    this.info = '';
    if (sock === undefined) return;
    this.#pump.unwatch(sock);
    sock.close();
    if (this.#listener !== undefined) this.#accept(this.#listener);
  }

  override receive(skb: SkBuff): void {
    const frames = this.#frames;
    if (frames !== undefined && this.#socket?.tcb?.state !== 'SYN-SENT')
      this.#guarded(() => frames.send(skb));
    freeSkb(skb);
  }

  override close(): void {
    this.#pump.close();
    this.#socket?.close();
    this.#socket = undefined;
    if (this.#listener !== undefined) closeSocket(this.#proc, this.#listener);
  }
}

/** `udp=` with `localaddr=`: every frame is a datagram. net_socket_udp_init() */
async function openDatagrams(proc: Process, opts: Opts): Promise<Netdev> {
  const local = opts.get('localaddr');
  if (local === undefined) throw opts.error('localaddr= is mandatory with udp=');
  const from = await readAddress(proc, opts, local);
  const to = await readAddress(proc, opts, opts.get('udp') as string);
  const sock = openUdp(proc, 'inet');
  try {
    bind(opts, sock, from);
  } catch (e) {
    closeSocket(proc, sock);
    throw e;
  }
  const backend = new DatagramBackend(proc, sock, to);
  return netdev(backend, () => `socket: udp=${show(to)}`);
}

class DatagramBackend extends NetBackend {
  readonly #proc: Process;
  readonly #sock: Socket;
  readonly #to: SockAddr;
  readonly #pump: Pump;

  constructor(proc: Process, sock: Socket, to: SockAddr) {
    super();
    this.#proc = proc;
    this.#sock = sock;
    this.#to = to;
    this.#pump = new Pump(proc.machine.kernel.sim);
    this.#pump.watch(sock, () => this.#run());
  }

  #run(): void {
    this.#sock.takeError();
    for (let got = this.#sock.recv(CHUNK); got !== undefined; got = this.#sock.recv(CHUNK))
      if (got.data.length > 0) this.guest?.deliver(frameOf(got.data));
  }

  override receive(skb: SkBuff): void {
    try {
      this.#sock.send(skb.buf.slice(skb.data, skb.tail), this.#to);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e; // the frame is lost
    }
    freeSkb(skb);
  }

  override close(): void {
    this.#pump.close();
    closeSocket(this.#proc, this.#sock);
  }
}
