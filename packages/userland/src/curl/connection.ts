import { type Errno, errnoNumber, KernelError, strerror } from '@labwire/core/error';
import { MS, type Nanos } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';
import { formatUnixName, type UnixName, type UnixSocket } from '@labwire/devices/unix';
import { StreamReader } from '../http/index.ts';
import {
  closeSocket,
  connect,
  connectUnix,
  familyOf,
  formatSockHost,
  openTcp,
  openUnix,
  parseInet,
  type StreamSocket,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import type { CurlConfig } from './config.ts';
import {
  CURLE_COULDNT_CONNECT,
  CURLE_INTERFACE_FAILED,
  CURLE_OPERATION_TIMEDOUT,
  CurlError,
} from './curl-error.ts';

/** How long curl waits for a connection at all. lib/connect.h, DEFAULT_CONNECT_TIMEOUT */
const DEFAULT_CONNECT_TIMEOUT: Nanos = 300_000 * MS;

/** An open connection, kept for the next request to the same place. */
export interface Connection {
  readonly id: number;
  readonly sock: StreamSocket | UnixSocket;
  readonly reader: StreamReader;
  readonly host: string;
  readonly port: number;
  readonly remote: string;
}

/** What connecting needs to know of the run. */
export interface ConnectContext {
  readonly proc: Process;
  readonly config: CurlConfig;
  /** Prints a line of `-v`. */
  readonly info: (text: string) => Promise<void>;
  /** When the whole transfer began. */
  readonly start: Nanos;
  /** When the whole transfer must be over. */
  readonly deadline: Nanos | undefined;
}

/** The text of a failed connection. */
function failed(
  c: ConnectContext,
  host: string,
  port: number,
  since: Nanos,
  code: number,
): CurlError {
  const ms = Math.floor((c.proc.now - since) / MS);
  const why =
    code === CURLE_OPERATION_TIMEDOUT ? 'Timeout was reached' : "Couldn't connect to server";
  return new CurlError(code, `Failed to connect to ${host} port ${port} after ${ms} ms: ${why}`);
}

/**
 * Tries the addresses one after the other.
 * @throws CurlError
 */
export async function openConnection(
  c: ConnectContext,
  id: number,
  host: string,
  addrs: readonly SockAddr[],
  port: number,
): Promise<Connection> {
  const since = c.proc.now;
  const limit = since + (c.config.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT);
  let last: Errno = 'ECONNREFUSED';
  for (const [i, addr] of addrs.entries()) {
    const text = formatSockHost(addr, c.proc.netns);
    await c.info(`  Trying ${text.includes(':') ? `[${text}]` : text}:${port}...`);
    const share = i + 1 < addrs.length ? 2 : 1;
    const left = Math.min(limit, c.deadline ?? Infinity) - c.proc.now;
    const sock = openTcp(c.proc, familyOf(addr.addr));
    const errno = await attempt(c, sock, { ...addr, port }, text, Math.floor(left / share));
    if (errno === undefined) {
      await c.info(`Connected to ${host} (${text}) port ${port} (#${id})`);
      const reader = new StreamReader(c.proc, sock);
      return { id, sock, reader, host, port, remote: text };
    }
    closeSocket(c.proc, sock);
    last = errno;
    if (c.deadline !== undefined && c.proc.now >= c.deadline) throw timedOut(c);
  }
  const code =
    last === 'EINPROGRESS' || last === 'ETIMEDOUT'
      ? CURLE_OPERATION_TIMEDOUT
      : CURLE_COULDNT_CONNECT;
  const error = failed(c, host, port, since, code);
  await c.info(error.message);
  throw error;
}

/** Connects to the socket that `--unix-socket` or `--abstract-unix-socket` names. @throws CurlError */
export async function openUnixConnection(
  c: ConnectContext,
  id: number,
  host: string,
  port: number,
  name: UnixName,
): Promise<Connection> {
  const since = c.proc.now;
  const shown = name.abstract ? '' : name.name;
  await c.info(`  Trying ${shown}:0...`);
  const sock = openUnix(c.proc, 'stream');
  try {
    await connectUnix(c.proc, sock, name);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    closeSocket(c.proc, sock);
    await c.info(`Immediate connect fail for ${shown}: ${strerror(e.errno)}`);
    const error = failed(c, host, port, since, CURLE_COULDNT_CONNECT);
    await c.info(error.message);
    throw error;
  }
  const peer = sock.peer?.name;
  const text = peer === undefined || peer.abstract ? '' : formatUnixName(peer);
  await c.info(`Connected to ${host} (${text}) port ${port} (#${id})`);
  return { id, sock, reader: new StreamReader(c.proc, sock), host, port, remote: text };
}

function timedOut(c: ConnectContext): CurlError {
  const ms = Math.floor((c.proc.now - c.start) / MS);
  return new CurlError(CURLE_OPERATION_TIMEDOUT, `Connection timed out after ${ms} milliseconds`);
}

/** @returns why it failed; EINPROGRESS for a time-out */
async function attempt(
  c: ConnectContext,
  sock: StreamSocket,
  to: SockAddr,
  text: string,
  timeout: Nanos,
): Promise<Errno | undefined> {
  bindLocal(c, sock);
  const began = c.proc.now;
  try {
    await connect(c.proc, sock, to, timeout);
    return undefined;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const family = typeof to.addr === 'number' ? 'ipv4' : 'ipv6';
    if (e.errno === 'EINPROGRESS')
      await c.info(`${family} connect timeout after ${Math.floor(timeout / MS)}ms, move on!`);
    else if (c.proc.now === began && (e.errno === 'ENETUNREACH' || e.errno === 'EADDRNOTAVAIL'))
      await c.info(`Immediate connect fail for ${text}: ${strerror(e.errno)}`);
    else await c.info(`connect to ${text} port ${to.port} failed: ${strerror(e.errno)}`);
    return e.errno;
  }
}

/** Binds as `--interface` and `--local-port` ask. lib/cf-socket.c, bindlocal() */
function bindLocal(c: ConnectContext, sock: StreamSocket): void {
  const { device, localPorts } = c.config;
  if (device === undefined && localPorts === undefined) return;
  const addr = localAddress(c, sock, device);
  const [first, count] = localPorts ?? [0, 1];
  if (first === 0 && addr === undefined) return;
  const any = parseInet(sock.family === 'inet' ? '0.0.0.0' : '::') as InetAddr;
  for (let port = first; ; port++) {
    try {
      sock.bind({ addr: addr ?? any, port });
      return;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      if (port + 1 < first + count) continue;
      const why = `bind failed with errno ${errnoNumber(e.errno)}: ${strerror(e.errno)}`;
      throw new CurlError(CURLE_INTERFACE_FAILED, why);
    }
  }
}

/** The address to bind to; a device is bound to instead. */
function localAddress(
  c: ConnectContext,
  sock: StreamSocket,
  device: string | undefined,
): InetAddr | undefined {
  if (device === undefined) return undefined;
  const name = device.replace(/^(?:if|host)!/, '');
  const dev = device.startsWith('host!') ? undefined : c.proc.netns.devices.byName(name);
  if (dev !== undefined) {
    sock.boundDev = dev;
    return undefined;
  }
  const addr = parseInet(name);
  if (addr === undefined || familyOf(addr) !== sock.family)
    throw new CurlError(CURLE_INTERFACE_FAILED, `Couldn't bind to '${device}'`);
  return addr;
}
