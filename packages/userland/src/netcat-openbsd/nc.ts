import { KernelError, strerror } from '@labwire/core/error';
import { type Nanos, POLLIN, SEC } from '@labwire/core/sim';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import {
  accept,
  closeSocket,
  connect,
  familyOf,
  formatSockHost,
  getopt,
  openTcp,
  openUdp,
  parseInet,
  type StreamSocket,
  serviceByPort,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { gaiStrerror, resolve, reverse } from '../resolver/index.ts';
import {
  NC_OPTIONS,
  NcError,
  type NcOptions,
  parsePort,
  parsePorts,
  readNcOptions,
} from './nc-options.ts';
import { UnixNetcat } from './nc-unix.ts';
import { Relay } from './relay.ts';
import { NC_BANNER, NC_HELP, NC_USAGE } from './usage.ts';

/** Seconds that an answer to a UDP probe may take. UDP_SCAN_TIMEOUT */
const UDP_SCAN_TIMEOUT: Nanos = 3 * SEC;
/** Connections that wait for a listener. */
const BACKLOG = 1;

/** Called wrongly: the usage is shown. */
class UsageError extends Error {}

/** nc(1). OpenBSD netcat.c with Debian's patches */
export async function nc(proc: Process): Promise<number> {
  const { options: found, operands, error } = getopt(proc.argv.slice(1), NC_OPTIONS.letters);
  const name = proc.argv[0] ?? 'nc';
  if (error !== undefined) {
    await proc.err(`${name}: ${error}\n${NC_USAGE}`);
    return 1;
  }
  if (found.some((o) => o.opt === 'h')) {
    await proc.err(`${NC_BANNER}${NC_USAGE}${NC_HELP}`);
    return 0;
  }
  try {
    return await new Netcat(proc, readNcOptions(found)).run(operands);
  } catch (e) {
    if (e instanceof UsageError) await proc.err(NC_USAGE);
    else if (e instanceof NcError) await proc.err(`nc: ${e.message}\n`);
    else throw e;
    return 1;
  }
}

class Netcat {
  readonly #proc: Process;
  readonly #o: NcOptions;

  constructor(proc: Process, options: NcOptions) {
    this.#proc = proc;
    this.#o = options;
  }

  async run(operands: readonly string[]): Promise<number> {
    if (this.#o.unix) return this.#runUnix(operands);
    const { host, port } = this.#operands(operands);
    if (this.#o.listen && this.#o.zero) throw new NcError('cannot use -z and -l');
    if (!this.#o.listen && this.#o.keep) throw new NcError('must use -l with -k');
    return this.#o.listen ? this.#listen(host, port) : this.#connectAll(host as string, port);
  }

  async #runUnix(operands: readonly string[]): Promise<number> {
    const [path, ...rest] = operands;
    if (rest.length > 1) throw new UsageError();
    if (rest.length === 1) throw new NcError('cannot use port with -U');
    if (path === undefined && !this.#o.listen) throw new UsageError();
    if (path === undefined) throw new NcError('missing socket pathname');
    if (this.#o.listen && this.#o.zero) throw new NcError('cannot use -z and -l');
    if (!this.#o.listen && this.#o.keep) throw new NcError('must use -l with -k');
    return new UnixNetcat(this.#proc, this.#o).run(path);
  }

  #operands(operands: readonly string[]): { host: string | undefined; port: string } {
    const { listen, localPort, source } = this.#o;
    const [first, second, ...rest] = operands;
    if (rest.length > 0) throw new UsageError();
    if (second !== undefined) {
      if (listen && (localPort !== undefined || source !== undefined)) throw new UsageError();
      return { host: first, port: second };
    }
    if (first === undefined && !listen) throw new UsageError();
    if (first === undefined) {
      if (localPort === undefined) throw new NcError('missing port number');
      return { host: source, port: localPort };
    }
    if (!listen) throw new NcError('missing port number');
    if (localPort !== undefined || source !== undefined) throw new UsageError();
    return { host: undefined, port: first };
  }

  // Listening.

  async #listen(host: string | undefined, port: string): Promise<number> {
    const { numeric, udp, verbose } = this.#o;
    const at = await this.#listenAddr(host, port);
    const sock = udp
      ? openUdp(this.#proc, familyOf(at.addr))
      : openTcp(this.#proc, familyOf(at.addr));
    this.#setOptions(sock);
    sock.reuseAddr = true;
    sock.reusePort = true;
    this.#bind(sock, at, '');
    if (!udp) (sock as StreamSocket).listen(BACKLOG);
    const where = await this.#shownHost(at, numeric);
    if (verbose) await this.#proc.err(`${udp ? 'Bound' : 'Listening'} on ${where} ${at.port}\n`);
    if (udp) return this.#serveUdp(sock);
    do if (await this.#serveTcp(sock as StreamSocket)) break;
    while (this.#o.keep);
    return 0;
  }

  async #listenAddr(host: string | undefined, port: string): Promise<SockAddr> {
    const number = this.#portOf(port);
    const family: Family | undefined = this.#o.family;
    if (host === undefined) {
      const any = parseInet(family === 'inet6' ? '::' : '0.0.0.0') as InetAddr;
      return { addr: any, port: number };
    }
    const found = await resolve(this.#proc, host, family);
    if ('error' in found) throw new NcError(`getaddrinfo: ${gaiStrerror(found.error)}`);
    return { ...(found.addrs[0] as SockAddr), port: number };
  }

  #portOf(text: string): number {
    try {
      return parsePort(this.#proc.fs, text, this.#o);
    } catch (e) {
      if (!(e instanceof NcError)) throw e;
      if (/^\d+$/.test(text)) throw e;
      throw new NcError(`getaddrinfo: ${gaiStrerror('EAI_SERVICE')}`);
    }
  }

  async #shownHost(at: SockAddr, numeric: boolean): Promise<string> {
    const text = formatSockHost(at, this.#proc.netns);
    if (numeric || !this.#o.verbose) return text;
    const any = at.addr === 0 || text === '::';
    return any ? text : ((await reverse(this.#proc, at.addr))?.name ?? text);
  }

  /** @returns whether the program is to end */
  async #serveTcp(listener: StreamSocket): Promise<boolean> {
    const conn = (await accept(this.#proc, listener)) as StreamSocket;
    await this.#tellReceived(conn.remoteAddr());
    const over = await new Relay(this.#proc, conn, this.#o).run();
    closeSocket(this.#proc, conn);
    return over;
  }

  async #tellReceived(from: SockAddr | undefined): Promise<void> {
    if (!this.#o.verbose || from === undefined) return;
    const host = await this.#shownHost(from, this.#o.numeric);
    await this.#proc.err(`Connection received on ${host} ${from.port}\n`);
  }

  async #serveUdp(sock: Socket): Promise<number> {
    if (!this.#o.keep) {
      await this.#proc.poll([{ on: sock, events: POLLIN }], undefined, 'a datagram');
      const got = sock.recv(65_536);
      if (got?.from !== undefined) {
        sock.connect(got.from);
        await this.#tellReceived(got.from);
        await this.#proc.write(1, got.data);
      }
    }
    await new Relay(this.#proc, sock, this.#o).run();
    return 0;
  }

  // Connecting.

  async #connectAll(host: string, port: string): Promise<number> {
    const random = this.#proc.machine.kernel.random;
    const ports = parsePorts(this.#proc.fs, port, this.#o, (n) => random.below(n));
    let status = 1;
    for (const [i, each] of ports.entries()) {
      if (i > 0 && this.#o.interval > 0) await this.#proc.sleep(this.#o.interval);
      const sock = await this.#connect(host, each);
      if (sock === undefined) continue;
      status = 0;
      if (this.#o.verbose || this.#o.zero) {
        if (this.#o.udp && !(await this.#udpTest(sock))) {
          status = 1;
          closeSocket(this.#proc, sock);
          continue;
        }
        await this.#tellConnected(host, each, sock);
      }
      const over = !this.#o.zero && (await new Relay(this.#proc, sock, this.#o).run());
      closeSocket(this.#proc, sock);
      if (over) return 0;
    }
    return status;
  }

  /** @returns undefined if no address could be connected to, which -v says */
  async #connect(host: string, port: number): Promise<Socket | undefined> {
    const addrs = await this.#addresses(host, port);
    for (const addr of addrs) {
      const to = { ...addr, port };
      const family = familyOf(addr.addr);
      const sock = this.#o.udp ? openUdp(this.#proc, family) : openTcp(this.#proc, family);
      this.#setOptions(sock);
      await this.#bindSource(sock);
      try {
        await connect(this.#proc, sock, to, this.#o.timeout);
        return sock;
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        await this.#tellFailed(host, to, e);
        closeSocket(this.#proc, sock);
      }
    }
    return undefined;
  }

  async #addresses(host: string, port: number): Promise<readonly SockAddr[]> {
    const fail = (text: string): never => {
      throw new NcError(`getaddrinfo for host "${host}" port ${port}: ${text}`);
    };
    if (this.#o.numeric && parseInet(host) === undefined) return fail(gaiStrerror('EAI_NONAME'));
    const found = await resolve(this.#proc, host, this.#o.family);
    return 'error' in found ? fail(gaiStrerror(found.error)) : found.addrs;
  }

  #setOptions(sock: Socket): void {
    const { broadcast, rcvBuf, sndBuf, tos, ttl } = this.#o;
    sock.broadcast = broadcast;
    if (tos !== undefined) sock.tos = tos;
    if (ttl !== undefined) sock.ttl = ttl;
    if (rcvBuf !== undefined) sock.rcvBuf = rcvBuf;
    if (sndBuf !== undefined) sock.sndBuf = sndBuf;
  }

  async #bindSource(sock: Socket): Promise<void> {
    const { localPort, source } = this.#o;
    if (localPort === undefined && source === undefined) return;
    sock.reuseAddr = true;
    sock.reusePort = true;
    const port = localPort === undefined ? 0 : this.#portOf(localPort);
    const found = source === undefined ? undefined : await resolve(this.#proc, source, sock.family);
    if (found !== undefined && 'error' in found)
      throw new NcError(`getaddrinfo: ${gaiStrerror(found.error)}`);
    const any = parseInet(sock.family === 'inet' ? '0.0.0.0' : '::') as InetAddr;
    this.#bind(sock, { addr: found?.addrs[0]?.addr ?? any, port }, 'bind failed: ');
  }

  #bind(sock: Socket, at: SockAddr, prefix: string): void {
    try {
      sock.bind(at);
    } catch (e) {
      if (e instanceof KernelError) throw new NcError(`${prefix}${strerror(e.errno)}`);
      throw e;
    }
  }

  /** `HOST (ADDRESS)` if the host was given by name. */
  #both(host: string, at: SockAddr): string {
    const text = formatSockHost(at, this.#proc.netns);
    return text === host ? host : `${host} (${text})`;
  }

  async #tellFailed(host: string, to: SockAddr, e: KernelError): Promise<void> {
    if (!this.#o.verbose) return;
    const how = e.errno === 'EINPROGRESS' ? 'timed out' : 'failed';
    const proto = this.#o.udp ? 'udp' : 'tcp';
    const where = `${this.#both(host, to)} port ${to.port} (${proto})`;
    await this.#proc.err(`nc: connect to ${where} ${how}: ${strerror(e.errno)}\n`);
  }

  async #tellConnected(host: string, port: number, sock: Socket): Promise<void> {
    if (!this.#o.verbose) return;
    const proto = this.#o.udp ? 'udp' : 'tcp';
    const service = this.#o.numeric ? undefined : serviceByPort(this.#proc.fs, port, proto);
    const at = sock.remoteAddr() ?? { addr: 0 as InetAddr, port };
    const where = this.#both(host, at);
    await this.#proc.err(
      `Connection to ${where} ${port} port [${proto}/${service?.name ?? '*'}] succeeded!\n`,
    );
  }

  /** Sends probes, and waits whether an ICMP error comes back. udptest() @returns false if one did */
  async #udpTest(sock: Socket): Promise<boolean> {
    const probe = new Uint8Array([0x58]);
    const refused = () => {
      try {
        sock.send(probe);
        return false;
      } catch (e) {
        if (e instanceof KernelError) return true;
        throw e;
      }
    };
    if (refused() || refused()) return false;
    const seconds = Math.floor((this.#o.timeout ?? UDP_SCAN_TIMEOUT) / SEC);
    for (let i = 0; i < seconds; i++) {
      await this.#proc.sleep(1 * SEC);
      if (refused()) return false;
    }
    return true;
  }
}
