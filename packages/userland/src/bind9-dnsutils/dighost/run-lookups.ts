import type { Errno } from '@labwire/core/error';
import {
  type DnsMessage,
  FLAG_QR,
  FLAG_RA,
  FLAG_TC,
  NOERROR,
  NXDOMAIN,
  readMessage,
  SERVFAIL,
} from '@labwire/devices/dns';
import { buildQuery, queryBytes } from './build-query.ts';
import { hexDump } from './hex-dump.ts';
import type { Lookup, LookupServer } from './lookup.ts';
import { resultText } from './result-text.ts';
import { nameToAsk, nextOrigin } from './search.ts';
import type { Answered, Session } from './session.ts';
import { askTcp, askUdp, type Outcome } from './transport.ts';

const TYPE_SOA = 6;
const TYPE_NAPTR = 35;
const TYPE_IXFR = 251;
const TYPE_AXFR = 252;
const NO_SERVERS = 'no servers could be reached';

/** Whether a NAPTR record's regular expression has its three delimiters. */
function isNaptrSound(message: DnsMessage): boolean {
  return message.answers.every(({ type, data }) => {
    if (type !== TYPE_NAPTR) return true;
    const text = String.fromCharCode(...(data[4] as Uint8Array));
    return text === '' || text.split(text[0] as string).length === 4;
  });
}

/** Does all lookups of a session, one after the other. BIND bin/dig/dighost.c @throws LookupFatal */
export async function runLookups(session: Session): Promise<void> {
  for (;;) {
    const lookup = session.queue.shift();
    if (lookup === undefined) return;
    await new LookupRun(session, lookup).run();
  }
}

/** One lookup: its servers in turn, as often as it may be tried. */
class LookupRun {
  readonly #session: Session;
  readonly #lookup: Lookup;
  readonly #servers: readonly LookupServer[];
  #name = '';

  constructor(session: Session, lookup: Lookup) {
    this.#session = session;
    this.#lookup = lookup;
    this.#servers = lookup.servers.length > 0 ? lookup.servers : session.servers;
  }

  async run(): Promise<void> {
    const { display, proc } = this.#session;
    this.#name = nameToAsk(this.#session, this.#lookup);
    await this.#session.out(display.trying?.(this.#name) ?? '');
    const message = buildQuery(proc, this.#lookup, this.#name);
    const query = queryBytes(this.#lookup, message);
    for (let at = 0; at < this.#servers.length; ) {
      const server = this.#servers[at] as LookupServer;
      if (this.#lookup.showQuery)
        await this.#session.out(display.sending?.(this.#lookup, message, query.length) ?? '');
      const outcome = await this.#ask(server, query);
      if (outcome.kind === 'reply') this.#session.exitCode = 0;
      const next =
        outcome.kind === 'reply'
          ? await this.#take(server, outcome)
          : await this.#again(server, outcome, at + 1 < this.#servers.length);
      if (next === 'done') return;
      if (next === 'next server') at++;
    }
  }

  #ask(server: LookupServer, query: Uint8Array): Promise<Outcome> {
    const to = { ...server.addr, port: this.#session.port };
    return (this.#lookup.tcp ? askTcp : askUdp)(this.#session, to, query);
  }

  /** Without an answer: the same server again, all again, the next server, or nothing more. */
  async #again(
    server: LookupServer,
    { kind, why }: Exclude<Outcome, { kind: 'reply' }>,
    hasNext: boolean,
  ): Promise<'same server' | 'next server' | 'done'> {
    const session = this.#session;
    const lookup = this.#lookup;
    await session.warn(this.#failure(server, kind, why));
    if (kind === 'setup') session.failed();
    else session.exitCode = 0;
    if (lookup.retries > 1) {
      lookup.retries--;
      if (kind === 'lost' && !lookup.tcp) return 'same server';
      session.queue.unshift(lookup.clone());
      if (kind === 'setup') await session.warn(NO_SERVERS);
      return 'done';
    }
    if (hasNext) return 'next server';
    if (kind === 'lost') await session.out(lookup.commandLine);
    await session.warn(NO_SERVERS);
    session.failed();
    return 'done';
  }

  #failure(server: LookupServer, kind: 'setup' | 'lost', why: Errno | 'end of file'): string {
    const address = this.#session.address(server);
    const text = why === 'end of file' ? why : resultText(why);
    if (kind === 'lost') return `communications error to ${address}: ${text}`;
    const what = this.#lookup.tcp ? 'Connection to' : 'UDP setup with';
    const host = this.#session.host(server);
    return `${what} ${address}(${host}) for ${this.#lookup.text} failed: ${text}.`;
  }

  async #take(
    server: LookupServer,
    { bytes, micros }: Extract<Outcome, { kind: 'reply' }>,
  ): Promise<'next server' | 'done'> {
    const message = readMessage(bytes);
    if (message === undefined || !isNaptrSound(message)) {
      const why = message === undefined ? 'unexpected end of input' : 'syntax error';
      await this.#session.out(`;; Got bad packet: ${why}\n${hexDump(bytes)}`);
      return 'done';
    }
    if ((message.flags & FLAG_QR) === 0)
      await this.#session.warn('Warning: query response not set');
    if ((message.flags & FLAG_TC) !== 0 && !this.#lookup.ignore && !this.#lookup.tcp)
      return this.#overTcp();
    const answered: Answered = {
      lookup: this.#lookup,
      name: this.#name,
      server,
      message,
      bytes,
      micros,
    };
    if (await this.#wantsNext(answered)) return 'next server';
    await this.#show(answered);
    return 'done';
  }

  async #overTcp(): Promise<'done'> {
    if (this.#lookup.comments) await this.#session.warn('Truncated, retrying in TCP mode.');
    const again = this.#lookup.clone();
    again.tcp = true;
    this.#session.queue.unshift(again);
    return 'done';
  }

  /** A server that cannot answer: another may. */
  async #wantsNext({ message, server }: Answered): Promise<boolean> {
    const { servfailStops, recurse, comments } = this.#lookup;
    const servfail = message.rcode === SERVFAIL && !servfailStops;
    const noRecursion = this.#session.checkRecursion && recurse && (message.flags & FLAG_RA) === 0;
    if (!servfail && !noRecursion) return false;
    const why = servfail ? 'SERVFAIL reply' : 'recursion not available';
    const more = this.#servers.indexOf(server) < this.#servers.length - 1;
    const host = this.#session.host(server);
    if (comments)
      await this.#session.warn(`Got ${why} from ${host}${more ? ', trying next server' : ''}`);
    return more;
  }

  async #show(answered: Answered): Promise<void> {
    const { display } = this.#session;
    const { message } = answered;
    const { origin, needSearch } = this.#lookup;
    const received = () => display.received?.(answered) ?? '';
    if (message.rcode === NXDOMAIN && (origin !== undefined || needSearch)) {
      const next = nextOrigin(this.#session, this.#lookup);
      if (next === undefined || this.#session.showSearch)
        await this.#session.out(display.answer(answered) + received());
      if (next !== undefined) {
        next.commandLine = this.#lookup.commandLine;
        this.#session.queue.unshift(next);
      }
    } else await this.#session.out(display.answer(answered));
    if (this.#isTransfer()) {
      await this.#transfer(message);
      return;
    }
    if (message.rcode === NOERROR || origin === undefined) await this.#session.out(received());
  }

  #isTransfer(): boolean {
    return this.#lookup.type === TYPE_AXFR || this.#lookup.type === TYPE_IXFR;
  }

  /** A zone begins with its SOA record; whoever sends none does not give it. */
  async #transfer(message: DnsMessage): Promise<void> {
    if (message.answers[0]?.type !== TYPE_SOA) await this.#session.out('; Transfer failed.\n');
  }
}
