import type { Ipv4Addr } from '@labwire/core/addr';
import { get16, put16, put32 } from '@labwire/core/bytes';
import {
  addressOf,
  type DnsMessage,
  FLAG_AA,
  FLAG_AD,
  FLAG_RA,
  FLAG_TC,
  NOERROR,
  NXDOMAIN,
  readMessage,
  readQuestions,
  readRecordPlace,
  SERVFAIL,
  writeMessage,
} from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import type { AddressPrefix } from '../../config/index.ts';
import type { Daemon } from '../../daemon.ts';
import { sameNet } from '../../domains/index.ts';
import { existsHere } from '../answer/index.ts';
import { type Cache, F_FORWARD, F_NEG, F_NXDOMAIN } from '../cache/index.ts';
import { changeFlags, findOpt, rcodeOf, withoutRecords } from '../packet.ts';
import type { QueryLog } from '../query-log.ts';
import { EDE_BLOCKED, EDE_FILTERED, EDE_OTHER, edeOption } from '../reply-writer.ts';
import type { ServerTable } from '../servers/index.ts';
import { Learner } from './learn.ts';

const OPCODE_MASK = 0x7800;
const RCODE_MASK = 0xf;

/** Whether an answer has an address of one of some nets. check_bad_address() */
export function hasAddressOf(message: DnsMessage, nets: readonly AddressPrefix[]): boolean {
  const within = (addr: InetAddr) => nets.some((n) => sameNet(addr, n.addr, n.length));
  return message.answers.some((r) => {
    const addr = addressOf(r);
    return addr !== undefined && within(addr);
  });
}

/** What an answer of a server is worked on with. */
export interface ReplyWork {
  readonly daemon: Daemon;
  readonly cache: Cache;
  readonly table: ServerTable;
  readonly log: QueryLog;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly checkRebind: boolean;
  /** The answer may be kept. */
  readonly keep: boolean;
}

/** Lessens times to live above --max-ttl. */
function limitTtls(buf: Uint8Array, maxTtl: number): void {
  if (maxTtl === 0) return;
  let at = readQuestions(buf)?.end ?? buf.length;
  for (let n = get16(buf, 6); n > 0; n--) {
    const place = readRecordPlace(buf, at);
    if (place === undefined) return;
    if (place.ttl > maxTtl) put32(buf, place.fixed + 4, maxTtl);
    at = place.end;
  }
}

/** Works on the answer of a server before it goes to who asked. dnsmasq src/forward.c, process_reply() */
export class ReplyProcessor {
  readonly #work: ReplyWork;
  #buf: Uint8Array;
  /** Why the answer is as it is. */
  #ede: number | undefined;

  constructor(work: ReplyWork, reply: Uint8Array) {
    this.#work = work;
    this.#buf = reply;
  }

  /** @returns the answer as it goes on, its id still to be set */
  run(): Uint8Array {
    this.#limitEdns();
    changeFlags(this.#buf, FLAG_AD, FLAG_RA);
    if ((get16(this.#buf, 2) & OPCODE_MASK) !== 0) return this.#buf;
    const rcode = this.#rcode();
    if (rcode !== NOERROR && rcode !== NXDOMAIN) {
      this.#work.log.say('reply', 'error', rcodeText(rcode));
      return this.#buf;
    }
    if ((get16(this.#buf, 2) & FLAG_TC) !== 0) {
      this.#work.log.say('reply', undefined, 'truncated');
      return withoutRecords(this.#buf);
    }
    this.#learn();
    this.#filter();
    return this.#ede === undefined ? this.#buf : withEde(this.#buf, this.#ede);
  }

  /** The answer code with its upper bits. */
  #rcode(): number {
    const opt = findOpt(this.#buf);
    const high = opt === undefined ? 0 : (this.#buf[opt.sizeAt + 2] as number) << 4;
    return rcodeOf(this.#buf) | high;
  }

  #limitEdns(): void {
    const opt = findOpt(this.#buf);
    const { ednsPacketMax } = this.#work.daemon.config;
    if (opt !== undefined && get16(this.#buf, opt.sizeAt) > ednsPacketMax)
      put16(this.#buf, opt.sizeAt, ednsPacketMax);
  }

  /** An answer without records, with another code. */
  #replace(rcode: number): void {
    this.#buf = withoutRecords(this.#buf);
    changeFlags(this.#buf, FLAG_AA | RCODE_MASK, rcode);
  }

  #learn(): void {
    const { daemon, cache, log, now, checkRebind, keep } = this.#work;
    this.#softenNoName();
    const message = readMessage(this.#buf);
    const question = message?.questions[0];
    if (message === undefined || question === undefined) {
      this.#replace(SERVFAIL);
      this.#ede = EDE_OTHER;
      return;
    }
    limitTtls(this.#buf, daemon.config.maxTtl);
    const changed = this.#translate(message);
    if (this.#isBogus(changed)) return;
    const learning = { config: daemon.config, cache, log, now, checkRebind, keep };
    if (!new Learner(learning, changed, question).run()) {
      daemon.log.warning(`possible DNS-rebind attack detected: ${question.name}`);
      this.#buf = withoutRecords(this.#buf);
      this.#ede = EDE_BLOCKED;
    }
  }

  /** A name that is known here exists, whatever a server says. */
  #softenNoName(): void {
    const name = readQuestions(this.#buf)?.items[0]?.name;
    if (rcodeOf(this.#buf) !== NXDOMAIN || name === undefined) return;
    const { daemon, cache, table, now } = this.#work;
    const known = existsHere(daemon, cache, name, now) || table.lookup(name, { addressOnly: true });
    if (known) changeFlags(this.#buf, RCODE_MASK, FLAG_AA);
  }

  /** --bogus-nxdomain: an answer with such an address says that there is no such name. */
  #isBogus(message: DnsMessage): boolean {
    const { daemon, cache, log, now } = this.#work;
    const { bogusAddresses } = daemon.config;
    const question = message.questions[0];
    if (message.rcode === NXDOMAIN || question === undefined) return false;
    if (bogusAddresses.length === 0 || !hasAddressOf(message, bogusAddresses)) return false;
    const ttl = message.answers[0]?.ttl ?? 0;
    cache.begin();
    cache.insert({ name: question.name, flags: F_FORWARD | F_NEG | F_NXDOMAIN, ttl }, now);
    cache.commit();
    log.say('config', question.name, 'NXDOMAIN');
    this.#replace(NXDOMAIN);
    this.#ede = EDE_BLOCKED;
    return true;
  }

  /** --alias: other addresses in the place of some. do_doctor() */
  #translate(message: DnsMessage): DnsMessage {
    const { aliases } = this.#work.daemon.config;
    if (aliases.length === 0) return message;
    let at = readQuestions(this.#buf)?.end ?? this.#buf.length;
    const count = get16(this.#buf, 6) + get16(this.#buf, 8) + get16(this.#buf, 10);
    let changed = false;
    for (let i = 0; i < count; i++) {
      const place = readRecordPlace(this.#buf, at);
      if (place === undefined) break;
      if (place.type === 1 && place.class === 1) changed = this.#translateAt(place) || changed;
      at = place.end;
    }
    if (!changed) return message;
    changeFlags(this.#buf, FLAG_AA, 0);
    return readMessage(this.#buf) ?? message;
  }

  #translateAt({ data, name }: { readonly data: number; readonly name: string }): boolean {
    const addr = (get16(this.#buf, data) << 16) | get16(this.#buf, data + 2);
    const alias = this.#work.daemon.config.aliases.find((a) => {
      if (a.last === 0) return ((addr ^ a.first) & a.mask) === 0;
      return addr >>> 0 >= a.first >>> 0 && addr >>> 0 <= a.last >>> 0;
    });
    if (alias === undefined) return false;
    const other = ((addr & ~alias.mask) | (alias.out & alias.mask)) as Ipv4Addr;
    put32(this.#buf, data, other);
    this.#work.log.say('config', name, formatInet(other));
    return true;
  }

  /** --filter-rr and its like: records of some types are left out. */
  #filter(): void {
    const { filterTypes } = this.#work.daemon.config;
    const message = filterTypes.length === 0 ? undefined : readMessage(this.#buf);
    if (message === undefined || rcodeOf(this.#buf) !== NOERROR) return;
    const kept = message.answers.filter((r) => !filterTypes.includes(r.type));
    if (kept.length === message.answers.length || message.questions[0]?.type === 255) return;
    this.#buf = writeMessage({ ...message, answers: kept });
    this.#ede = EDE_FILTERED;
  }
}

/** An answer whose OPT record, if it has one, says why it is as it is. add_pseudoheader() */
function withEde(buf: Uint8Array, ede: number): Uint8Array {
  const message = findOpt(buf) === undefined ? undefined : readMessage(buf);
  if (message?.edns === undefined) return buf;
  const added = edeOption(ede);
  const options = [...message.edns.options.filter((o) => o.code !== added.code), added];
  return writeMessage({ ...message, edns: { ...message.edns, options } });
}

function rcodeText(rcode: number): string {
  if (rcode === SERVFAIL) return 'SERVFAIL';
  if (rcode === 5) return 'REFUSED';
  return rcode === 4 ? 'not implemented' : String(rcode);
}
