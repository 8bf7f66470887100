import { get16, put8, put16, put32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { Nanos, Pollable } from '@labwire/core/sim';
import { checksum } from '@labwire/core/wire';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import type { DatagramSocket, SockAddr, SockError, Socket } from '@labwire/devices/sock';
import { closeSocket, installSocket, openUdp } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { CallError, TracerouteError, type TracerouteOptions } from './options.ts';

const UNPRIVILEGED =
  'You do not have enough privileges to use this traceroute method.\nsocket: Operation not permitted';

/** One probe: when it went out, and what came of it. */
export interface Probe {
  readonly ttl: number;
  sentAt: Nanos;
  /** Undefined until an answer has come. */
  receivedAt: Nanos | undefined;
  from: InetAddr | undefined;
  /** The destination itself, or an error that ends the trace. */
  final: boolean;
  /** `!H` and the like. */
  note: string;
  expired: boolean;
}

/** A probe that goes out now. */
export function newProbe(ttl: number, sentAt: Nanos): Probe {
  return {
    ttl,
    sentAt,
    receivedAt: undefined,
    from: undefined,
    final: false,
    note: '',
    expired: false,
  };
}

/** A way to probe. */
export interface Prober {
  /** Sends a probe. @throws KernelError */
  send(probe: Probe, index: number): void;
  /** Takes in what has come; fills in the probes that it answers. */
  receive(): void;
  /** What to wait for. */
  sources(): readonly Pollable[];
  /** Nothing more is expected for a probe. */
  forget(probe: Probe): void;
}

/** What all ways have in common. */
export interface ProbeContext {
  readonly proc: Process;
  readonly options: TracerouteOptions;
  readonly to: SockAddr;
  readonly family: Family;
  readonly source: InetAddr | undefined;
  /** Bytes behind the network header. */
  readonly payload: number;
  /** Options of the IPv4 header; empty for none. */
  readonly ipOptions: Uint8Array;
}

const DEFAULT_PORT = 33_434;
const UDP_PORT = 53;
const TCP_PORT = 80;
const UDP_HLEN = 8;
const ICMP_HLEN = 8;
const TCP_SYN_LENGTH = 40;

/** Sets the options that every socket has. @throws TracerouteError */
function setUp(c: ProbeContext, sock: Socket, bindPort: number): void {
  const { device, dontFragment, tos } = c.options;
  if (device !== undefined) {
    const dev = c.proc.netns.devices.byName(device);
    if (dev === undefined) throw new CallError('setsockopt SO_BINDTODEVICE', 'ENODEV');
    sock.boundDev = dev;
  }
  sock.tos = tos;
  sock.pmtuDisc = dontFragment ? 'do' : 'dont';
  sock.recvErr = true;
  if (c.ipOptions.length > 0) (sock as DatagramSocket).setIpOptions(c.ipOptions);
  if (c.source === undefined) return;
  try {
    sock.bind({ addr: c.source, port: bindPort });
  } catch (e) {
    if (e instanceof KernelError) throw new CallError('bind', e.errno);
    throw e;
  }
}

/** @throws CallError */
export function connect(sock: Socket, to: SockAddr): void {
  try {
    sock.connect(to);
  } catch (e) {
    throw e instanceof KernelError ? new CallError('connect', e.errno) : e;
  }
}

const UNREACH4: Readonly<Record<number, string>> = {
  0: '!N',
  1: '!H',
  2: '!P',
  5: '!S',
  9: '!X',
  10: '!X',
  13: '!X',
};
const UNREACH6: Readonly<Record<number, string>> = { 0: '!N', 1: '!X', 2: '!S', 3: '!H' };

/** Fills a probe in from an ICMP error. traceroute.c, parse_icmp_res() */
function fromError(probe: Probe, error: SockError): void {
  if (error.origin === 'local') return;
  probe.receivedAt = error.tstamp;
  probe.from = error.offender;
  const v6 = error.origin === 'icmp6';
  const isTime = error.type === (v6 ? 3 : 11);
  if (isTime && error.code === 0) return;
  probe.final = true;
  const isUnreach = error.type === (v6 ? 1 : 3);
  const port = v6 ? 4 : 3;
  if (!isUnreach) probe.note = `!<${error.type}-${error.code}>`;
  else if (!v6 && error.code === 4) probe.note = `!F-${error.info}`;
  else if (error.code !== port)
    probe.note = (v6 ? UNREACH6 : UNREACH4)[error.code] ?? `!<${error.code}>`;
}

/** @param at when the answer arrived */
function answered(probe: Probe, from: InetAddr, at: Nanos): void {
  probe.receivedAt = at;
  probe.from = from;
  probe.final = true;
}

/** One UDP socket for each probe, connected to its port. mod-udp.c */
export class UdpProber implements Prober {
  readonly #c: ProbeContext;
  readonly #sockets = new Map<Probe, Socket>();

  constructor(context: ProbeContext) {
    this.#c = context;
  }

  send(probe: Probe, index: number): void {
    const { method, port } = this.#c.options;
    const sock = openUdp(this.#c.proc, this.#c.family);
    setUp(this.#c, sock, 0);
    sock.ttl = probe.ttl;
    const to = method === 'udp' ? (port ?? UDP_PORT) : ((port ?? DEFAULT_PORT) + index) & 0xffff;
    const length = Math.max(0, this.#c.payload - UDP_HLEN);
    connect(sock, { ...this.#c.to, port: to });
    this.#sockets.set(probe, sock);
    sock.send(Uint8Array.from({ length }, (_, i) => 0x40 + (i & 0x3f)));
  }

  receive(): void {
    for (const [probe, sock] of [...this.#sockets]) {
      const { now } = this.#c.proc;
      try {
        const got = sock.recv(1500);
        if (got !== undefined) answered(probe, this.#c.to.addr, got.tstamp ?? now);
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
      }
      const error = sock.errorQueue.shift();
      if (error !== undefined) fromError(probe, error);
      if (probe.receivedAt !== undefined) this.forget(probe);
    }
  }

  sources(): readonly Pollable[] {
    return [...this.#sockets.values()];
  }

  forget(probe: Probe): void {
    const sock = this.#sockets.get(probe);
    if (sock !== undefined) closeSocket(this.#c.proc, sock);
    this.#sockets.delete(probe);
  }
}

/** Whether a raw socket is open to somebody, or in its place a ping socket. */
function mayPing(proc: Process): boolean {
  const [low, high] = proc.netns.ipv4.conf.ping_group_range;
  return proc.uid === 0 || (proc.gid >= low && proc.gid <= high);
}

/** One ICMP socket for all probes, which are told apart by their sequence numbers. mod-icmp.c */
export class IcmpProber implements Prober {
  readonly #c: ProbeContext;
  readonly #sock: Socket;
  readonly #waiting = new Map<number, Probe>();

  /** @throws TracerouteError if its user may not ping */
  constructor(context: ProbeContext) {
    this.#c = context;
    const { netns } = context.proc;
    if (!mayPing(context.proc)) throw new TracerouteError(UNPRIVILEGED);
    this.#sock = context.family === 'inet' ? netns.ipv4.openPing() : netns.ipv6.openPing();
    installSocket(context.proc, this.#sock);
    setUp(context, this.#sock, 0);
  }

  send(probe: Probe, index: number): void {
    const length = Math.max(ICMP_HLEN, this.#c.payload);
    const packet = Uint8Array.from({ length }, (_, i) => 0x40 + ((i - ICMP_HLEN) & 0x3f));
    const seq = ((this.#c.options.port ?? 1) + index) & 0xffff;
    packet.fill(0, 0, ICMP_HLEN);
    put8(packet, 0, this.#c.family === 'inet' ? 8 : 128);
    put16(packet, 6, seq);
    this.#waiting.set(seq, probe);
    this.#sock.ttl = probe.ttl;
    this.#sock.send(packet, this.#c.to);
  }

  receive(): void {
    for (;;) {
      const { now } = this.#c.proc;
      try {
        const got = this.#sock.recv(65_536);
        const probe = got && this.#waiting.get(get16(got.data, 6));
        if (probe !== undefined && got?.from !== undefined)
          answered(probe, got.from.addr, got.tstamp ?? now);
        if (got !== undefined) continue;
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
      }
      const error = this.#sock.errorQueue.shift();
      if (error === undefined) return;
      const probe = this.#waiting.get(get16(error.payload, 6));
      if (probe !== undefined && probe.receivedAt === undefined) fromError(probe, error);
    }
  }

  sources(): readonly Pollable[] {
    return [this.#sock];
  }

  forget(probe: Probe): void {
    for (const [seq, each] of this.#waiting) if (each === probe) this.#waiting.delete(seq);
  }
}

/** Half-open TCP connections through a raw socket: a SYN of its own source port for each probe. mod-tcp.c */
export class TcpProber implements Prober {
  readonly #c: ProbeContext;
  readonly #sock: Socket;
  readonly #source: number;
  readonly #waiting = new Map<number, Probe>();

  /** @throws TracerouteError if not called by root, or for IPv6 */
  constructor(context: ProbeContext, source: number) {
    this.#c = context;
    this.#source = source;
    if (context.family !== 'inet')
      throw new TracerouteError('TCP over IPv6 is not supported here; give -4');
    if (context.proc.uid !== 0) throw new TracerouteError(UNPRIVILEGED);
    this.#sock = context.proc.netns.ipv4.openRaw(6);
    installSocket(context.proc, this.#sock);
    setUp(context, this.#sock, 0);
  }

  send(probe: Probe): void {
    const random = this.#c.proc.machine.kernel.random;
    const sport = 32_768 + random.below(28_232);
    const syn = new Uint8Array(TCP_SYN_LENGTH);
    put16(syn, 0, sport);
    put16(syn, 2, this.#c.options.port ?? TCP_PORT);
    put32(syn, 4, random.u32());
    put8(syn, 12, (TCP_SYN_LENGTH / 4) << 4);
    put8(syn, 13, 0x02);
    put16(syn, 14, 5840);
    syn.set([2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 2], 20);
    put16(syn, 16, checksum(syn, 0, syn.length, this.#pseudoSum(syn.length)));
    this.#waiting.set(sport, probe);
    this.#sock.ttl = probe.ttl;
    this.#sock.send(syn, this.#c.to);
  }

  #pseudoSum(length: number): number {
    const to = this.#c.to.addr as number;
    const halves = [this.#source >>> 16, this.#source & 0xffff, to >>> 16, to & 0xffff, 6, length];
    return halves.reduce((a, b) => a + b, 0);
  }

  receive(): void {
    for (;;) {
      const { now } = this.#c.proc;
      try {
        const got = this.#sock.recv(65_536);
        if (got !== undefined) {
          const at = ((got.data[0] as number) & 15) * 4;
          const probe = this.#waiting.get(get16(got.data, at + 2));
          if (probe !== undefined && got.from?.addr === this.#c.to.addr)
            answered(probe, got.from.addr, got.tstamp ?? now);
          continue;
        }
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
      }
      const error = this.#sock.errorQueue.shift();
      if (error === undefined) return;
      const probe = this.#waiting.get(get16(error.payload, 0));
      if (probe !== undefined && probe.receivedAt === undefined) fromError(probe, error);
    }
  }

  sources(): readonly Pollable[] {
    return [this.#sock];
  }

  forget(probe: Probe): void {
    for (const [port, each] of this.#waiting) if (each === probe) this.#waiting.delete(port);
  }
}
