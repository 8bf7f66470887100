import { get16, put16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import { FLAG_CD, isInDomain } from '@labwire/devices/dns';
import type { SockAddr } from '@labwire/devices/sock';
import {
  closeSocket,
  connect,
  familyOf,
  openTcp,
  recv,
  type StreamSocket,
  sendAll,
} from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { dnsmasqTime } from '../daemon.ts';
import { AnswerRequest, type Asked, writeRuleAnswer } from './answer/index.ts';
import type { DnsParts } from './dns-parts.ts';
import { ReplyProcessor } from './forward/index.ts';
import { changeFlags, questionKey, readQuery } from './packet.ts';
import { QueryLog } from './query-log.ts';
import { EDE_NETWORK } from './reply-writer.ts';
import type { DomainServer, ServerRange } from './servers/index.ts';

/** Seconds after which a child ends: CHILD_LIFETIME. Questions of one connection: TCP_MAX_QUERIES. */
const LIFETIME = 150 * SEC;
const MAX_QUERIES = 100;
const MAX_MESSAGE = 65_536;
/** Two tries to connect, as TCP_SYNCNT 2 makes it. */
const CONNECT_TIMEOUT = 7 * SEC;
const DNS_HLEN = 12;

/** Reads `n` bytes. @returns undefined at the end of the stream, or after `end` */
async function readExactly(
  proc: Process,
  sock: StreamSocket,
  n: number,
  end: number,
): Promise<Uint8Array | undefined> {
  const out = new Uint8Array(n);
  for (let at = 0; at < n; ) {
    const got = await recv(proc, sock, n - at, Math.max(0, end - proc.now));
    if (got === undefined || got.data.length === 0) return undefined;
    out.set(got.data, at);
    at += got.data.length;
  }
  return out;
}

async function readMessage(
  proc: Process,
  sock: StreamSocket,
  end: number,
): Promise<Uint8Array | undefined> {
  const length = await readExactly(proc, sock, 2, end);
  return length && readExactly(proc, sock, get16(length, 0), end);
}

function framed(message: Uint8Array): Uint8Array {
  const out = new Uint8Array(message.length + 2);
  put16(out, 0, message.length);
  out.set(message, 2);
  return out;
}

/** A process that serves one TCP connection. dnsmasq src/forward.c, tcp_request() */
export class TcpChild {
  readonly #proc: Process;
  readonly #parts: DnsParts;
  readonly #sock: StreamSocket;
  readonly #peer: SockAddr;
  readonly #end: number;
  /** Connections to servers, kept for more questions. */
  readonly #upstream = new Map<DomainServer, StreamSocket>();

  constructor(proc: Process, parts: DnsParts, sock: StreamSocket, peer: SockAddr) {
    this.#proc = proc;
    this.#parts = parts;
    this.#sock = sock;
    this.#peer = peer;
    this.#end = proc.now + LIFETIME;
  }

  /** Serves the connection until one side closes it. @returns the exit code */
  async run(): Promise<number> {
    try {
      for (let count = 0; count < MAX_QUERIES; count++) {
        const message = await readMessage(this.#proc, this.#sock, this.#end);
        if (message === undefined) break;
        if (message.length < DNS_HLEN) continue;
        const reply = await this.#answer(message);
        if (reply === undefined) break;
        await sendAll(
          this.#proc,
          this.#sock,
          framed(reply),
          Math.max(0, this.#end - this.#proc.now),
        );
      }
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
    return 0;
  }

  async #answer(message: Uint8Array): Promise<Uint8Array | undefined> {
    const { daemon, source, admission } = this.#parts;
    const query = readQuery(message);
    if (!query.readable) return undefined;
    const id = this.#parts.nextLogId();
    const log = new QueryLog(daemon.log.as(this.#proc), daemon.config, id, this.#peer);
    if (query.question !== undefined)
      log.query(query.question.name, query.question.type, this.#peer);
    const localNet = admission.netOf(this.#sock.localAddr().addr);
    const now = dnsmasqTime(daemon);
    const rotates = daemon.config.has('no-daemon');
    const asked: Asked = { query, log, now, limit: MAX_MESSAGE, rotates, localNet };
    const { question } = query;
    const local =
      question &&
      new AnswerRequest(source, asked, question.name, question.type).run(question.class);
    if (local !== undefined) return local.reply;
    return this.#forward(message, asked);
  }

  async #forward(message: Uint8Array, asked: Asked): Promise<Uint8Array | undefined> {
    const { daemon, forwarder } = this.#parts;
    const name = asked.query.question?.name ?? '';
    const { answer, range } = forwarder.rulesFor(asked);
    if (answer !== undefined || range === undefined)
      return writeRuleAnswer(daemon, asked, name, answer ?? { kind: 'refused', ede: undefined });
    const found = await this.#talk(message, range);
    if (found === undefined) {
      const refused = { kind: 'refused', ede: EDE_NETWORK } as const;
      return writeRuleAnswer(daemon, asked, name, refused);
    }
    asked.log.forwarded(name, found.server.rule.to as SockAddr);
    return this.#process(found.reply, asked);
  }

  #process(reply: Uint8Array, asked: Asked): Uint8Array {
    const { daemon, cache, servers } = this.#parts;
    const { query, log, now } = asked;
    const name = query.question?.name ?? '';
    const fine = daemon.config.rebindDomains.some((d) => isInDomain(name, d));
    const checkRebind = daemon.config.has('stop-dns-rebind') && !fine;
    changeFlags(reply, FLAG_CD, query.checkingDisabled ? FLAG_CD : 0);
    const keep = !query.checkingDisabled;
    const work = { daemon, cache, table: servers.table, log, now, checkRebind, keep };
    return new ReplyProcessor(work, reply).run();
  }

  /** Asks one server after the other. tcp_talk() */
  async #talk(
    message: Uint8Array,
    { first, last }: ServerRange,
  ): Promise<{ readonly reply: Uint8Array; readonly server: DomainServer } | undefined> {
    const { table } = this.#parts.servers;
    const master = table.all[first];
    const strict = this.#parts.daemon.config.has('strict-order');
    const start = strict || (master?.lastServer ?? -1) < 0 ? first : (master?.lastServer as number);
    const count = last - first;
    for (let i = 0; i < count; i++) {
      const server = table.all[first + ((start - first + i) % count)] as DomainServer;
      const reply = await this.#ask(server, message);
      if (reply !== undefined && questionKey(reply) === questionKey(message))
        return { reply, server };
    }
    return undefined;
  }

  async #ask(server: DomainServer, message: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      const sock = this.#upstream.get(server) ?? (await this.#connect(server));
      await sendAll(this.#proc, sock, framed(message));
      const reply = await readMessage(this.#proc, sock, this.#end);
      if (reply !== undefined && reply.length >= DNS_HLEN) return reply;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
    const sock = this.#upstream.get(server);
    this.#upstream.delete(server);
    if (sock !== undefined) closeSocket(this.#proc, sock);
    return undefined;
  }

  async #connect(server: DomainServer): Promise<StreamSocket> {
    const { to, from } = server.rule;
    const sock = openTcp(this.#proc, familyOf((to as SockAddr).addr));
    this.#upstream.set(server, sock);
    if (from !== undefined && from.addr !== 0) sock.bind({ addr: from.addr, port: 0 });
    await connect(this.#proc, sock, to as SockAddr, CONNECT_TIMEOUT);
    return sock;
  }
}
