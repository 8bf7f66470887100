import type { Ipv4Addr } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, StreamEnd } from '@labwire/devices/sock';
import type { UnixName } from '@labwire/devices/unix';
import {
  bindUnix,
  closeSocket,
  connect,
  connectUnix,
  familyOf,
  formatInet,
  openTcp,
  openUnix,
  parseInet,
  SocketFile,
  type StreamSocket,
} from '../../libc-net/index.ts';
import type { PollItem, Process } from '../../machine/index.ts';
import { resolve } from '../../resolver/index.ts';
import { QemuError } from '../qemu-error.ts';
import type { Chardev, CharPeer } from './chardev.ts';
import type { CharAddress, SocketSpec } from './spec.ts';
import { TELNET_GREETING, TelnetFilter } from './telnet.ts';

type Listener = StreamEnd & { accept(): StreamEnd | undefined };

const unixName = (a: Extract<CharAddress, { family: 'unix' }>): UnixName => ({
  abstract: a.abstract,
  name: a.path,
});

/** A character device at a socket: QEMU waits there, one guest at a time, or goes there. QEMU chardev/char-socket.c */
export class SocketChardev implements Chardev {
  readonly id: string;
  readonly #proc: Process;
  readonly #spec: SocketSpec;
  #listeners: Listener[] = [];
  #socket: StreamEnd | undefined;
  #peer: CharPeer | undefined;

  private constructor(proc: Process, id: string, spec: SocketSpec) {
    this.id = id;
    this.#proc = proc;
    this.#spec = spec;
  }

  /** @param where the option, for messages. @throws QemuError */
  static async open(
    proc: Process,
    id: string,
    spec: SocketSpec,
    where: string,
  ): Promise<SocketChardev> {
    const dev = new SocketChardev(proc, id, spec);
    try {
      if (!spec.server) await dev.#connect();
      else if (spec.address.family === 'unix') dev.#listenUnix(spec.address);
      else await dev.#listenInet(spec.address.host, spec.address.port);
    } catch (e) {
      dev.close();
      throw e instanceof QemuError ? new QemuError(where, e.message) : e;
    }
    return dev;
  }

  /** Waits for the first one to come. @param tell what QEMU says meanwhile */
  async waitForPeer(tell: (text: string) => Promise<void>): Promise<void> {
    if (!this.#spec.wait) return;
    await tell(`QEMU waiting for connection on: ${this.filename}`);
    while (this.#peer === undefined) {
      await this.#proc.poll(this.waits, undefined, 'somebody at its character device');
      this.turn();
    }
  }

  get filename(): string {
    const { address, server, telnet } = this.#spec;
    const kind = telnet ? 'telnet' : 'tcp';
    const at =
      address.family === 'unix'
        ? `unix:${address.path}`
        : `${kind}:${address.host === '' ? '0.0.0.0' : address.host}:${address.port}`;
    const text = `${at}${server ? ',server=on' : ''}`;
    return this.#peer === undefined ? `disconnected:${text}` : text;
  }

  get peer(): CharPeer | undefined {
    return this.#peer;
  }

  get waits(): readonly PollItem[] {
    const { input } = this.#peer ?? {};
    if (input !== undefined) return [{ on: input, events: POLLIN }];
    return this.#listeners.map((on) => ({ on, events: POLLIN }));
  }

  #listenUnix(address: Extract<CharAddress, { family: 'unix' }>): void {
    const proc = this.#proc;
    const sock = openUnix(proc, 'stream');
    this.#listeners = [sock];
    const path = proc.path(address.path);
    try {
      if (!address.abstract && proc.fs.exists(path)) proc.fs.unlink(path);
      bindUnix(proc, sock, unixName(address));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const why = `Failed to bind socket to ${address.path}: ${strerror(e.errno)}`;
      throw new QemuError(undefined, why);
    }
    sock.listen(1);
  }

  async #listenInet(host: string, port: number): Promise<void> {
    const addrs: readonly InetAddr[] =
      host === ''
        ? [0 as Ipv4Addr, parseInet('::') as InetAddr]
        : [(await this.#resolve(host, port)).addr];
    for (const addr of addrs) {
      const sock = openTcp(this.#proc, familyOf(addr));
      this.#listeners.push(sock);
      sock.reuseAddr = true;
      if (sock.family === 'inet6') sock.v6only = true;
      try {
        sock.bind({ addr, port });
        sock.listen(1);
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        throw new QemuError(undefined, `Failed to find an available port: ${strerror(e.errno)}`);
      }
    }
  }

  async #resolve(host: string, port: number): Promise<SockAddr> {
    const found = await resolve(this.#proc, host, undefined);
    const [first] = 'error' in found ? [] : found.addrs;
    if (first === undefined)
      throw new QemuError(
        undefined,
        `address resolution failed for ${host}:${port}: Name or service not known`,
      );
    return { ...first, port };
  }

  async #connect(): Promise<void> {
    const { address } = this.#spec;
    const shown = address.family === 'unix' ? address.path : `${address.host}:${address.port}`;
    try {
      this.#meet(await this.#connected(address));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new QemuError(undefined, `Failed to connect to '${shown}': ${strerror(e.errno)}`);
    }
  }

  async #connected(address: CharAddress): Promise<StreamEnd> {
    if (address.family === 'unix') {
      const sock = openUnix(this.#proc, 'stream');
      await connectUnix(this.#proc, sock, unixName(address));
      return sock;
    }
    const to = await this.#resolve(address.host === '' ? 'localhost' : address.host, address.port);
    const sock: StreamSocket = openTcp(this.#proc, familyOf(to.addr));
    await connect(this.#proc, sock, to);
    return sock;
  }

  #meet(socket: StreamEnd): void {
    const file = new SocketFile(socket);
    const telnet = this.#spec.telnet ? new TelnetFilter() : undefined;
    this.#socket = socket;
    this.#peer = {
      input: file,
      output: file,
      filter: (data) => telnet?.take(data) ?? data,
    };
    if (telnet !== undefined && this.#spec.server) socket.send(TELNET_GREETING);
  }

  turn(): void {
    if (this.#peer !== undefined) return;
    for (const listener of this.#listeners) {
      const socket = listener.accept();
      if (socket === undefined) continue;
      this.#meet(socket);
      return;
    }
  }

  part(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#peer = undefined;
  }

  close(): void {
    this.part();
    const { address, server } = this.#spec;
    const mine = this.#listeners.splice(0);
    for (const listener of mine) closeSocket(this.#proc, listener);
    if (!server || address.family !== 'unix' || address.abstract || mine.length === 0) return;
    const path = this.#proc.path(address.path);
    if (this.#proc.fs.exists(path)) this.#proc.fs.unlink(path);
  }
}

/** An address as QEMU shows it: `127.0.0.1:5000`, `[::1]:5000`. */
export function showAddress({ addr, port }: SockAddr): string {
  return typeof addr === 'number' ? `${formatInet(addr)}:${port}` : `[${formatInet(addr)}]:${port}`;
}
