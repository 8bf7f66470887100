import { get16, put16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { MS, type Nanos } from '@labwire/core/sim';
import {
  FLAG_AA,
  FLAG_AD,
  FLAG_CD,
  FLAG_QR,
  FLAG_RA,
  FLAG_TC,
  isInDomain,
  NXDOMAIN,
  REFUSED,
  readMessage,
  SERVFAIL,
} from '@labwire/devices/dns';
import type { Received, SockAddr, Socket } from '@labwire/devices/sock';
import { closeSocket, sameInet } from '../../../libc-net/index.ts';
import { type Daemon, dnsmasqTime } from '../../daemon.ts';
import {
  type Asked,
  addressesOfRules,
  existsHere,
  type RuleAnswer,
  writeRuleAnswer,
} from '../answer/index.ts';
import { type Cache, F_IPV4, F_IPV6 } from '../cache/index.ts';
import {
  changeFlags,
  findOpt,
  questionKey,
  rcodeOf,
  readQuery,
  withoutRecords,
} from '../packet.ts';
import { QueryLog } from '../query-log.ts';
import { EDE_INVALID, EDE_NETWORK, EDE_NOT_READY } from '../reply-writer.ts';
import {
  bindSource,
  type DomainServer,
  type ServerRange,
  type Servers,
  showAddress,
} from '../servers/index.ts';
import type { Asker, PendingQuery } from './pending-query.ts';
import { hasAddressOf, ReplyProcessor } from './process-reply.ts';

/** Seconds after which a question may be forgotten; after four times that it is. TIMEOUT */
const TIMEOUT = 10;
/** After so many queries, or seconds, all servers are asked to see which is fastest. FORWARD_TEST, FORWARD_TIME */
const FORWARD_TEST = 50;
const FORWARD_TIME = 20;
/** Seconds within which the same question from another is no repetition. */
const CLOSE = 2;
/** Seconds between two complaints about too many questions. */
const FULL_LOG_INTERVAL = 5;
/** Bytes of an OPT record without options. */
const EMPTY_OPT = 11;
const MAX_DATAGRAM = 65_535;
const RCODE_MASK = 0xf;
/** Bytes of an answer that get through everywhere; seconds until more are tried again. SAFE_PKTSZ, UDP_TEST_TIME */
const SAFE_SIZE = 1232;
const SIZE_TEST_TIME = 60;

/** What a forwarder works with. */
export interface ForwarderParts {
  readonly daemon: Daemon;
  readonly cache: Cache;
  readonly servers: Servers;
  /** Sends an answer to who asked. */
  readonly answer: (asker: Asker, reply: Uint8Array) => void;
}

/** Passes questions on to servers and their answers back. dnsmasq src/forward.c */
export class Forwarder {
  readonly #parts: ForwarderParts;
  #pending: PendingQuery[] = [];
  #lastFull = Number.NEGATIVE_INFINITY;

  constructor(parts: ForwarderParts) {
    this.#parts = parts;
  }

  /** The sockets that answers come to. */
  get sockets(): Socket[] {
    return [
      ...this.#parts.servers.sockets,
      ...this.#pending.flatMap((p) => p.sockets.map((s) => s.socket)),
    ];
  }

  /** What the rules say to a question; undefined if it is for the servers of `range`. */
  rulesFor(asked: Asked): { readonly answer?: RuleAnswer; readonly range?: ServerRange } {
    const { daemon, cache, servers } = this.#parts;
    const { query, now } = asked;
    const name = query.question?.name ?? '';
    const { wants } = query;
    const wish = { ipv4: (wants & F_IPV4) !== 0, ipv6: (wants & F_IPV6) !== 0 };
    const range = servers.table.lookup(name, wish);
    if (range === undefined) return { answer: { kind: 'refused', ede: EDE_NOT_READY } };
    const kind = servers.table.all[range.first]?.rule.kind;
    if (kind === 'local') return { answer: { kind: this.#noData(range, name, now) } };
    if (kind !== 'upstream' && kind !== 'resolv') {
      const addresses = addressesOfRules(servers.table, range, wants);
      return { answer: { kind: 'addresses', addresses } };
    }
    const simple = name !== '' && !name.includes('.') && (wants & (F_IPV4 | F_IPV6)) !== 0;
    if (!daemon.config.has('domain-needed') || !simple) return { range };
    const known = existsHere(daemon, cache, name, now);
    return { answer: { kind: known ? 'no data' : 'no name' } };
  }

  /** Whether a name of --local is known with other records. is_local_answer() */
  #noData({ first }: ServerRange, name: string, now: number): 'no data' | 'no name' {
    const { daemon, cache, servers } = this.#parts;
    const kinds = servers.table.group(first).map((s) => s.rule.kind);
    const other = kinds.some((k) => k === 'addr4' || k === 'addr6' || k === 'zeros');
    return other || existsHere(daemon, cache, name, now) ? 'no data' : 'no name';
  }

  /**
   * Passes a question on, or answers it by the rules. forward_query()
   * @param buf the question, which becomes the forwarder's
   * @returns whether it was passed on
   */
  forward(buf: Uint8Array, asked: Asked, asker: Asker): boolean {
    const key = questionKey(buf);
    const known = key === undefined ? undefined : this.#sameQuestion(key, asked);
    if (known !== undefined) return this.#again(known, buf, asked, asker);
    if (key === undefined) return false;
    const { answer, range } = this.rulesFor(asked);
    if (answer !== undefined) return this.#reply(asked, asker, answer);
    if (range === undefined)
      return this.#reply(asked, asker, { kind: 'refused', ede: EDE_INVALID });
    const pending = this.#newPending(buf, asked, asker, key, range);
    if (pending === undefined)
      return this.#reply(asked, asker, { kind: 'refused', ede: undefined });
    const { config } = this.#parts.daemon;
    pending.forwardAll = config.has('all-servers') ? 1 : 0;
    const start = config.has('strict-order') ? range.first : this.#firstServer(pending, range);
    if (this.#send(pending, buf, range, start, asked.log)) return true;
    this.#drop(pending);
    return this.#reply(asked, asker, { kind: 'refused', ede: EDE_NETWORK });
  }

  /** The server that answered last, unless it is time to ask all again. */
  #firstServer(pending: PendingQuery, { first }: ServerRange): number {
    const master = this.#parts.servers.table.all[first] as DomainServer;
    const now = pending.time;
    const old = master.forwardCount++ > FORWARD_TEST || now - master.forwardTime > FORWARD_TIME;
    if (!old && master.lastServer !== -1) return master.lastServer;
    master.forwardTime = now;
    master.forwardCount = 0;
    pending.forwardAll = 1;
    return first;
  }

  #reply(asked: Asked, asker: Asker, answer: RuleAnswer): false {
    if (asker.socket === undefined) return false;
    const name = asked.query.question?.name ?? '';
    this.#parts.answer(asker, writeRuleAnswer(this.#parts.daemon, asked, name, answer));
    return false;
  }

  #sameQuestion(key: string, { query }: Asked): PendingQuery | undefined {
    return this.#pending.find(
      (p) =>
        p.key === key &&
        p.checkingDisabled === query.checkingDisabled &&
        p.wantsAd === query.wantsAd &&
        p.hasEdns === (query.ednsSize !== undefined),
    );
  }

  /** A question that waits for its answer already: from the same asker it goes out again. */
  #again(pending: PendingQuery, buf: Uint8Array, asked: Asked, asker: Asker): boolean {
    const same = pending.askers.find(
      (a) =>
        a.id === asker.id &&
        a.from.port === asker.from.port &&
        sameInet(a.from.addr, asker.from.addr),
    );
    if (same !== undefined) same.logId = asker.logId;
    else {
      pending.askers.splice(1, 0, asker);
      if (asked.now - pending.time < CLOSE) return false;
    }
    return this.#resend(pending, buf, asked.log, same === undefined ? 'new asker' : 'asker');
  }

  /** Sends a question once more. @returns false if there is no server left */
  #resend(
    pending: PendingQuery,
    buf: Uint8Array,
    log: QueryLog,
    why: 'asker' | 'new asker' | 'fast' | 'failed',
  ): boolean {
    const { servers, daemon } = this.#parts;
    if (why === 'failed') pending.sentTo.failed++;
    else pending.sentTo.retries++;
    const range = servers.table.filter(pending.sentTo.position, { upstream: true });
    if (range === undefined) return false;
    let start = pending.sentTo.position;
    const strict = daemon.config.has('strict-order');
    if (!strict && (why === 'asker' || why === 'failed')) pending.forwardAll = 1;
    else if (strict && why !== 'fast' && ++start === range.last) {
      if (why === 'failed') return false;
      start--;
    }
    pending.triesSmall = true;
    const opt = findOpt(buf);
    if (opt !== undefined) put16(buf, opt.sizeAt, SAFE_SIZE);
    return this.#send(pending, buf, range, start, log);
  }

  #newPending(
    buf: Uint8Array,
    { query, now }: Asked,
    asker: Asker,
    key: string,
    range: ServerRange,
  ): PendingQuery | undefined {
    const { daemon, servers } = this.#parts;
    const first = servers.table.all[range.first] as DomainServer;
    if (!this.#makeRoom(first, now)) return undefined;
    const pending: PendingQuery = {
      askers: [asker],
      newId: this.#newId(),
      key,
      checkingDisabled: query.checkingDisabled,
      wantsAd: query.wantsAd,
      dnssecOk: query.dnssecOk,
      hasEdns: query.ednsSize !== undefined,
      hasOptions: hasEdnsOptions(buf),
      triesSmall: false,
      noRebind: this.#mayRebind(query.question?.name ?? ''),
      question: buf.slice(),
      sentTo: first,
      forwardAll: 0,
      sockets: [],
      time: now,
      sentAt: daemon.proc.now,
      delay: daemon.config.fastRetry,
    };
    this.#pending.unshift(pending);
    return pending;
  }

  /** Whether private addresses are fine for a name. domain_no_rebind() */
  #mayRebind(name: string): boolean {
    return this.#parts.daemon.config.rebindDomains.some((domain) =>
      domain === '' ? !name.includes('.') : isInDomain(name, domain),
    );
  }

  #newId(): number {
    const { random } = this.#parts.daemon.proc.machine.kernel;
    for (;;) {
      const id = random.below(0x1_0000);
      if (!this.#pending.some((p) => p.newId === id)) return id;
    }
  }

  /** Forgets old questions. get_new_frec() @returns false if too many wait for the same servers */
  #makeRoom(server: DomainServer, now: number): boolean {
    const { config } = this.#parts.daemon;
    for (const old of this.#pending.filter((p) => now - p.time >= 4 * TIMEOUT)) this.#drop(old);
    const group = this.#parts.servers.table.group(server.position);
    const busy = this.#pending.filter((p) => now - p.time < TIMEOUT && group.includes(p.sentTo));
    if (busy.length < config.forwardMax) return true;
    this.#sayFull(server.rule.domain, now);
    return false;
  }

  #sayFull(domain: string, now: number): void {
    if (now - this.#lastFull <= FULL_LOG_INTERVAL) return;
    this.#lastFull = now;
    const to = domain === '' ? '' : ` to ${domain}`;
    const { log, config } = this.#parts.daemon;
    log.warning(
      `Maximum number of concurrent DNS queries${to} reached (max: ${config.forwardMax})`,
    );
  }

  /** Sends a question to one server, or to all. @returns whether it went to any */
  #send(
    pending: PendingQuery,
    buf: Uint8Array,
    { first, last }: ServerRange,
    start: number,
    log: QueryLog,
  ): boolean {
    put16(buf, 0, pending.newId);
    const name = readQuery(buf).question?.name ?? 'query';
    let sent = false;
    for (let at = pending.forwardAll > 0 ? first : start; at < last; at++) {
      const server = this.#parts.servers.table.all[at] as DomainServer;
      if (!this.#sendTo(pending, server, buf)) continue;
      log.forwarded(name, server.rule.to as SockAddr);
      server.queries++;
      pending.sentTo = server;
      sent = true;
      if (pending.forwardAll === 0) break;
      pending.forwardAll++;
    }
    if (sent) pending.sentAt = this.#parts.daemon.proc.now;
    return sent;
  }

  #sendTo(pending: PendingQuery, server: DomainServer, buf: Uint8Array): boolean {
    try {
      const socket = server.socket ?? this.#socketFor(pending, server);
      socket.send(buf, server.rule.to);
      return true;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      return false;
    }
  }

  /** A socket with a port of its own for this question, shared by servers that could share one. allocate_rfd() */
  #socketFor(pending: PendingQuery, { rule }: DomainServer): Socket {
    const { daemon } = this.#parts;
    const family = typeof rule.to?.addr;
    const source = JSON.stringify([rule.from, rule.device]);
    const alike = pending.sockets.filter((s) => s.family === family && s.source === source);
    const [oldest] = alike;
    if (oldest !== undefined && alike.length >= daemon.config.portLimit) {
      pending.sockets.push(...pending.sockets.splice(pending.sockets.indexOf(oldest), 1));
      return oldest.socket;
    }
    const socket = bindSource(daemon, rule);
    pending.sockets.push({ socket, family, source });
    return socket;
  }

  #drop(pending: PendingQuery): void {
    for (const { socket } of pending.sockets) closeSocket(this.#parts.daemon.proc, socket);
    this.#pending = this.#pending.filter((p) => p !== pending);
  }

  /** Takes in all answers that have come. */
  serve(): void {
    for (const socket of this.sockets) {
      for (let got = receive(socket); got !== undefined; got = receive(socket)) {
        this.#take(socket, got);
        if (socket.poll() === 0) break;
      }
    }
    this.#fastRetry();
  }

  /** An answer came. reply_query() */
  #take(socket: Socket, { data, from }: Received): void {
    if (data.length < 12 || (get16(data, 2) & FLAG_QR) === 0 || from === undefined) return;
    const key = questionKey(data);
    const id = get16(data, 0);
    const pending = this.#pending.find((p) => p.newId === id && p.key === key);
    if (pending === undefined || !this.#isFor(pending, socket)) return;
    const { table } = this.#parts.servers;
    const range = table.filter(pending.sentTo.position, { upstream: true });
    if (range === undefined) return;
    const server = table.all
      .slice(range.first, range.last)
      .find((s) => s.rule.to?.port === from.port && sameInet(s.rule.to.addr, from.addr));
    if (server !== undefined) this.#accept(pending, server, range, data.slice());
  }

  #isFor(pending: PendingQuery, socket: Socket): boolean {
    return (
      pending.sockets.some((s) => s.socket === socket) || this.#parts.servers.sockets.has(socket)
    );
  }

  #accept(
    pending: PendingQuery,
    server: DomainServer,
    range: ServerRange,
    reply: Uint8Array,
  ): void {
    const { config } = this.#parts.daemon;
    const rcode = rcodeOf(reply);
    const master = this.#parts.servers.table.all[range.first] as DomainServer;
    if (rcode !== REFUSED) master.lastServer = server.position;
    else if (master.lastServer === server.position) master.lastServer = -1;
    if (rcode === 0 && config.ignoreAddresses.length > 0) {
      const message = readMessage(reply);
      if (message !== undefined && hasAddressOf(message, config.ignoreAddresses)) return;
    }
    const failed = rcode === REFUSED || rcode === SERVFAIL;
    if (failed && pending.forwardAll === 0 && this.#askNext(pending, reply)) return;
    if (pending.forwardAll > 0 && --pending.forwardAll > 1 && rcode === REFUSED) return;
    this.#noteSize(pending, server, reply);
    pending.sentTo = server;
    server.noteLatency(pending.sentAt, this.#parts.daemon.proc.now);
    if (rcode === NXDOMAIN) server.nxdomains++;
    this.#return(pending, reply);
  }

  /** A server that cannot answer: the question goes to the others. @returns false if there are none */
  #askNext(pending: PendingQuery, reply: Uint8Array): boolean {
    if (pending.hasOptions) return false;
    const question = withoutRecords(reply);
    changeFlags(
      question,
      FLAG_QR | FLAG_AA | FLAG_TC | FLAG_RA | FLAG_CD | FLAG_AD | RCODE_MASK,
      0,
    );
    if (pending.checkingDisabled) changeFlags(question, 0, FLAG_CD);
    if (pending.wantsAd) changeFlags(question, 0, FLAG_AD);
    return this.#resend(pending, question, this.#logOf(pending.askers[0] as Asker), 'failed');
  }

  /** An answer that came only once a smaller one was asked for: from now on this server is asked so. */
  #noteSize(pending: PendingQuery, server: DomainServer, reply: Uint8Array): void {
    const long = (get16(reply, 2) & FLAG_TC) !== 0 || reply.length >= SAFE_SIZE;
    const now = dnsmasqTime(this.#parts.daemon);
    const { daemon } = this.#parts;
    if (now - server.reducedAt <= SIZE_TEST_TIME || daemon.config.ednsPacketMax <= SAFE_SIZE)
      return;
    if (!pending.triesSmall || !long) return;
    server.reducedAt = now;
    const text = showAddress(daemon, server.rule.to as SockAddr);
    daemon.log.warning(`reducing DNS packet size for nameserver ${text} to ${SAFE_SIZE}`);
  }

  #logOf({ logId, from }: Asker): QueryLog {
    const { log, config } = this.#parts.daemon;
    return new QueryLog(log, config, logId, from);
  }

  /** Works on an answer and gives it to all who asked. return_reply() */
  #return(pending: PendingQuery, reply: Uint8Array): void {
    const { daemon, cache, servers } = this.#parts;
    const keep = (get16(reply, 2) & FLAG_CD) === 0 && !pending.checkingDisabled;
    changeFlags(reply, FLAG_CD, pending.checkingDisabled ? FLAG_CD : 0);
    const [first, ...others] = pending.askers;
    const log = this.#logOf(first as Asker);
    const checkRebind = daemon.config.has('stop-dns-rebind') && !pending.noRebind;
    const now = dnsmasqTime(daemon);
    const work = { daemon, cache, table: servers.table, log, now, checkRebind, keep };
    const done = new ReplyProcessor(work, reply).run();
    this.#drop(pending);
    for (const asker of pending.askers) this.#giveTo(asker, done);
    if (daemon.config.has('log-queries-extra'))
      for (const other of others) this.#logOf(other).say('reply', 'query', 'duplicate');
  }

  #giveTo(asker: Asker, reply: Uint8Array): void {
    put16(reply, 0, asker.id);
    if (asker.socket !== undefined) this.#parts.answer(asker, reply);
  }

  /** Questions that --fast-dns-retry sends again. fast_retry() */
  #fastRetry(): void {
    const { daemon } = this.#parts;
    const { fastRetry, fastRetryTimeout } = daemon.config;
    if (fastRetry === 0) return;
    const now = dnsmasqTime(daemon);
    for (const pending of [...this.#pending]) {
      if (now - pending.time >= fastRetryTimeout) continue;
      if (daemon.proc.now < pending.sentAt + pending.delay * MS) continue;
      const log = this.#logOf(pending.askers[0] as Asker);
      this.#resend(pending, pending.question.slice(), log, 'fast');
      pending.sentAt = daemon.proc.now;
      pending.delay *= 2;
    }
  }

  /** When a question is to be sent again; undefined: none is. */
  wakeAt(): Nanos | undefined {
    const { fastRetry, fastRetryTimeout } = this.#parts.daemon.config;
    if (fastRetry === 0) return undefined;
    const now = dnsmasqTime(this.#parts.daemon);
    const due = this.#pending
      .filter((p) => now - p.time < fastRetryTimeout)
      .map((p) => p.sentAt + p.delay * MS);
    return due.length === 0 ? undefined : Math.min(...due);
  }
}

/** Whether a question has EDNS options: then it cannot be made again out of its answer. */
function hasEdnsOptions(buf: Uint8Array): boolean {
  const opt = findOpt(buf);
  return opt !== undefined && opt.end - opt.start > EMPTY_OPT;
}

/** Takes one datagram; an error of one that was sent before is passed over. */
function receive(socket: Socket): Received | undefined {
  try {
    return socket.recv(MAX_DATAGRAM);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return undefined;
  }
}
