import { type Errno, KernelError, strerror } from '@labwire/core/error';
import { POLLIN, SEC } from '@labwire/core/sim';
import { ETH_P_ALL } from '@labwire/core/wire';
import type { Family } from '@labwire/devices/rtnetlink';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import {
  accept,
  closeSocket,
  connect,
  descriptorOf,
  familyOf,
  formatInet,
  installFd,
  installSocket,
  openPacket,
  openTcp,
  openUdp,
  parseInet,
  SocketFile,
  type StreamSocket,
  serviceByName,
} from '../libc-net/index.ts';
import {
  exec,
  findProgram,
  type OpenFile,
  type OpenFlags,
  openPipe,
  type Process,
} from '../machine/index.ts';
import { gaiStrerror, resolve } from '../resolver/index.ts';
import { type SocatAddress, SocatError } from './address.ts';
import type { Channel, Serve } from './channel.ts';
import type { SocatLog } from './log.ts';
import { connectToUnix, listenUnix, receiveUnix, sendToUnix } from './open-unix.ts';

function addressText(at: SockAddr): string {
  const v4 = typeof at.addr === 'number';
  return v4
    ? `AF=2 ${formatInet(at.addr)}:${at.port}`
    : `AF=10 [${formatInet(at.addr)}]:${at.port}`;
}

function addressLength(at: SockAddr): number {
  return typeof at.addr === 'number' ? 16 : 28;
}

function portOf(proc: Process, text: string, proto: string): number {
  const port = /^\d+$/.test(text)
    ? Number(text) & 0xffff
    : serviceByName(proc.fs, text, proto)?.port;
  if (port === undefined)
    throw new SocatError(
      `getaddrinfo(NULL, "${text}", {1,2,1,6}, {}): ${gaiStrerror('EAI_SERVICE')}`,
    );
  return port;
}

async function lookUp(proc: Process, a: SocatAddress, host: string): Promise<SockAddr> {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const found = await resolve(proc, bare, a.family);
  const hints = a.kind.startsWith('udp') ? '{1,0,2,17}' : '{1,0,1,6}';
  if ('error' in found)
    throw new SocatError(
      `getaddrinfo("${bare}", "NULL", ${hints}, {}): ${gaiStrerror(found.error)}`,
    );
  return found.addrs[0] as SockAddr;
}

/** Applies the options of sockets, and binds where they ask for it. */
function prepare(proc: Process, sock: Socket, a: SocatAddress, port: number | undefined): void {
  const { options } = a;
  if (options.has('reuseaddr')) sock.reuseAddr = options.get('reuseaddr') !== '0';
  if (options.has('reuseport')) sock.reusePort = true;
  if (options.has('broadcast')) sock.broadcast = true;
  if (options.has('ttl')) sock.ttl = Number(options.get('ttl'));
  if (options.has('tos')) sock.tos = Number(options.get('tos'));
  const device = options.get('bindtodevice');
  if (device !== undefined) {
    const dev = proc.netns.devices.byName(device);
    if (dev === undefined)
      throw new SocatError(
        `setsockopt(${descriptorOf(proc, sock)}, 1, 25, "${device}", ${device.length + 1}): ${strerror('ENODEV')}`,
      );
    sock.boundDev = dev;
  }
  bind(proc, sock, a, port);
}

function bind(proc: Process, sock: Socket, a: SocatAddress, port: number | undefined): void {
  const text = a.options.get('bind');
  const sourcePort = a.options.get('sourceport');
  if (text === undefined && sourcePort === undefined && port === undefined) return;
  const m = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text ?? '');
  const host = (m?.[1] ?? '').replace(/^\[(.*)\]$/, '$1');
  const any = sock.family === 'inet' ? '0.0.0.0' : '::';
  const addr = parseInet(host === '' ? any : host);
  if (addr === undefined)
    throw new SocatError(`bind=${text}: not an address; names are not supported here`);
  const at = { addr, port: port ?? Number(sourcePort ?? m?.[2] ?? 0) };
  try {
    sock.bind(at);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const fd = descriptorOf(proc, sock);
    throw new SocatError(
      `bind(${fd}, {${addressText(at)}}, ${addressLength(at)}): ${strerror(e.errno)}`,
    );
  }
}

function socketChannel(a: SocatAddress, sock: Socket): Channel {
  const file = new SocketFile(sock);
  const endWrite = () => {
    if (sock.type !== 'stream') return;
    try {
      (sock as StreamSocket).shutdown('wr');
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  };
  return { read: file, write: file, endWrite, crnl: a.options.has('crnl') };
}

async function connectTo(proc: Process, a: SocatAddress, log: SocatLog): Promise<Channel> {
  const proto = a.kind === 'tcp-connect' ? 'tcp' : 'udp';
  const [host = '', service = ''] = a.params;
  const to = { ...(await lookUp(proc, a, host)), port: portOf(proc, service, proto) };
  const timeout = a.options.get('connect-timeout');
  for (let tries = Number(a.options.get('retry') ?? 0); ; tries--) {
    const family = familyOf(to.addr);
    const sock = proto === 'tcp' ? openTcp(proc, family) : openUdp(proc, family);
    await log.notice(proc, `opening connection to ${addressText(to)}`);
    prepare(proc, sock, a, undefined);
    try {
      await connect(proc, sock, to, timeout === undefined ? undefined : Number(timeout) * SEC);
      const local = addressText(sock.localAddr());
      await log.notice(proc, `successfully connected from local address ${local}`);
      return socketChannel(a, sock);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const fd = descriptorOf(proc, sock);
      closeSocket(proc, sock);
      const why = strerror(e.errno === 'EINPROGRESS' ? 'ETIMEDOUT' : e.errno);
      if (tries <= 0)
        throw new SocatError(`connect(${fd}, ${addressText(to)}, ${addressLength(to)}): ${why}`);
      await proc.sleep(Number(a.options.get('interval') ?? 1) * SEC);
    }
  }
}

function anyFamily(a: SocatAddress): Family {
  return a.family ?? 'inet';
}

async function listenTcp(
  proc: Process,
  a: SocatAddress,
  serve: Serve,
  log: SocatLog,
): Promise<Channel> {
  const sock = openTcp(proc, anyFamily(a));
  prepare(proc, sock, a, portOf(proc, a.params[0] as string, 'tcp'));
  sock.listen(Number(a.options.get('backlog') ?? 5));
  for (;;) {
    await log.notice(proc, `listening on ${addressText(sock.localAddr())}`);
    const conn = (await accept(proc, sock)) as StreamSocket;
    const ends = [conn.remoteAddr() as SockAddr, conn.localAddr()].map(addressText);
    await log.notice(proc, `accepting connection from ${ends.join(' on ')}`);
    if (!a.options.has('fork')) {
      closeSocket(proc, sock);
      return socketChannel(a, conn);
    }
    const served = proc.spawn(proc.argv, (child) => serve(child, socketChannel(a, conn)));
    closeSocket(proc, conn);
    await log.notice(proc, `forked off child process ${served.pid}`);
  }
}

/** A datagram socket whose first datagram has been taken: it comes again at the first read. */
class FirstDatagram extends SocketFile {
  #first: Uint8Array | undefined;

  constructor(socket: Socket, first: Uint8Array) {
    super(socket);
    this.#first = first;
  }

  override poll(): number {
    return super.poll() | (this.#first === undefined ? 0 : POLLIN);
  }

  override read(max: number): Uint8Array | undefined {
    const first = this.#first;
    this.#first = undefined;
    return first ?? super.read(max);
  }
}

async function listenUdp(proc: Process, a: SocatAddress, serve: Serve): Promise<Channel> {
  const port = portOf(proc, a.params[0] as string, 'udp');
  for (;;) {
    const sock = openUdp(proc, anyFamily(a));
    if (a.options.has('fork')) sock.reuseAddr = true;
    prepare(proc, sock, a, port);
    await proc.poll([{ on: sock, events: POLLIN }], undefined, 'a datagram');
    const got = sock.recv(65_536);
    if (got?.from === undefined) continue;
    sock.connect(got.from);
    const file = new FirstDatagram(sock, got.data);
    const channel: Channel = {
      read: file,
      write: file,
      endWrite: () => {},
      crnl: a.options.has('crnl'),
    };
    if (!a.options.has('fork')) return channel;
    proc.spawn(proc.argv, (child) => serve(child, channel));
    closeSocket(proc, sock);
  }
}

/** Writes every piece to one destination. */
class SendTo extends SocketFile {
  readonly #socket: Socket;
  readonly #to: SockAddr;

  constructor(socket: Socket, to: SockAddr) {
    super(socket);
    this.#socket = socket;
    this.#to = to;
  }

  override write(data: Uint8Array): number | undefined {
    return this.#socket.send(data, this.#to);
  }
}

async function sendToUdp(proc: Process, a: SocatAddress): Promise<Channel> {
  const [host = '', service = ''] = a.params;
  const to = { ...(await lookUp(proc, a, host)), port: portOf(proc, service, 'udp') };
  const sock = openUdp(proc, familyOf(to.addr));
  prepare(proc, sock, a, undefined);
  const file = new SendTo(sock, to);
  return { read: file, write: file, endWrite: () => {}, crnl: false };
}

/** Sends messages of one protocol; those of protocol 255 begin with their own IP header. xioopen_rawip_sendto() */
async function sendToIp(proc: Process, a: SocatAddress): Promise<Channel> {
  const [host = '', number = ''] = a.params;
  const digits = /^-?(0x[\da-f]+|\d+)/i.exec(number)?.[0] ?? '0';
  const protocol = digits.startsWith('-') ? -Number(digits.slice(1)) : Number(digits);
  if (protocol > 255)
    throw new SocatError(
      `xioopen_rawip_sendto("${host}:${number}",,): protocol number exceeds 255 (${protocol})`,
    );
  if (a.family === 'inet6')
    throw new SocatError(`IP6-SENDTO is not supported by Labwire; IP4-SENDTO is`);
  const { addr } = await lookUp(proc, { ...a, family: 'inet' }, host);
  if (proc.uid !== 0) throw rawRefused(protocol, 'EPERM');
  if (protocol <= 0) throw rawRefused(protocol, protocol < 0 ? 'EINVAL' : 'EPROTONOSUPPORT');
  const sock = proc.netns.ipv4.openRaw(protocol);
  installSocket(proc, sock);
  prepare(proc, sock, a, undefined);
  const file = new SendTo(sock, { addr, port: 0 });
  return { read: file, write: file, endWrite: () => {}, crnl: false };
}

function rawRefused(protocol: number, errno: Errno): SocatError {
  return new SocatError(`socket(2, 3, ${protocol}): ${strerror(errno)}`);
}

function receiveUdp(proc: Process, a: SocatAddress): Channel {
  const sock = openUdp(proc, anyFamily(a));
  prepare(proc, sock, a, portOf(proc, a.params[0] as string, 'udp'));
  return { read: new SocketFile(sock), write: undefined, endWrite: () => {}, crnl: false };
}

/** Runs a program with its standard input and output connected to us. */
async function runProgram(proc: Process, a: SocatAddress, log: SocatLog): Promise<Channel> {
  const command = a.params[0] as string;
  const argv =
    a.kind === 'system' ? ['sh', '-c', command] : command.split(' ').filter((w) => w !== '');
  const toChild = openPipe();
  const fromChild = openPipe();
  const fds = new Map<number, OpenFile>([
    [0, toChild.reader],
    [1, fromChild.writer],
    [2, a.options.has('stderr') ? fromChild.writer : proc.file(2)],
  ]);
  const readFd = installFd(proc, fromChild.reader);
  const writeFd = installFd(proc, toChild.writer);
  await log.notice(proc, 'forking off child, using socket for reading and writing');
  const child = proc.spawn(argv, (p) => runChild(p, argv), { fds });
  await log.notice(proc, `forked off child process ${child.pid}`);
  return {
    read: proc.file(readFd),
    write: proc.file(writeFd),
    endWrite: () => proc.close(writeFd),
    crnl: a.options.has('crnl'),
    child,
  };
}

async function runChild(proc: Process, argv: readonly string[]): Promise<number> {
  const name = argv[0] ?? '';
  const path = findProgram(proc, name);
  try {
    if (path === undefined) throw new KernelError('ENOENT');
    return await exec(proc, path, argv);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const words = argv.map((w) => `"${w}"`).join(', ');
    await proc.err(`socat: execvp("${name}", ${words}): ${strerror(e.errno)}\n`);
    return 1;
  }
}

/** O_* of open(2) in octal digits. Linux include/uapi/asm-generic/fcntl.h */
function openFlags(f: OpenFlags): string {
  const access = f.write !== true ? 0 : f.read === true ? 2 : 1;
  const bits = [
    [f.create, 0o100],
    [f.truncate, 0o1000],
    [f.append, 0o2000],
  ] as const;
  return bits.reduce((all, [on, bit]) => (on === true ? all | bit : all), access).toString(8);
}

function openFile(proc: Process, a: SocatAddress): Channel {
  const path = a.params[0] as string;
  const o = a.options;
  const create = a.kind === 'create' || o.has('creat');
  const write = !o.has('rdonly');
  const flags = {
    read: a.kind !== 'create' && !o.has('wronly'),
    write,
    create,
    append: o.has('append'),
    truncate: a.kind === 'create' || o.has('trunc'),
  };
  try {
    const file = proc.file(proc.open(path, flags));
    return {
      read: flags.read ? file : undefined,
      write: write ? file : undefined,
      endWrite: () => {},
      crnl: o.has('crnl'),
    };
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new SocatError(`open("${path}", 0${openFlags(flags)}, 0666): ${strerror(e.errno)}`);
  }
}

/** Frames of a device, link header and all. xioopen_interface() */
function openInterface(proc: Process, a: SocatAddress): Channel {
  const name = a.params[0] as string;
  const dev = proc.netns.devices.byName(name);
  if (dev === undefined) throw new SocatError(`unknown interface "${name}"`);
  const file = openPacket(proc, 'raw', ETH_P_ALL, dev.ifindex);
  return { read: file, write: file, endWrite: () => {}, crnl: a.options.has('crnl') };
}

/** Opens an address. @throws SocatError */
export async function openAddress(
  proc: Process,
  a: SocatAddress,
  serve: Serve,
  log: SocatLog,
): Promise<Channel> {
  const crnl = a.options.has('crnl');
  const endWrite = () => {};
  switch (a.kind) {
    case 'stdio':
      await log.notice(proc, 'reading from and writing to stdio');
      return { read: proc.file(0), write: proc.file(1), endWrite, crnl };
    case 'stdin':
      await log.notice(proc, 'using stdin for reading and writing');
      return { read: proc.file(0), write: undefined, endWrite, crnl };
    case 'stdout':
      await log.notice(proc, 'using stdout for reading and writing');
      return { read: undefined, write: proc.file(1), endWrite, crnl };
    case 'tcp-connect':
    case 'udp-connect':
      return connectTo(proc, a, log);
    case 'tcp-listen':
      return listenTcp(proc, a, serve, log);
    case 'udp-listen':
    case 'udp-recvfrom':
      return listenUdp(proc, a, serve);
    case 'udp-recv':
      return receiveUdp(proc, a);
    case 'udp-sendto':
      return sendToUdp(proc, a);
    case 'ip-sendto':
      return sendToIp(proc, a);
    case 'unix-connect':
    case 'unix-client':
      return connectToUnix(proc, a);
    case 'unix-listen':
      return listenUnix(proc, a, serve);
    case 'unix-recv':
      return receiveUnix(proc, a);
    case 'unix-sendto':
      return sendToUnix(proc, a);
    case 'interface':
      return openInterface(proc, a);
    case 'exec':
    case 'system':
      return runProgram(proc, a, log);
    case 'open':
    case 'create':
      return openFile(proc, a);
    case 'pipe': {
      const { reader, writer } = openPipe();
      const fd = installFd(proc, reader);
      const end = installFd(proc, writer);
      return { read: proc.file(fd), write: proc.file(end), endWrite: () => proc.close(end), crnl };
    }
  }
}
