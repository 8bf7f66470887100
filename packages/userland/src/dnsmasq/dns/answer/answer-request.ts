import {
  CLASS_CH,
  CLASS_IN,
  type FieldValue,
  isInDomain,
  NOTIMP,
  NXDOMAIN,
  sameName,
} from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import type { MxHost, SrvHost } from '../../config/index.ts';
import type { Daemon } from '../../daemon.ts';
import {
  addressOfReverseName,
  sameNet,
  synthesizedAddress,
  synthesizedName,
} from '../../domains/index.ts';
import { isPrivateNet } from '../../network/index.ts';
import { COPYRIGHT, VERSION } from '../../version.ts';
import {
  type Cache,
  type CacheEntry,
  cnameTarget,
  F_CNAME,
  F_CONFIG,
  F_DHCP,
  F_HOSTS,
  F_IMMORTAL,
  F_IPV4,
  F_IPV6,
  F_NEG,
  F_NO_SOA,
  F_NXDOMAIN,
  F_OURS,
  F_RR,
} from '../cache/index.ts';
import type { Metrics } from '../metrics.ts';
import { entryText, negativeText, sourceText, typeText } from '../query-log.ts';
import { EDE_FILTERED, EDE_STALE, ReplyWriter } from '../reply-writer.ts';
import type { Servers } from '../servers/index.ts';
import type { Asked, LocalAnswer } from './answer-context.ts';
import { addressesOf, nameOfAddress } from './interface-names.ts';

const TYPE_A = 1;
const TYPE_CNAME = 5;
const TYPE_SOA = 6;
const TYPE_PTR = 12;
const TYPE_MX = 15;
const TYPE_TXT = 16;
const TYPE_AAAA = 28;
const TYPE_SRV = 33;
const TYPE_NAPTR = 35;
const TYPE_MAILB = 253;
const TYPE_ANY = 255;
/** CNAMEs that are followed. */
const MAX_CNAMES = 254;

/** What an answer is made from. */
export interface AnswerSource {
  readonly daemon: Daemon;
  readonly cache: Cache;
  readonly servers: Servers;
  readonly metrics: Metrics;
}

/** The text of a statistic that a TXT record of class CHAOS tells. */
function statistic(source: AnswerSource, name: string): string[] | undefined {
  const { daemon, cache, servers, metrics } = source;
  switch (name) {
    case 'version.bind':
      return [`dnsmasq-${VERSION}`];
    case 'authors.bind':
      return ['Simon Kelley'];
    case 'copyright.bind':
      return [COPYRIGHT];
    case 'cachesize.bind':
      return [String(daemon.config.cacheSize)];
    case 'insertions.bind':
      return [String(cache.inserted)];
    case 'evictions.bind':
      return [String(cache.evictedLive)];
    case 'misses.bind':
      return [String(metrics.forwarded)];
    case 'hits.bind':
      return [String(metrics.answered)];
    case 'auth.bind':
      return ['0'];
    case 'servers.bind':
      return servers.summary().map((s) => `${s.text} ${s.queries} ${s.failed}`);
    default:
      return undefined;
  }
}

/** Answers one question from files, leases, options and the cache, if that can be done. dnsmasq src/rfc1035.c, answer_request() */
export class AnswerRequest {
  readonly #source: AnswerSource;
  readonly #daemon: Daemon;
  readonly #cache: Cache;
  readonly #asked: Asked;
  readonly #reply: ReplyWriter;
  /** The name that is sought, at the end of the CNAMEs. */
  #name: string;
  readonly #type: number;
  #answered = false;
  #noName = false;
  #notImplemented = false;
  #authoritative = true;
  #authentic = true;
  #stale = false;
  #filtered = false;
  /** A negative entry whose SOA record goes along. */
  #negative: CacheEntry | undefined;
  /** Targets of the answer whose addresses go along. */
  readonly #targets: string[] = [];

  constructor(source: AnswerSource, asked: Asked, name: string, type: number) {
    this.#source = source;
    this.#daemon = source.daemon;
    this.#cache = source.cache;
    this.#asked = asked;
    this.#name = name;
    this.#type = type;
    this.#authentic = !asked.query.checkingDisabled;
    this.#reply = new ReplyWriter(asked.query, asked.limit);
  }

  get #ttl(): number {
    return this.#daemon.config.localTtl;
  }

  #wants(type: number): boolean {
    return this.#type === type || this.#type === TYPE_ANY;
  }

  #isName(other: string): boolean {
    return sameName(this.#name, other);
  }

  #find(name: string, wanted: number): CacheEntry[] {
    return this.#cache.findByName(name, this.#asked.now, wanted, this.#asked.rotates);
  }

  #say(source: string, what: string, name: string | undefined = this.#name): void {
    this.#asked.log.say(source, name, what);
  }

  /** The answer is ours, and no signature covers it. */
  #own(): void {
    this.#answered = true;
    this.#authentic = false;
  }

  /** @returns undefined if others have to be asked */
  run(cls: number): LocalAnswer | undefined {
    if (cls === CLASS_IN && !this.#followCnames()) return undefined;
    this.#txt(cls);
    if (cls === CLASS_CH) this.#chaos();
    if (cls === CLASS_IN) {
      this.#rawRecords();
      if (this.#wants(TYPE_PTR)) this.#ptr();
      if (this.#wants(TYPE_A)) this.#addresses(true);
      if (this.#wants(TYPE_AAAA)) this.#addresses(false);
      if (this.#wants(TYPE_MX)) this.#mx();
      if (this.#wants(TYPE_SRV)) this.#srv();
      if (this.#wants(TYPE_NAPTR)) this.#naptr();
      this.#rest();
    }
    return this.#answered ? this.#finish() : undefined;
  }

  /** Whether an entry may be told to the asker. */
  #usable({ flags }: CacheEntry): boolean {
    if ((flags & F_OURS) !== 0) return true;
    const { recursion, dnssecOk } = this.#asked.query;
    return recursion && !dnssecOk;
  }

  /** Notes whether an entry has expired. */
  #isStale({ flags, dies }: CacheEntry): boolean {
    const stale = (flags & F_IMMORTAL) === 0 && dies < this.#asked.now;
    this.#stale ||= stale;
    return stale;
  }

  /** Seconds that an entry may be kept by the asker. crec_ttl() */
  #ttlOf({ flags, dies }: CacheEntry): number {
    const { config } = this.#daemon;
    const left = dies - this.#asked.now;
    if ((flags & F_DHCP) !== 0) {
      const ttl = config.dhcp.ttl ?? config.localTtl;
      return (flags & F_IMMORTAL) === 0 && left < ttl ? left : ttl;
    }
    if ((flags & F_IMMORTAL) !== 0) return dies;
    if (left < 0) return 0;
    return config.maxTtl === 0 ? left : Math.min(left, config.maxTtl);
  }

  /** @returns false if a CNAME is known but must not be told */
  #followCnames(): boolean {
    for (let count = MAX_CNAMES; count > 0; count--) {
      const found = this.#find(this.#name, F_CNAME | F_NXDOMAIN);
      const [entry] = found;
      if (entry === undefined) return true;
      const stale = this.#isStale(entry);
      if ((entry.flags & F_NEG) !== 0) this.#negative = entry;
      if ((entry.flags & F_NXDOMAIN) !== 0) {
        if (this.#type !== TYPE_CNAME) return true;
        this.#say(sourceText(entry, stale), entryText(entry));
        this.#authoritative = false;
        this.#noName = true;
        this.#answered = true;
        return true;
      }
      const target = cnameTarget(entry);
      if (target === undefined || !this.#usable(entry)) return false;
      if ((entry.flags & F_CONFIG) !== 0 || this.#type === TYPE_CNAME) this.#answered = true;
      this.#authentic = false;
      this.#say(sourceText(entry, stale), '<CNAME>');
      this.#reply.answer(this.#name, TYPE_CNAME, this.#ttlOf(entry), [target]);
      if (this.#type === TYPE_CNAME) return true;
      this.#name = target;
    }
    return true;
  }

  #txt(cls: number): void {
    if (!this.#wants(TYPE_TXT)) return;
    if (cls === CLASS_IN)
      for (const { name, data } of this.#daemon.config.txtRecords) {
        if (!this.#isName(name)) continue;
        this.#own();
        this.#say('config', '<TXT>');
        this.#reply.raw(this.#name, TYPE_TXT, CLASS_IN, this.#ttl, data);
      }
    if (cls !== CLASS_CH || this.#daemon.config.has('no-ident')) return;
    const strings = statistic(this.#source, this.#name.toLowerCase());
    if (strings === undefined) return;
    this.#own();
    this.#say('config', '<TXT>');
    const data = strings.flatMap((s) => [s.length, ...Array.from(s, (c) => c.charCodeAt(0))]);
    const ttl = strings.length === 1 && /^\D/.test(strings[0] ?? '') ? this.#ttl : 0;
    this.#reply.raw(this.#name, TYPE_TXT, CLASS_CH, ttl, Uint8Array.from(data));
  }

  /** Questions about servers themselves never go on. */
  #chaos(): void {
    const own = isInDomain(this.#name, 'bind') || isInDomain(this.#name, 'server');
    if (!own || this.#answered) return;
    this.#notImplemented = true;
    this.#authoritative = false;
    this.#say('config', 'not implemented');
    this.#own();
  }

  #rawRecords(): void {
    for (const { name, type, data } of this.#daemon.config.rawRecords) {
      if (!this.#wants(type) || !this.#isName(name)) continue;
      this.#own();
      this.#say('config', typeText(type));
      this.#reply.raw(this.#name, type, CLASS_IN, this.#ttl, data);
    }
  }

  #ptr(): void {
    const { config } = this.#daemon;
    const addr = addressOfReverseName(this.#name);
    const device = addr === undefined ? undefined : nameOfAddress(this.#daemon, addr);
    const records = config.ptrRecords.filter((ptr) => this.#isName(ptr.name));
    if (addr !== undefined && device !== undefined) this.#ownPtr(addr, device);
    else if (records.length > 0) {
      this.#own();
      this.#say('config', '<PTR>');
      for (const { target } of records)
        this.#reply.answer(this.#name, TYPE_PTR, this.#ttl, [target ?? '']);
    } else if (addr !== undefined) this.#ptrOfAddress(addr);
  }

  #ownPtr(addr: InetAddr, target: string): void {
    this.#own();
    this.#say('config', target, formatInet(addr));
    this.#reply.answer(this.#name, TYPE_PTR, this.#ttl, [target]);
  }

  #ptrOfAddress(addr: InetAddr): void {
    const found = this.#cache.findByAddr(addr, this.#asked.now);
    const [first] = found;
    if (first !== undefined) {
      if (this.#usable(first)) for (const entry of found) this.#cachedPtr(entry, addr);
      return;
    }
    const made = synthesizedName(this.#daemon, addr);
    if (made !== undefined) {
      this.#ownPtr(addr, made);
      return;
    }
    const asked = this.#source.servers.table.lookup(this.#name, { domainOnly: true });
    if (!this.#daemon.config.has('bogus-priv') || !isPrivateNet(addr, true) || asked) return;
    this.#own();
    this.#noName = true;
    this.#say('config', 'NXDOMAIN', formatInet(addr));
  }

  #cachedPtr(entry: CacheEntry, addr: InetAddr): void {
    const stale = this.#isStale(entry);
    const ours = (entry.flags & (F_HOSTS | F_DHCP)) !== 0;
    if (this.#type === TYPE_ANY && !ours) return;
    this.#own();
    if (!ours) this.#authoritative = false;
    if ((entry.flags & F_NEG) !== 0) {
      if ((entry.flags & F_NXDOMAIN) !== 0) this.#noName = true;
      this.#say(sourceText(entry, stale), negativeText(entry.flags), formatInet(addr));
      this.#negative = entry;
      return;
    }
    this.#say(sourceText(entry, stale), entry.name, formatInet(addr));
    this.#reply.answer(this.#name, TYPE_PTR, this.#ttlOf(entry), [entry.name]);
  }

  #addresses(is4: boolean): void {
    const names = this.#daemon.config.interfaceNames.filter((n) => this.#isName(n.name));
    if (names.length > 0) {
      this.#daemon.network.enumerate();
      const all = names.flatMap((n) => addressesOf(this.#daemon, n));
      this.#deviceAddresses(
        all.filter((a) => (typeof a.addr === 'number') === is4),
        is4,
      );
      return;
    }
    const flag = is4 ? F_IPV4 : F_IPV6;
    const found = this.#find(this.#name, flag);
    const [first] = found;
    if (first !== undefined) {
      if (this.#usable(first)) this.#cachedAddresses(found, is4);
      return;
    }
    const made = synthesizedAddress(this.#daemon, this.#name, is4);
    if (made === undefined) return;
    this.#own();
    this.#say('config', formatInet(made));
    this.#reply.address(this.#name, this.#ttl, made);
  }

  #deviceAddresses(all: ReturnType<typeof addressesOf>, is4: boolean): void {
    const near = all.filter((a) => is4 && this.#isNear(a.addr));
    const told = (near.length > 0 ? near : all).filter((a) => !a.reverseOnly);
    for (const { addr } of told) {
      this.#own();
      this.#say('config', formatInet(addr));
      this.#reply.address(this.#name, this.#ttl, addr);
    }
    if (told.length === 0) this.#say('config', negativeText(is4 ? F_IPV4 : F_IPV6));
  }

  /** Whether an address is in the net through which the question came. */
  #isNear(addr: InetAddr): boolean {
    const net = this.#asked.localNet;
    return net !== undefined && sameNet(addr, net.addr, net.prefixLength);
  }

  #cachedAddresses(found: readonly CacheEntry[], is4: boolean): void {
    const isHost = (e: CacheEntry) => (e.flags & F_HOSTS) !== 0 && e.addr !== undefined;
    const localise = is4 && found.some((e) => isHost(e) && this.#isNear(e.addr as InetAddr));
    for (const entry of found) {
      if (this.#type === TYPE_ANY && (entry.flags & F_OURS) === 0) return;
      if (localise && isHost(entry) && !this.#isNear(entry.addr as InetAddr)) continue;
      this.#cachedAddress(entry, is4);
    }
  }

  #cachedAddress(entry: CacheEntry, is4: boolean): void {
    const stale = this.#isStale(entry);
    const { flags, addr } = entry;
    this.#authentic = false;
    if ((flags & (F_HOSTS | F_DHCP)) === 0) this.#authoritative = false;
    if (this.#isFiltered() && (flags & (F_OURS | F_NEG)) === 0) {
      this.#answered = true;
      this.#filtered = true;
      this.#say('config', negativeText(is4 ? F_IPV4 : F_IPV6));
    } else if ((flags & F_NEG) !== 0) {
      if (this.#type === TYPE_ANY) return;
      this.#answered = true;
      this.#authoritative = false;
      this.#negative = entry;
      if ((flags & F_NXDOMAIN) !== 0) this.#noName = true;
      this.#say(sourceText(entry, stale), entryText(entry));
    } else if (addr !== undefined) {
      this.#answered = true;
      this.#say(sourceText(entry, stale), formatInet(addr));
      this.#reply.address(this.#name, this.#ttlOf(entry), addr);
    }
  }

  #isFiltered(): boolean {
    return this.#type !== TYPE_ANY && this.#daemon.config.filterTypes.includes(this.#type);
  }

  #mx(): void {
    const { config } = this.#daemon;
    const records = config.mxHosts.filter((mx) => this.#isName(mx.name));
    for (const mx of records) {
      this.#own();
      this.#mxAnswer(mx.preference, mx.target ?? '');
      this.#targets.push(mx.target ?? '');
    }
    if (records.length > 0 || !(config.has('selfmx') || config.has('localmx'))) return;
    const known = this.#cache.findByName(this.#name, this.#asked.now, F_HOSTS | F_DHCP, false);
    if (known.length === 0) return;
    this.#own();
    this.#mxAnswer(1, config.has('selfmx') ? this.#name : (config.mxTarget ?? ''));
  }

  #mxAnswer(preference: MxHost['preference'], target: string): void {
    this.#say('config', '<MX>');
    this.#reply.answer(this.#name, TYPE_MX, this.#ttl, [preference, target]);
  }

  #srv(): void {
    const { srvHosts } = this.#daemon.config;
    const records = srvHosts.filter((srv) => this.#isName(srv.name));
    for (const { priority, weight, port, target } of records) {
      this.#own();
      this.#say('config', '<SRV>');
      const data: FieldValue[] = [priority, weight, port, target ?? ''];
      this.#reply.answer(this.#name, TYPE_SRV, this.#ttl, data);
    }
    this.#rotateSrv(records);
    for (const { target } of srvHosts.filter((srv) => records.includes(srv)))
      if (target !== undefined) this.#targets.push(target);
  }

  /** The first one comes last the next time. */
  #rotateSrv(records: readonly SrvHost[]): void {
    const [first] = records;
    if (first === undefined || !this.#asked.rotates) return;
    const { srvHosts } = this.#daemon.config;
    srvHosts.push(...srvHosts.splice(srvHosts.indexOf(first), 1));
  }

  #naptr(): void {
    for (const na of this.#daemon.config.naptrs) {
      if (!this.#isName(na.name)) continue;
      this.#own();
      this.#say('config', '<NAPTR>');
      const strings = [na.flags, na.services, na.regexp].map(latin1);
      const data: FieldValue[] = [na.order, na.preference, ...strings, na.replacement ?? ''];
      this.#reply.answer(this.#name, TYPE_NAPTR, this.#ttl, data);
    }
  }

  /** Types that are not known one by one. */
  #rest(): void {
    const { config } = this.#daemon;
    const noWindows = config.has('filterwin2k');
    if (this.#type === TYPE_MAILB) {
      this.#own();
      this.#noName = true;
    }
    if (this.#type === TYPE_SOA && noWindows) this.#nothing();
    if (!this.#answered) this.#cachedRecords();
    const service =
      this.#type === TYPE_SRV || (this.#type === TYPE_ANY && this.#name.includes('_'));
    if (!this.#answered && noWindows && service) this.#nothing();
    if (this.#answered || !this.#isFiltered()) return;
    const data = F_IPV4 | F_IPV6 | F_RR | F_CNAME;
    if (this.#find(this.#name, data).length === 0) return;
    this.#nothing();
    this.#authoritative = false;
    this.#filtered = true;
  }

  #nothing(): void {
    this.#own();
    this.#say('config', 'NODATA');
  }

  #cachedRecords(): void {
    const found = this.#find(this.#name, F_RR | F_NXDOMAIN);
    const [first] = found;
    if (first === undefined || (first.flags & F_OURS) !== 0 || !this.#usable(first)) return;
    for (const entry of found)
      if ((entry.flags & F_NXDOMAIN) !== 0 || entry.type === this.#type) this.#cachedRecord(entry);
  }

  #cachedRecord(entry: CacheEntry): void {
    const stale = this.#isStale(entry);
    this.#own();
    this.#authoritative = false;
    const filtered = (entry.flags & F_NXDOMAIN) === 0 && this.#isFiltered();
    if ((entry.flags & F_NXDOMAIN) !== 0) this.#noName = true;
    if ((entry.flags & F_NEG) !== 0) this.#negative = entry;
    if (filtered) {
      this.#say('config', 'NODATA');
      return;
    }
    if (entry.data !== undefined)
      this.#reply.answer(this.#name, this.#type, this.#ttlOf(entry), entry.data);
    this.#say(sourceText(entry, stale), entryText(entry));
  }

  /** The SOA record that came with a negative answer. */
  #soa(): void {
    const entry = this.#negative;
    if (entry === undefined || (entry.flags & F_NO_SOA) !== 0 || entry.soa === undefined) return;
    const found = this.#find(entry.soa, F_RR);
    const soa = found.find((e) => e.type === TYPE_SOA);
    if (soa?.data === undefined) return;
    const { soa: name } = entry;
    this.#authentic = false;
    this.#reply.authority({
      name,
      type: TYPE_SOA,
      class: CLASS_IN,
      ttl: this.#ttlOf(soa),
      data: soa.data,
    });
  }

  /** Addresses of the targets of MX and SRV records. */
  #additionals(): void {
    const lower = this.#targets.map((t) => t.toLowerCase());
    for (const [i, target] of this.#targets.entries()) {
      if (lower.indexOf(target.toLowerCase()) !== i) continue;
      const found = this.#find(target, F_IPV4 | F_IPV6);
      for (const entry of found) {
        if ((entry.flags & F_NEG) !== 0 || entry.addr === undefined) continue;
        this.#reply.additional(target, this.#ttlOf(entry), entry.addr);
        this.#authentic = false;
      }
    }
  }

  #finish(): LocalAnswer {
    this.#soa();
    this.#additionals();
    const { query } = this.#asked;
    const reply = this.#reply.finish(
      {
        rcode: this.#noName ? NXDOMAIN : this.#notImplemented ? NOTIMP : 0,
        authoritative: this.#authoritative,
        authentic: query.wantsAd && this.#authentic,
        ede: this.#filtered ? EDE_FILTERED : this.#stale ? EDE_STALE : undefined,
      },
      this.#daemon.config.ednsPacketMax,
    );
    return { reply, stale: this.#stale };
  }
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0) & 0xff);
}
