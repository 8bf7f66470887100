import {
  addressOf,
  CLASS_IN,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  isInDomain,
  NXDOMAIN,
  sameName,
} from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import type { Config } from '../../config/index.ts';
import { addressOfReverseName } from '../../domains/index.ts';
import { isPrivateNet } from '../../network/index.ts';
import {
  type Cache,
  type CacheEntry,
  F_CNAME,
  F_FORWARD,
  F_IPV4,
  F_IPV6,
  F_NEG,
  F_NO_SOA,
  F_NXDOMAIN,
  F_REVERSE,
  F_RR,
  type NewEntry,
  refTo,
} from '../cache/index.ts';
import { negativeText, type QueryLog, typeText } from '../query-log.ts';

const TYPE_A = 1;
const TYPE_CNAME = 5;
const TYPE_SOA = 6;
const TYPE_PTR = 12;
const TYPE_TXT = 16;
const TYPE_AAAA = 28;
const TYPE_SRV = 33;
const TYPE_ANY = 255;
/** CNAMEs that are followed in one answer: CNAME_CHAIN. */
const MAX_CNAMES = 10;
const SOA_MINIMUM = 6;

/** What learning from an answer needs. */
export interface Learning {
  readonly config: Config;
  readonly cache: Cache;
  readonly log: QueryLog;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Addresses of private nets are an attack: --stop-dns-rebind. */
  readonly checkRebind: boolean;
  /** The answer may be kept. */
  readonly keep: boolean;
}

/** Takes an answer's records into the cache and logs them. dnsmasq src/rfc1035.c, extract_addresses() */
export class Learner {
  readonly #l: Learning;
  readonly #message: DnsMessage;
  readonly #question: DnsQuestion;
  readonly #noName: boolean;
  /** The name whose records are sought, at the end of the CNAMEs so far. */
  #name: string;
  /** The CNAME that waits for what it leads to. */
  #alias: CacheEntry | undefined;
  /** The least time to live of the CNAMEs so far. */
  #aliasTtl = Number.POSITIVE_INFINITY;

  constructor(learning: Learning, message: DnsMessage, question: DnsQuestion) {
    this.#l = learning;
    this.#message = message;
    this.#question = question;
    this.#name = question.name;
    this.#noName = message.rcode === NXDOMAIN;
  }

  #say(what: string, name: string = this.#name): void {
    this.#l.log.say('reply', name, what);
  }

  /** @returns false if an address is of a private net, which must not be */
  run(): boolean {
    this.#l.cache.begin();
    if (this.#question.class !== CLASS_IN) return true;
    const fine = this.#question.type === TYPE_PTR ? this.#pointers() : this.#forward();
    if (fine && this.#l.keep) this.#l.cache.commit();
    else this.#l.cache.begin();
    return fine;
  }

  #insert(entry: NewEntry): CacheEntry | undefined {
    return this.#l.cache.insert(entry, this.#l.now);
  }

  /** Follows the CNAMEs of the answer. @returns false if there are too many */
  #follow(each: (record: DnsRecord) => void): boolean {
    for (let count = 0; ; count++) {
      const alias = this.#message.answers.find(
        (r) => r.class === CLASS_IN && r.type === TYPE_CNAME && sameName(r.name, this.#name),
      );
      if (alias === undefined) return true;
      if (count === MAX_CNAMES) return false;
      this.#aliasTtl = Math.min(this.#aliasTtl, alias.ttl);
      each(alias);
      this.#name = alias.data[0] as string;
    }
  }

  #own(): DnsRecord[] {
    return this.#message.answers.filter(
      (r) => r.class === CLASS_IN && sameName(r.name, this.#name),
    );
  }

  #pointers(): boolean {
    const addr = addressOfReverseName(this.#question.name);
    if (this.#noName) {
      this.#noPointer(addr);
      return true;
    }
    if (!this.#follow(() => this.#say('<CNAME>'))) return true;
    const found = this.#own().filter((r) => r.type === TYPE_PTR);
    for (const { data, ttl } of found) this.#pointer(addr, data[0] as string, ttl);
    if (found.length === 0) this.#noPointer(addr);
    return true;
  }

  #pointer(addr: InetAddr | undefined, target: string, ttl: number): void {
    if (addr === undefined) {
      this.#say(typeText(TYPE_PTR), target);
      return;
    }
    this.#say(target, formatInet(addr));
    const flags = familyFlag(addr) | F_REVERSE;
    this.#insert({ name: target, flags, ttl: Math.min(ttl, this.#aliasTtl), addr });
  }

  #noPointer(addr: InetAddr | undefined): void {
    if (this.#l.config.has('no-negcache')) return;
    const soa = this.#soa();
    const noName = this.#noName ? F_NXDOMAIN : 0;
    const flags = F_NEG | noName | F_REVERSE | (soa.name === undefined ? F_NO_SOA : 0);
    if (addr !== undefined && soa.ttl > 0)
      this.#insert({
        name: soa.name ?? '',
        flags: flags | familyFlag(addr),
        ttl: soa.ttl,
        addr,
        soa: soa.name,
      });
    const family = addr === undefined ? 0 : familyFlag(addr);
    const shown = addr === undefined ? this.#name : formatInet(addr);
    this.#say(negativeText(noName | family), shown);
  }

  /** What is kept of the type that was asked for: F_IPV4, F_IPV6, F_RR; 0 for none. */
  get #kind(): number {
    const { type } = this.#question;
    if (type === TYPE_A) return F_IPV4;
    if (type === TYPE_AAAA) return F_IPV6;
    const { cacheTypes } = this.#l.config;
    const kept = type === TYPE_SRV || cacheTypes.includes(type) || cacheTypes.includes(TYPE_ANY);
    return kept && type !== TYPE_CNAME ? F_RR : 0;
  }

  #forward(): boolean {
    const { type } = this.#question;
    const kind = this.#kind;
    const aliases = (record: DnsRecord) => {
      this.#say('<CNAME>');
      if (kind !== 0) this.#keepAlias(record);
    };
    if (type === TYPE_CNAME) return this.#cnames();
    if (!this.#follow(aliases)) return true;
    const own = this.#own();
    const found = own.filter((r) => r.type === type && !this.#noName);
    for (const record of own) {
      if (!found.includes(record)) this.#say(typeText(record.type));
      else if (!this.#keepRecord(record, kind)) return false;
    }
    if (found.length === 0 && (type !== TYPE_ANY || this.#noName)) this.#keepNothing(kind);
    return true;
  }

  #cnames(): boolean {
    const found = this.#own().filter((r) => r.type === TYPE_CNAME);
    for (const _ of found) this.#say('<CNAME>');
    if (found.length === 0) this.#keepNothing(0);
    return true;
  }

  #keepAlias({ name, ttl }: DnsRecord): void {
    const target = { entry: undefined };
    const entry = this.#insert({ name, flags: F_CNAME | F_FORWARD, ttl, target });
    this.#lead(entry);
    this.#alias = entry;
  }

  /** The CNAME before leads to `entry`. */
  #lead(entry: CacheEntry | undefined): void {
    if (entry !== undefined && this.#alias !== undefined) this.#alias.target = refTo(entry);
    this.#alias = undefined;
  }

  /** @returns false if its address must not be */
  #keepRecord(record: DnsRecord, kind: number): boolean {
    const { type, name, ttl, data } = record;
    const addr = addressOf(record);
    const { config, checkRebind } = this.#l;
    const loopback = !config.has('rebind-localhost-ok');
    if (addr !== undefined && checkRebind && isPrivateNet(addr, loopback)) return false;
    const flags = kind | F_FORWARD;
    if (kind === F_RR) this.#lead(this.#insert({ name, flags, ttl, type, data }));
    else if (kind !== 0 && addr !== undefined) this.#lead(this.#insert({ name, flags, ttl, addr }));
    this.#sayRecord(record, addr);
    return true;
  }

  #sayRecord({ type, data }: DnsRecord, addr: InetAddr | undefined): void {
    if (this.#l.config.filterTypes.includes(type))
      this.#l.log.say('config', this.#name, negativeText(this.#kind & (F_IPV4 | F_IPV6)));
    else if (type === TYPE_TXT)
      for (const string of data[0] as readonly Uint8Array[]) this.#say(printablePart(string));
    else this.#say(addr === undefined ? typeText(type) : formatInet(addr));
  }

  #keepNothing(kind: number): void {
    const noName = this.#noName ? F_NXDOMAIN : 0;
    const flags = this.#noName ? 0 : kind;
    this.#say(negativeText(noName | (flags & (F_IPV4 | F_IPV6))));
    if ((kind === 0 && !this.#noName) || this.#l.config.has('no-negcache')) return;
    const soa = this.#soa();
    const ttl = soa.ttl > 0 || this.#alias === undefined ? soa.ttl : this.#aliasTtl;
    const entry = this.#insert({
      name: this.#name,
      flags: F_FORWARD | F_NEG | noName | flags | (soa.name === undefined ? F_NO_SOA : 0),
      ttl,
      type: this.#question.type,
      soa: soa.name,
    });
    this.#lead(entry);
  }

  /** The SOA record that says how long nothing may be kept, which is kept too. find_soa() */
  #soa(): { readonly name: string | undefined; readonly ttl: number } {
    const soa = this.#message.authorities.find(
      (r) => r.class === CLASS_IN && r.type === TYPE_SOA && isInDomain(this.#name, r.name),
    );
    if (soa === undefined) return { name: undefined, ttl: this.#l.config.negTtl };
    const { name, ttl, data } = soa;
    this.#insert({ name, flags: F_FORWARD | F_RR, ttl, type: TYPE_SOA, data });
    return { name, ttl: Math.min(ttl, data[SOA_MINIMUM] as number) };
  }
}

function familyFlag(addr: InetAddr): number {
  return typeof addr === 'number' ? F_IPV4 : F_IPV6;
}

/** A string up to the first byte that cannot be shown. */
function printablePart(bytes: Uint8Array): string {
  const end = bytes.findIndex((b) => b < 0x20 || b > 0x7e);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}
