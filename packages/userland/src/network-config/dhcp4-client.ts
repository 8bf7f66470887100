import { formatIpv4, type Ipv4Addr, MAC_BROADCAST } from '@labwire/core/addr';
import { getU32, put16, put32, put48 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { type Nanos, POLLIN, SEC } from '@labwire/core/sim';
import { ETH_P_IP } from '@labwire/core/wire';
import {
  BOOTP_MIN_LEN,
  BOOTREQUEST,
  DHCP_CLIENT_PORT,
  DHCP_COOKIE,
  DHCP_SERVER_PORT,
  DHCPACK,
  DHCPDISCOVER,
  DHCPNAK,
  DHCPOFFER,
  DHCPRELEASE,
  DHCPREQUEST,
  DhcpMessage,
  DhcpOff,
  DhcpOpt,
  type DhcpOption,
  dhcpOption,
  optionsLength,
  readRawDatagram,
  writeOptions,
  writeRawDatagram,
} from '@labwire/devices/dhcp';
import type { NetDevice } from '@labwire/devices/link';
import {
  closeFile,
  closeSocket,
  openPacket,
  openUdp,
  type PacketFile,
  type Strand,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { type Dhcp4Lease, readLease } from './dhcp4-lease.ts';

/** What a client asks for, and as whom. */
export interface Dhcp4Config {
  /** Option 61, whole. */
  readonly clientId: Uint8Array;
  /** Option 12; undefined: not told. */
  readonly hostname: string | undefined;
  /** Option 55. */
  readonly requests: readonly number[];
  /** What else goes into each message. */
  readonly send: readonly DhcpOption[];
  /** An address to ask for again. */
  readonly wanted: Ipv4Addr | undefined;
}

/** What a client tells. */
export interface Dhcp4Events {
  /** There is a lease, or it was renewed. */
  bound(lease: Dhcp4Lease): void;
  /** It is over, or the server takes it back. */
  lost(): void;
}

const ANY = 0 as Ipv4Addr;
const ALL = -1 as Ipv4Addr;
/** Bytes of a message that servers may send. */
const MAX_SIZE = 1472;
/** Between the first message and its repetition; it doubles up to {@link MAX_WAIT}. RFC 2131 section 4.1 */
const FIRST_WAIT: Nanos = 4 * SEC;
const MAX_WAIT: Nanos = 64 * SEC;
/** How often a request for an offer is repeated before all begins anew. */
const MAX_REQUESTS = 4;

/** The DHCP client that a network manager has built in: one device's, as a strand of the manager's process. RFC 2131 */
export class Dhcp4Client {
  readonly #proc: Process;
  readonly #dev: NetDevice;
  readonly #config: Dhcp4Config;
  readonly #events: Dhcp4Events;
  #packet: PacketFile | undefined;
  #xid = 0;
  #started: Nanos = 0;
  #lease: Dhcp4Lease | undefined;

  constructor(proc: Process, dev: NetDevice, config: Dhcp4Config, events: Dhcp4Events) {
    this.#proc = proc;
    this.#dev = dev;
    this.#config = config;
    this.#events = events;
  }

  /** Runs for as long as its owner lets it. */
  *run(): Strand {
    try {
      for (;;) {
        const lease = yield* this.#acquire();
        this.#take(lease);
        yield* this.#keep(lease);
        this.#lease = undefined;
        this.#events.lost();
      }
    } finally {
      this.#close();
    }
  }

  /** Gives the lease back. */
  release(): void {
    if (this.#lease === undefined) return;
    this.#newXid();
    const server = addressOption(DhcpOpt.serverIdentifier, this.#lease.server);
    this.#unicast(this.#message(DHCPRELEASE, this.#lease.address, [server]), this.#lease);
    this.#lease = undefined;
  }

  #take(lease: Dhcp4Lease): void {
    this.#lease = lease;
    this.#close();
    this.#events.bound(lease);
  }

  /** Discovers servers and asks one for what it offers, for ever. */
  *#acquire(): Strand<Dhcp4Lease> {
    for (;;) {
      this.#open();
      this.#newXid();
      this.#started = this.#proc.now;
      const offer = yield* this.#exchange(
        () => this.#broadcast(DHCPDISCOVER, this.#wanted()),
        (type) => type === DHCPOFFER,
        Infinity,
      );
      if (offer === undefined) continue;
      const server = dhcpOption(offer.buf, DhcpOpt.serverIdentifier, 4) ?? new Uint8Array(4);
      const asked = [
        addressOption(DhcpOpt.requestedAddress, offer.yiaddr),
        { code: DhcpOpt.serverIdentifier, data: server },
      ];
      const answer = yield* this.#exchange(
        () => this.#broadcast(DHCPREQUEST, asked),
        (type) => type === DHCPACK || type === DHCPNAK,
        MAX_REQUESTS,
      );
      if (answer !== undefined && typeOf(answer) === DHCPACK)
        return readLease(answer, this.#proc.now);
    }
  }

  #wanted(): DhcpOption[] {
    const { wanted } = this.#config;
    return wanted === undefined ? [] : [addressOption(DhcpOpt.requestedAddress, wanted)];
  }

  /** Sends until an answer comes. @returns undefined after `tries` times */
  *#exchange(
    send: () => void,
    isAnswer: (type: number) => boolean,
    tries: number,
  ): Strand<DhcpMessage | undefined> {
    let wait = FIRST_WAIT;
    for (let n = 0; n < tries; n++) {
      send();
      const jitter = this.#proc.machine.kernel.random.below(2000) - 1000;
      const until = this.#proc.now + wait + (jitter * SEC) / 1000;
      const answer = yield* this.#answer(isAnswer, until);
      if (answer !== undefined) return answer;
      wait = Math.min(wait * 2, MAX_WAIT);
    }
    return undefined;
  }

  *#answer(isAnswer: (type: number) => boolean, until: Nanos): Strand<DhcpMessage | undefined> {
    for (;;) {
      const packet = this.#packet as PacketFile;
      const ready = yield { on: packet, events: POLLIN, until };
      if (!ready) return undefined;
      const message = this.#receive(packet);
      if (message !== undefined && isAnswer(typeOf(message))) return message;
    }
  }

  #receive(packet: PacketFile): DhcpMessage | undefined {
    let data: Uint8Array | undefined;
    try {
      data = packet.socket.recv()?.data;
    } catch (e) {
      // the device went down: the next message tells
      if (!(e instanceof KernelError)) throw e;
    }
    const datagram = data === undefined ? undefined : readRawDatagram(data);
    if (datagram?.dport !== DHCP_CLIENT_PORT) return undefined;
    const message = new DhcpMessage(datagram.payload);
    if (!message.hasCookie || message.xid !== this.#xid || message.hlen !== 6) return undefined;
    const mac = message.chaddr.reduce((sum, byte) => sum * 256 + byte, 0);
    return mac === this.#dev.addr ? message : undefined;
  }

  /** Renews the lease by its server, later by any, until it is over. */
  *#keep(first: Dhcp4Lease): Strand {
    let lease = first;
    while (lease.expires !== Infinity) {
      yield { until: lease.renewAt };
      this.#open();
      this.#newXid();
      this.#started = this.#proc.now;
      const answer = yield* this.#renewal(lease);
      if (answer === undefined || typeOf(answer) === DHCPNAK) return;
      lease = readLease(answer, this.#proc.now);
      this.#take(lease);
    }
    yield {};
  }

  *#renewal(lease: Dhcp4Lease): Strand<DhcpMessage | undefined> {
    const isAnswer = (type: number) => type === DHCPACK || type === DHCPNAK;
    while (this.#proc.now < lease.expires) {
      const rebinding = this.#proc.now >= lease.rebindAt;
      const message = this.#message(DHCPREQUEST, lease.address, []);
      if (rebinding) this.#send(message, lease.address);
      else this.#unicast(message, lease);
      const end = rebinding ? lease.expires : lease.rebindAt;
      const half = Math.max(60 * SEC, (end - this.#proc.now) / 2);
      const answer = yield* this.#answer(isAnswer, Math.min(end, this.#proc.now + half));
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  #open(): void {
    this.#packet ??= openPacket(this.#proc, 'dgram', ETH_P_IP, this.#dev.ifindex);
  }

  #close(): void {
    if (this.#packet !== undefined) closeFile(this.#proc, this.#packet);
    this.#packet = undefined;
  }

  #newXid(): void {
    this.#xid = this.#proc.machine.kernel.random.u32();
  }

  #message(type: number, ciaddr: Ipv4Addr, more: readonly DhcpOption[]): Uint8Array {
    const options = this.#options(type, more);
    const length = Math.max(BOOTP_MIN_LEN, DhcpOff.options + optionsLength(options));
    const message = new DhcpMessage(new Uint8Array(length));
    message.op = BOOTREQUEST;
    message.htype = 1;
    message.hlen = 6;
    message.xid = this.#xid;
    message.secs = Math.min(0xffff, Math.floor((this.#proc.now - this.#started) / SEC));
    message.ciaddr = ciaddr;
    put48(message.buf, DhcpOff.chaddr, this.#dev.addr);
    put32(message.buf, DhcpOff.cookie, DHCP_COOKIE);
    writeOptions(message.buf, DhcpOff.options, options);
    return message.buf;
  }

  #options(type: number, more: readonly DhcpOption[]): DhcpOption[] {
    const { clientId, hostname, requests, send } = this.#config;
    const all: DhcpOption[] = [
      { code: DhcpOpt.messageType, data: new Uint8Array([type]) },
      { code: DhcpOpt.clientIdentifier, data: clientId },
    ];
    if (type !== DHCPRELEASE) {
      const size = new Uint8Array(2);
      put16(size, 0, MAX_SIZE);
      all.push({ code: DhcpOpt.requestList, data: Uint8Array.from(requests) });
      all.push({ code: DhcpOpt.maxMessageSize, data: size });
      if (hostname !== undefined) all.push({ code: DhcpOpt.hostName, data: ascii(hostname) });
      all.push(...send);
    }
    return [...all, ...more];
  }

  #broadcast(type: number, more: readonly DhcpOption[]): void {
    this.#send(this.#message(type, ANY, more), ANY);
  }

  #send(message: Uint8Array, saddr: Ipv4Addr): void {
    const flow = { saddr, daddr: ALL, sport: DHCP_CLIENT_PORT, dport: DHCP_SERVER_PORT };
    const header = { tos: 0xc0, ttl: 64, id: 0, fragOff: 0 };
    const to = { protocol: ETH_P_IP, lladdr: MAC_BROADCAST };
    try {
      this.#packet?.socket.send(writeRawDatagram(flow, header, message), to);
    } catch (e) {
      // a device that is down sends nothing: the next time it may
      if (!(e instanceof KernelError)) throw e;
    }
  }

  #unicast(message: Uint8Array, lease: Dhcp4Lease): void {
    const sock = openUdp(this.#proc, 'inet');
    try {
      sock.reuseAddr = true;
      sock.boundDev = this.#dev;
      sock.bind({ addr: lease.address, port: DHCP_CLIENT_PORT });
      sock.connect({ addr: lease.server, port: DHCP_SERVER_PORT });
      sock.send(message);
    } catch (e) {
      // what does not go out now is sent again
      if (!(e instanceof KernelError)) throw e;
    } finally {
      closeSocket(this.#proc, sock);
    }
  }
}

function typeOf(message: DhcpMessage): number {
  return dhcpOption(message.buf, DhcpOpt.messageType, 1)?.[0] ?? 0;
}

function addressOption(code: number, addr: Ipv4Addr): DhcpOption {
  const data = new Uint8Array(4);
  put32(data, 0, addr);
  return { code, data };
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0) & 0x7f);
}

/** An option of addresses as text. */
export function addressesText(message: Uint8Array, code: number): string[] {
  const data = dhcpOption(message, code, 4) ?? new Uint8Array(0);
  const count = Math.floor(data.length / 4);
  return Array.from({ length: count }, (_, i) => formatIpv4((getU32(data, 4 * i) | 0) as Ipv4Addr));
}
