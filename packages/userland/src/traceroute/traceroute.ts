import { put32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { MS, type Nanos, POLLIN } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';
import {
  closeSocket,
  familyOf,
  formatInet,
  openUdp,
  parseInet,
  sameInet,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { gaiStrerror, resolve, reverse } from '../resolver/index.ts';
import { CallError, parseArgs, TracerouteError, type TracerouteOptions } from './options.ts';
import {
  connect,
  IcmpProber,
  newProbe,
  type Probe,
  type ProbeContext,
  type Prober,
  TcpProber,
  UdpProber,
} from './probes.ts';

/** Added to a measured time before it is multiplied. DEF_WAIT_PREC */
const WAIT_PRECISION: Nanos = 1 * MS;
/** Bytes of a packet by default: the header and forty. */
const DEFAULT_DATA = 40;

const USAGE = `Usage:
  traceroute [ -46FITnUV ] [ -f first_ttl ] [ -i device ] [ -m max_ttl ] [ -N squeries ] [ -g gate,... ] [ -p port ] [ -t tos ] [ -w MAX,HERE,NEAR ] [ -q nqueries ] [ -s src_addr ] [ -z sendwait ] host [ packetlen ]
`;

/** traceroute(1). Debian's traceroute 2.1.2, traceroute.c */
export async function traceroute(proc: Process): Promise<number> {
  try {
    const options = parseArgs(proc.argv[0] ?? '', proc.argv.slice(1));
    if (options === 'help') {
      await proc.out(USAGE);
      return 0;
    }
    if (options === 'version') {
      await proc.out('Modern traceroute for Linux, version 2.1.2\n');
      return 0;
    }
    return await trace(proc, options);
  } catch (e) {
    if (!(e instanceof TracerouteError)) throw e;
    await proc.err(`${e.message}\n`);
    return e.status;
  }
}

async function trace(proc: Process, o: TracerouteOptions): Promise<number> {
  const found = await resolve(proc, o.host, o.family);
  if ('error' in found)
    throw new TracerouteError(
      `${o.host}: ${gaiStrerror(found.error)}\nCannot handle "host" cmdline arg \`${o.host}' on position 1 (argc ${proc.argv.length - 1})`,
    );
  const to = found.addrs[0] as SockAddr;
  const family = familyOf(to.addr);
  const header = family === 'inet' ? 20 : 40;
  const ipOptions = await sourceRoute(proc, o.gateways, to);
  const hlen = header + ipOptions.length;
  const length = Math.max(o.packetLength ?? hlen + DEFAULT_DATA, hlen + 8);
  const source = o.source === undefined ? undefined : parseInet(o.source);
  if (o.source !== undefined && source === undefined)
    throw new TracerouteError(`Cannot handle \`-s' option with arg \`${o.source}'`);
  const payload = length - hlen;
  const context: ProbeContext = { proc, options: o, to, family, source, payload, ipOptions };
  const prober = openProber(context);
  await proc.out(
    `traceroute to ${o.host} (${formatInet(to.addr)}), ${o.max} hops max, ${length} byte packets\n`,
  );
  return new Trace(context, prober).run();
}

/** A loose source route by way of the gateways: IPv4's option, behind a NOP. init_ip_options() @throws TracerouteError */
async function sourceRoute(
  proc: Process,
  gateways: readonly string[],
  to: SockAddr,
): Promise<Uint8Array> {
  if (gateways.length === 0) return new Uint8Array(0);
  if (typeof to.addr !== 'number')
    throw new TracerouteError('-g: routing headers of IPv6 are not supported here');
  const option = new Uint8Array(4 + 4 * (gateways.length + 1));
  option.set([1, 131, option.length - 1, 4]);
  for (const [i, host] of gateways.entries()) {
    const found = await resolve(proc, host, 'inet');
    if ('error' in found)
      throw new TracerouteError(
        `${host}: ${gaiStrerror(found.error)}\nCannot handle \`-g' option with arg \`${host}'`,
      );
    put32(option, 4 + 4 * i, (found.addrs[0] as SockAddr).addr as number);
  }
  put32(option, option.length - 4, to.addr);
  return option;
}

/** Opens what a method probes with. @throws TracerouteError */
export function openProber(c: ProbeContext): Prober {
  switch (c.options.method) {
    case 'icmp':
      return new IcmpProber(c);
    case 'tcp':
      return new TcpProber(c, sourceFor(c) as number);
    default:
      return new UdpProber(c);
  }
}

/** The address that the kernel would send from. @throws TracerouteError */
function sourceFor(c: ProbeContext): InetAddr {
  if (c.source !== undefined) return c.source;
  const sock = openUdp(c.proc, c.family);
  try {
    connect(sock, { ...c.to, port: 33_434 });
    return sock.localAddr().addr;
  } finally {
    closeSocket(c.proc, sock);
  }
}

class Trace {
  readonly #c: ProbeContext;
  readonly #prober: Prober;
  readonly #probes: Probe[] = [];
  /** Probes printed so far. */
  #printed = 0;
  /** How many probes there are to be: fewer once the destination has answered. */
  #total: number;
  #nextSend: Nanos = 0;

  constructor(context: ProbeContext, prober: Prober) {
    this.#c = context;
    this.#prober = prober;
    const { first, max, queries } = context.options;
    this.#total = (max - first + 1) * queries;
  }

  async run(): Promise<number> {
    while (this.#printed < this.#total) {
      this.#sendDue();
      const until = this.#nextDeadline();
      const timeout = Math.max(0, until - this.#c.proc.now);
      const on = this.#prober.sources().map((source) => ({ on: source, events: POLLIN }));
      await this.#c.proc.poll(on, timeout, 'answers to probes');
      this.#prober.receive();
      this.#expire();
      this.#noteFinal();
      await this.#print();
    }
    await this.#c.proc.out('\n');
    return 0;
  }

  #pending(probe: Probe): boolean {
    return probe.receivedAt === undefined && !probe.expired;
  }

  #sendDue(): void {
    const { atOnce, first, queries, sendWait } = this.#c.options;
    const { proc } = this.#c;
    while (
      this.#probes.length < this.#total &&
      this.#probes.filter((p) => this.#pending(p)).length < atOnce &&
      proc.now >= this.#nextSend
    ) {
      const index = this.#probes.length;
      const ttl = first + Math.floor(index / queries);
      const probe = newProbe(ttl, proc.now);
      this.#probes.push(probe);
      this.#nextSend = proc.now + sendWait;
      try {
        this.#prober.send(probe, index);
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        throw new CallError('send', e.errno);
      }
    }
  }

  /** How long to wait for a probe, by what others have taken. get_timeout() */
  #patience(probe: Probe): Nanos {
    const { here, near, queries, wait } = this.#c.options;
    const index = this.#probes.indexOf(probe);
    const hop = index - (index % queries);
    const taken = (p: Probe) => (p.receivedAt === undefined ? 0 : p.receivedAt - p.sentAt);
    const sameHop = this.#probes.slice(hop, hop + queries).find((p) => taken(p) > 0);
    if (here > 0 && sameHop !== undefined)
      return Math.min(wait, (taken(sameHop) + WAIT_PRECISION) * here);
    const later = this.#probes.slice(index + 1).find((p) => taken(p) > 0);
    if (near > 0 && later !== undefined)
      return Math.min(wait, (taken(later) + WAIT_PRECISION) * near);
    return wait;
  }

  #nextDeadline(): Nanos {
    const waiting = this.#probes.filter((p) => this.#pending(p));
    const deadlines = waiting.map((p) => p.sentAt + this.#patience(p));
    if (this.#probes.length < this.#total && this.#nextSend > this.#c.proc.now)
      deadlines.push(this.#nextSend);
    return deadlines.length === 0 ? this.#c.proc.now : Math.min(...deadlines);
  }

  #expire(): void {
    for (const probe of this.#probes) {
      if (!this.#pending(probe)) continue;
      if (this.#c.proc.now < probe.sentAt + this.#patience(probe)) continue;
      probe.expired = true;
      this.#prober.forget(probe);
    }
  }

  /** The hop at which an answer was final is the last. */
  #noteFinal(): void {
    const { first, queries } = this.#c.options;
    const final = this.#probes.find((p) => p.final);
    if (final !== undefined) this.#total = Math.min(this.#total, (final.ttl - first + 1) * queries);
  }

  async #print(): Promise<void> {
    while (this.#printed < Math.min(this.#total, this.#probes.length)) {
      const probe = this.#probes[this.#printed] as Probe;
      if (this.#pending(probe)) return;
      await this.#printOne(probe, this.#printed++);
    }
  }

  async #printOne(probe: Probe, index: number): Promise<void> {
    const { queries } = this.#c.options;
    const inHop = index % queries;
    const start = index === 0 ? '' : '\n';
    let text = inHop === 0 ? `${start}${String(probe.ttl).padStart(2)} ` : '';
    if (probe.from === undefined || probe.receivedAt === undefined) text += ' *';
    else {
      const hop = this.#probes.slice(index - inHop, index);
      const before = hop.reverse().find((p) => p.from !== undefined)?.from;
      if (before === undefined || !sameInet(before, probe.from))
        text += ` ${await this.#name(probe.from)}`;
      text += `  ${((probe.receivedAt - probe.sentAt) / MS).toFixed(3)} ms`;
      if (probe.note !== '') text += ` ${probe.note}`;
    }
    await this.#c.proc.out(text);
  }

  async #name(addr: InetAddr): Promise<string> {
    const text = formatInet(addr);
    if (this.#c.options.numeric) return text;
    return `${(await reverse(this.#c.proc, addr))?.name ?? text} (${text})`;
  }
}
