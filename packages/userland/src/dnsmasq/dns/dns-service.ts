import { get16 } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { type Nanos, POLLIN } from '@labwire/core/sim';
import { DNS_HLEN, FLAG_QR, PLAIN_UDP_MAX } from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { Received, SockAddr, Socket } from '@labwire/devices/sock';
import { closeSocket, formatInet, installSocket, type StreamSocket } from '../../libc-net/index.ts';
import type { PollItem, Process } from '../../machine/index.ts';
import { type Daemon, dnsmasqTime } from '../daemon.ts';
import type { Listener } from '../network/index.ts';
import type { Service } from '../service.ts';
import { Admission } from './admission.ts';
import { AnswerRequest, type Asked } from './answer/index.ts';
import { Cache, DUMP_HEAD, dumpLine } from './cache/index.ts';
import type { DnsParts } from './dns-parts.ts';
import { type Asker, Forwarder } from './forward/index.ts';
import { HostNames } from './hosts/index.ts';
import type { Metrics } from './metrics.ts';
import { readQuery } from './packet.ts';
import { QueryLog } from './query-log.ts';
import { Servers } from './servers/index.ts';
import { TcpChild } from './tcp-child.ts';

const SIGALRM = 14;

/** The name server: answers from what it knows, and asks others for the rest. */
export class DnsService implements Service {
  readonly #daemon: Daemon;
  readonly #parts: DnsParts;
  readonly #names: HostNames;
  readonly #metrics: Metrics = {
    forwarded: 0,
    answered: 0,
    staleAnswered: 0,
    tcpNow: 0,
    tcpMost: 0,
  };
  #children: Process[] = [];
  #lastLogId = 0;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
    const cache = new Cache(daemon.config);
    const servers = new Servers(daemon);
    this.#parts = {
      daemon,
      cache,
      servers,
      source: { daemon, cache, servers, metrics: this.#metrics },
      forwarder: new Forwarder({
        daemon,
        cache,
        servers,
        answer: (asker, reply) => this.#send(asker.socket, reply, asker.from, asker.to),
      }),
      admission: new Admission(daemon),
      nextLogId: () => ++this.#lastLogId,
    };
    this.#names = new HostNames(daemon, cache);
    daemon.names = this.#names;
  }

  bind(): void {
    this.#parts.servers.open();
  }

  begin(): void {
    this.#parts.servers.check();
    this.#parts.servers.poll(true);
  }

  async reload(): Promise<void> {
    const { servers } = this.#parts;
    const { config } = this.#daemon;
    this.#names.reload();
    servers.readOnlyFile();
    await servers.readServersFile();
    if (config.has('no-poll') || config.serversFile !== undefined) servers.check();
  }

  waits(): PollItem[] {
    const room = this.#metrics.tcpNow < this.#daemon.config.maxTcpConnections;
    const { listeners } = this.#daemon.network;
    const sockets = [
      ...listeners.map((l) => l.udp),
      ...(room ? listeners.map((l) => l.tcp) : []),
      ...this.#parts.forwarder.sockets,
    ];
    return sockets.filter((s) => s !== undefined).map((on) => ({ on, events: POLLIN }));
  }

  wakeAt(): Nanos | undefined {
    return this.#parts.forwarder.wakeAt();
  }

  serve(): void {
    this.#names.poll();
    if (this.#parts.servers.poll(false) && this.#daemon.config.has('clear-on-reload'))
      this.#names.reload();
    this.#parts.forwarder.serve();
    for (const listener of [...this.#daemon.network.listeners]) {
      this.#receive(listener);
      this.#accept(listener);
    }
  }

  /** Takes in questions that have come by UDP. */
  #receive({ udp, served }: Listener): void {
    if (udp === undefined) return;
    while ((udp.poll() & POLLIN) !== 0) {
      const got = take(udp, this.#daemon.config.ednsPacketMax + 1);
      if (got?.from === undefined) return;
      const to = this.#daemon.network.bound && served ? served.addr : got.to;
      if (this.#admits(got, udp)) this.#answer(udp, got, got.from, to);
    }
  }

  #admits({ data, from, to, ifindex }: Received, udp: Socket): boolean {
    const { config } = this.#daemon;
    if (from === undefined || from.port === 0) return false;
    if (data.length < DNS_HLEN || data.length > config.ednsPacketMax) return false;
    if ((get16(data, 2) & FLAG_QR) !== 0) return false;
    const { admission } = this.#parts;
    if (!admission.isLocal(from, false)) return false;
    if (config.has('bind-interfaces') && udp.family === 'inet') return true;
    return to !== undefined && ifindex !== undefined && admission.isForUs(ifindex, to);
  }

  #answer(udp: Socket, { data }: Received, from: SockAddr, to: InetAddr | undefined): void {
    const { config, log } = this.#daemon;
    const query = readQuery(data);
    const logId = this.#parts.nextLogId();
    const queryLog = new QueryLog(log, config, logId, from);
    const { question } = query;
    if (question !== undefined) queryLog.query(question.name, question.type, from);
    const size = Math.min(query.ednsSize ?? PLAIN_UDP_MAX, config.ednsPacketMax);
    const asked: Asked = {
      query,
      log: queryLog,
      now: dnsmasqTime(this.#daemon),
      limit: Math.max(size, PLAIN_UDP_MAX),
      rotates: true,
      localNet: this.#parts.admission.netOf(to),
    };
    const asker = { id: query.id, from, to, socket: udp, logId };
    const local =
      question &&
      new AnswerRequest(this.#parts.source, asked, question.name, question.type).run(
        question.class,
      );
    if (local === undefined) {
      this.#forward(data, asked, asker);
      return;
    }
    this.#send(udp, local.reply, from, to);
    this.#metrics.answered++;
    if (!local.stale) return;
    this.#metrics.staleAnswered++;
    this.#forward(data, asked, { ...asker, socket: undefined });
  }

  #forward(data: Uint8Array, asked: Asked, asker: Asker): void {
    if (!asked.query.readable) return;
    const passedOn = this.#parts.forwarder.forward(data.slice(), asked, asker);
    if (passedOn) this.#metrics.forwarded++;
    else this.#metrics.answered++;
  }

  /** send_from() */
  #send(
    socket: Socket | undefined,
    reply: Uint8Array,
    to: SockAddr,
    from: InetAddr | undefined,
  ): void {
    try {
      const source = this.#daemon.network.bound ? undefined : from;
      socket?.send(reply, to, source);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      if (e.errno !== 'EINVAL')
        this.#daemon.log.error(`failed to send packet: ${strerror(e.errno)}`);
    }
  }

  /** Gives a TCP connection to a process of its own. */
  #accept({ tcp }: Listener): void {
    const { config, proc } = this.#daemon;
    while (tcp !== undefined && this.#metrics.tcpNow < config.maxTcpConnections) {
      const conn = acceptOne(tcp);
      if (conn === undefined) return;
      installSocket(proc, conn);
      const peer = conn.remoteAddr();
      if (peer !== undefined && this.#admitsConnection(conn, peer)) this.#startChild(conn, peer);
      closeSocket(proc, conn);
    }
  }

  #admitsConnection(conn: StreamSocket, peer: SockAddr): boolean {
    const { network } = this.#daemon;
    network.enumerate();
    const local = formatInet(conn.localAddr().addr);
    if (!network.bound && !network.served.some((s) => formatInet(s.addr) === local)) return false;
    return this.#parts.admission.isLocal(peer, true);
  }

  #startChild(conn: StreamSocket, peer: SockAddr): void {
    const { proc } = this.#daemon;
    this.#metrics.tcpNow++;
    this.#metrics.tcpMost = Math.max(this.#metrics.tcpMost, this.#metrics.tcpNow);
    const child = proc.spawn(proc.argv, async (own) => {
      try {
        return await new TcpChild(own, this.#parts, conn, peer).run();
      } finally {
        this.#metrics.tcpNow--;
        this.#children = this.#children.filter((c) => c !== own);
      }
    });
    child.comm = proc.comm;
    this.#children.push(child);
  }

  dump(): void {
    const { config, log, proc } = this.#daemon;
    const { cache, servers } = this.#parts;
    const { forwarded, answered, staleAnswered, tcpNow, tcpMost } = this.#metrics;
    log.info(`time ${dnsmasqTime(this.#daemon)}`);
    log.info(
      `cache size ${config.cacheSize}, ${cache.evictedLive}/${cache.inserted} cache insertions re-used unexpired cache entries.`,
    );
    log.info(`queries forwarded ${forwarded}, queries answered locally ${answered}`);
    if (config.maxExpired !== 0) log.info(`queries answered from stale cache ${staleAnswered}`);
    log.info('queries for authoritative zones 0');
    for (const line of NO_DNSSEC) log.info(line);
    log.info(
      `child processes for TCP requests: in use ${tcpNow}, highest since last SIGUSR1 ${tcpMost}, max allowed ${config.maxTcpConnections}.`,
    );
    this.#metrics.tcpMost = tcpNow;
    for (const s of servers.summary())
      log.info(
        `server ${s.text}: queries sent ${s.queries}, retried ${s.retries}, failed ${s.failed}, nxdomain replies ${s.nxdomains}, avg. latency ${s.latency}ms`,
      );
    if (!config.has('no-daemon') && !config.has('log-queries')) return;
    for (const line of DUMP_HEAD) log.info(line);
    for (const entry of cache.entries()) log.info(dumpLine(entry));
    proc.noteProgress();
  }

  stop(): void {
    for (const child of this.#children) child.kill(SIGALRM);
  }
}

/** What is said of signatures, which are not checked. */
const NO_DNSSEC: readonly string[] = [
  'DNSSEC per-query subqueries HWM 0',
  'DNSSEC per-query crypto work HWM 0',
  'DNSSEC per-RRSet signature fails HWM 0',
  'pool memory in use 0, max 0, allocated 0',
];

function take(socket: Socket, max: number): Received | undefined {
  try {
    return socket.recv(max);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return undefined;
  }
}

function acceptOne(listener: StreamSocket): StreamSocket | undefined {
  try {
    return listener.accept();
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return undefined;
  }
}
