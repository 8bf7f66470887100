import { KernelError, strerror } from '@labwire/core/error';
import { type Nanos, POLLIN, SEC } from '@labwire/core/sim';
import type { NetDevice } from '@labwire/devices/link';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { Received, SockAddr, Socket } from '@labwire/devices/sock';
import { closeSocket, familyOf, formatInet, openUdp, sameInet } from '../../libc-net/index.ts';
import type { PollItem } from '../../machine/index.ts';
import {
  errorPacket,
  readRequest,
  sanitise,
  TftpError,
  TftpOp,
  texts,
  word,
} from '../../tftp/index.ts';
import { type Daemon, dnsmasqTime } from '../daemon.ts';
import { EC_FILE, Fatal } from '../fatal.ts';
import { isServed, type Listener, nameFits } from '../network/index.ts';
import type { Service } from '../service.ts';
import { filePath, openFile, TftpRefusal } from './find-file.ts';
import { Transfer } from './transfer.ts';

const MAX_PACKET = 65_536;

/** The TFTP server: it sends files, and takes none. dnsmasq src/tftp.c */
export class TftpService implements Service {
  readonly #daemon: Daemon;
  readonly #missing: string[] = [];
  #transfers: Transfer[] = [];

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** Looks whether the directories are there. @throws Fatal */
  start(): void {
    const { proc, config } = this.#daemon;
    for (const { root } of config.dhcp.tftpRoots)
      try {
        proc.fs.readdir(root);
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        if (!config.has('tftp-no-fail'))
          throw new Fatal(`TFTP directory ${root} inaccessible: ${strerror(e.errno)}`, EC_FILE);
        this.#missing.push(root);
      }
  }

  announce(): void {
    const { config, log } = this.#daemon;
    const root = config.dhcp.tftpRoots.find((r) => r.device === undefined)?.root;
    const what = root === undefined ? 'enabled' : `root is ${root}`;
    log.info(`TFTP ${what} ${config.has('tftp-secure') ? 'secure mode' : ''} `, 'tftp');
    for (const missing of this.#missing)
      log.warning(
        missing === root
          ? `warning: ${missing} inaccessible`
          : `warning: TFTP directory ${missing} inaccessible`,
        'tftp',
      );
  }

  /** Listens while there are not too many transfers. set_tftp_listeners() */
  get #listeners(): readonly Listener[] {
    const { network, config } = this.#daemon;
    return this.#transfers.length < config.dhcp.tftpMax ? network.listeners : [];
  }

  waits(): readonly PollItem[] {
    const socks = [...this.#listeners.map((l) => l.tftp), ...this.#transfers.map((t) => t.sock)];
    return socks.flatMap((on) => (on === undefined ? [] : [{ on, events: POLLIN }]));
  }

  wakeAt(): Nanos | undefined {
    if (this.#transfers.length === 0) return undefined;
    const { proc } = this.#daemon;
    const next = Math.min(...this.#transfers.map((t) => t.timeout));
    return proc.now + Math.max(0, Math.ceil((next - proc.machine.wallClock) * SEC));
  }

  serve(): void {
    for (const listener of this.#listeners) {
      const got = listener.tftp === undefined ? undefined : receive(listener.tftp);
      if (got !== undefined) this.#request(listener, got);
    }
    for (const transfer of this.#transfers) this.#hear(transfer);
    const now = dnsmasqTime(this.#daemon);
    this.#transfers = this.#transfers.filter((t) => t.timeout > now || this.#goOn(t));
  }

  /** tftp_request() */
  #request(listener: Listener, got: Received): void {
    const { from, data, to = listener.addr } = got;
    if (from === undefined || data.length < 2) return;
    const dev = this.#daemon.proc.netns.devices.byIndex(got.ifindex ?? 0);
    if (dev === undefined || !this.#serves(dev, to)) return;
    const sock = this.#openSocket(to, from);
    if (sock === undefined) return;
    const transfer = this.#begin(sock, from, data, dev);
    if (transfer === undefined) closeSocket(this.#daemon.proc, sock);
    else this.#transfers.unshift(transfer);
  }

  /** Sends the first packet, or an error. @returns undefined if nothing follows */
  #begin(sock: Socket, peer: SockAddr, data: Uint8Array, dev: NetDevice): Transfer | undefined {
    const { proc, config } = this.#daemon;
    const client = formatInet(peer.addr);
    try {
      const request = readRequest(data);
      if (request === undefined)
        throw new TftpRefusal(TftpError.illegal, `unsupported request from ${client}`);
      const path = filePath(proc, config, request.file, dev.name, client);
      const file = openFile(proc, config, path, client);
      const transfer = new Transfer(sock, peer, file, request, dnsmasqTime(this.#daemon));
      const { tftpMtu } = config.dhcp;
      const mtu = tftpMtu !== 0 && tftpMtu < dev.mtu ? tftpMtu : dev.mtu;
      transfer.negotiate(request, mtu, !config.has('tftp-no-blocksize'));
      const first = transfer.packet();
      if (first !== undefined) send(sock, first, peer);
      return transfer;
    } catch (e) {
      if (!(e instanceof TftpRefusal)) throw e;
      send(sock, this.#error(e), peer);
      return undefined;
    }
  }

  #error({ code, message }: TftpRefusal): Uint8Array {
    const { config, log } = this.#daemon;
    const text = sanitise(message);
    if (code !== TftpError.notFound || !config.has('quiet-tftp')) log.error(text, 'tftp');
    return errorPacket(code, text);
  }

  /** Whether files are sent to who asks there. */
  #serves(dev: NetDevice, addr: InetAddr): boolean {
    const { config, network } = this.#daemon;
    const { tftpDevices } = config.dhcp;
    if (tftpDevices.length > 0) return tftpDevices.some((name) => nameFits(name, dev.name));
    network.enumerate();
    const barred = config.dhcpExcept.some(
      (e) => e.family === undefined && nameFits(e.name, dev.name),
    );
    const known = network.served.some((s) => sameInet(s.addr, addr));
    return !barred && (known || isServed(config, dev.name, addr));
  }

  /** A socket of the transfer's own, from the ports that there may be. */
  #openSocket(addr: InetAddr, peer: SockAddr): Socket | undefined {
    const { proc, config, log } = this.#daemon;
    const { first, last } = config.dhcp.tftpPorts ?? { first: 0, last: 0 };
    const scope = peer.scopeId === undefined ? {} : { scopeId: peer.scopeId };
    const sock = openUdp(proc, familyOf(addr));
    sock.pmtuDisc = 'dont';
    for (let port = first; port <= last; port++)
      try {
        sock.bind({ addr, port, ...scope });
        return sock;
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        if (e.errno !== 'EADDRINUSE') break;
        if (port === last) log.error('unable to get free port for TFTP', 'tftp');
      }
    closeSocket(proc, sock);
    return undefined;
  }

  /** What a transfer's client says. handle_tftp() */
  #hear(transfer: Transfer): void {
    const got = receive(transfer.sock);
    if (got?.from === undefined) return;
    const { from, data } = got;
    if (!sameInet(from.addr, transfer.peer.addr) || from.port !== transfer.peer.port) {
      const text = `ignoring packet from ${formatInet(from.addr)} (TID mismatch)`;
      send(transfer.sock, this.#error(new TftpRefusal(TftpError.unknownId, text)), from);
      return;
    }
    const now = dnsmasqTime(this.#daemon);
    if (data.length < 4) return;
    if (word(data, 0) === TftpOp.ack) transfer.acknowledge(word(data, 2), now);
    if (word(data, 0) !== TftpOp.error) return;
    const said = sanitise(texts(data, 4)[0] ?? '');
    const client = formatInet(from.addr);
    this.#daemon.log.error(`error ${word(data, 2)} ${said} received from ${client}`, 'tftp');
    transfer.abort(now);
  }

  /** @returns whether the transfer goes on */
  #goOn(transfer: Transfer): boolean {
    const next = transfer.step();
    if (typeof next !== 'string') {
      send(transfer.sock, next, transfer.peer);
      return true;
    }
    const how = next === 'failed' ? 'failed sending' : 'sent';
    const { proc, log } = this.#daemon;
    const to = formatInet(transfer.peer.addr);
    log.info(`${how} ${sanitise(transfer.file.name)} to ${to}`, 'tftp');
    closeSocket(proc, transfer.sock);
    return false;
  }
}

/** @returns undefined if nothing came, or an ICMP error */
function receive(sock: Socket): Received | undefined {
  try {
    return sock.recv(MAX_PACKET);
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  }
}

function send(sock: Socket, packet: Uint8Array, to: SockAddr): void {
  try {
    sock.send(packet, to);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
  }
}
