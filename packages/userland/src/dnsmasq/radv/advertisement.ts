import {
  type Ipv6Addr,
  ipv6,
  isLinkLocal6,
  isMulticast6,
  putIpv6,
  sameIpv6,
} from '@labwire/core/addr';
import { put16, put32, put48 } from '@labwire/core/bytes';
import {
  ND_OPT_MTU,
  ND_OPT_PREFIX_INFO,
  ND_OPT_RDNSS,
  ND_OPT_SOURCE_LL_ADDR,
  NDISC_ROUTER_ADVERTISEMENT,
} from '@labwire/core/wire';
import type { NetDevice } from '@labwire/devices/link';
import type { AddrInfo } from '@labwire/devices/rtnetlink';
import type { Config, DhcpRange6, OptionRule } from '../config/index.ts';
import { filterOptions, type Tags } from '../dhcp/index.ts';
import { sameNet6 } from '../options/index.ts';
import { advertisementInterval, parametersFor, routerLifetime } from './parameters.ts';

const ND_OPT_ADV_INTERVAL = 7;
const ND_OPT_DNSSL = 31;
const IFA_F_DEPRECATED = 0x20;
const NEVER = 0xffff_ffff;
const MANAGED = 0x80;
const OTHER = 0x40;
const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;
const ROUTER_ADDRESS = 0x20;
/** Hop limit that hosts are told: that of this machine's own packets. */
const HOP_LIMIT = 64;
const OPTION6_DNS_SERVER = 23;
const OPTION6_DOMAIN_SEARCH = 24;
const NAMESERVER_PORT = 53;

/** What an advertisement is made of. */
export interface AdvertisementFacts {
  readonly config: Config;
  readonly dev: NetDevice;
  /** The device's IPv6 addresses. */
  readonly addresses: readonly AddrInfo[];
  /** The device's IPv6 MTU. */
  readonly mtu: number;
  /** Logs a prefix. */
  readonly log: (prefix: Ipv6Addr) => void;
}

/** An advertisement, and the ranges that it is of: the first keeps their time. */
export interface Advertisement {
  readonly message: Uint8Array;
  readonly ranges: readonly DhcpRange6[];
}

/** A number of 32 bits as bytes. */
function int32(value: number): number[] {
  const data = new Uint8Array(4);
  put32(data, 0, value);
  return [...data];
}

function addressBytes(addr: Ipv6Addr): number[] {
  const data = new Uint8Array(16);
  putIpv6(data, 0, addr);
  return [...data];
}

function isUla(a: Ipv6Addr): boolean {
  return a.w0 >>> 25 === 0xfc >> 1;
}

/** The host's part of an address zeroed. */
function prefixOf(addr: Ipv6Addr, length: number): Ipv6Addr {
  const mask = (word: number) => {
    const bits = Math.min(32, Math.max(0, length - 32 * word));
    return bits === 0 ? 0 : -1 << (32 - bits);
  };
  return ipv6(addr.w0 & mask(0), addr.w1 & mask(1), addr.w2 & mask(2), addr.w3 & mask(3));
}

/** Collects an advertisement for one device. dnsmasq src/radv.c, send_ra_alias() */
class Builder {
  readonly #f: AdvertisementFacts;
  readonly #options: number[] = [];
  readonly #ranges: DhcpRange6[] = [];
  #tags: Tags;
  #flags: number;
  #anyRouter = false;
  /** Longest preferred lifetimes by kind of address, and those addresses. */
  #linkTime = 0;
  #globalTime = 0;
  #ulaTime = 0;
  #link: Ipv6Addr | undefined;
  #global: Ipv6Addr | undefined;
  #ula: Ipv6Addr | undefined;

  constructor(facts: AdvertisementFacts) {
    this.#f = facts;
    this.#tags = [facts.dev.name];
    this.#flags = parametersFor(facts.config.dhcp, facts.dev.name)?.preference ?? 0;
  }

  build(): Advertisement | undefined {
    for (const a of this.#f.addresses) this.#address(a);
    if (this.#linkTime === 0 || this.#ranges.length === 0) return undefined;
    const parameters = parametersFor(this.#f.config.dhcp, this.#f.dev.name);
    if (this.#anyRouter)
      this.#options.push(
        ND_OPT_ADV_INTERVAL,
        1,
        0,
        0,
        ...int32(1000 * advertisementInterval(parameters)),
      );
    const mtu =
      parameters?.mtu === undefined || parameters.mtu === 0 ? this.#f.mtu : parameters.mtu;
    if (mtu > 0) this.#options.push(ND_OPT_MTU, 1, 0, 0, ...int32(mtu));
    const mac = new Uint8Array(6);
    put48(mac, 0, this.#f.dev.addr);
    this.#options.push(ND_OPT_SOURCE_LL_ADDR, 1, ...mac);
    this.#nameServers();
    const message = new Uint8Array(16 + this.#options.length);
    message[0] = NDISC_ROUTER_ADVERTISEMENT;
    message[4] = HOP_LIMIT;
    message[5] = this.#flags;
    put16(message, 6, routerLifetime(parameters));
    message.set(this.#options, 16);
    return { message, ranges: this.#ranges };
  }

  /** One address of the device: its prefix is told if a range covers it. add_prefixes() */
  #address({ local, prefixLen, preferredLft, flags }: AddrInfo): void {
    const addr = local as Ipv6Addr;
    if (isLinkLocal6(addr)) {
      if (preferredLft > this.#linkTime) [this.#linkTime, this.#link] = [preferredLft, addr];
      return;
    }
    if (isMulticast6(addr) || sameIpv6(addr, ipv6(0, 0, 0, 1))) return;
    const covering = this.#f.config.dhcp.ranges6.filter(
      (r) =>
        prefixLen <= r.prefixLength &&
        sameNet6(addr, r.start, r.prefixLength) &&
        sameNet6(addr, r.end, r.prefixLength),
    );
    const told = covering.filter((r) => this.#takeRange(r));
    const time = this.#lifetime(told);
    const deprecated = told.some((r) => r.deprecated);
    const preferred = deprecated || (flags & IFA_F_DEPRECATED) !== 0 ? 0 : time;
    this.#remember(addr, preferred);
    this.#prefix(addr, told, time, preferred);
  }

  /** @returns whether a range is advertised */
  #takeRange(range: DhcpRange6): boolean {
    if (range.ra && range.dhcp) this.#flags |= range.raStateless ? OTHER : OTHER | MANAGED;
    if (!range.ra) {
      if (!this.#f.config.has('enable-ra')) return false;
      this.#flags |= OTHER | MANAGED;
    }
    if (range.tag !== undefined && !this.#tags.includes(range.tag))
      this.#tags = [range.tag, ...this.#tags];
    return true;
  }

  /** Seconds: as the range says, but three intervals at least; for ever if it says nothing. */
  #lifetime(ranges: readonly DhcpRange6[]): number {
    const interval = advertisementInterval(parametersFor(this.#f.config.dhcp, this.#f.dev.name));
    let time = NEVER;
    for (const { leaseTimeSet, leaseTime } of ranges)
      if (leaseTimeSet && leaseTime < time) time = Math.max(leaseTime, 3 * interval);
    return time;
  }

  #remember(addr: Ipv6Addr, preferred: number): void {
    if (isUla(addr)) {
      if (preferred > this.#ulaTime) [this.#ulaTime, this.#ula] = [preferred, addr];
    } else if (preferred > this.#globalTime) [this.#globalTime, this.#global] = [preferred, addr];
  }

  /** A prefix option, once for each range; with ra-advrouter for each address. */
  #prefix(addr: Ipv6Addr, ranges: readonly DhcpRange6[], valid: number, preferred: number): void {
    const fresh = ranges.filter((r) => !this.#ranges.includes(r));
    const asRouter = ranges.some((r) => r.raRouter);
    this.#ranges.push(...fresh);
    const range = fresh.at(-1) ?? (asRouter ? ranges.at(-1) : undefined);
    if (range === undefined) return;
    if (asRouter) this.#anyRouter = true;
    const told = asRouter ? addr : prefixOf(addr, range.prefixLength);
    const slaac = ranges.some((r) => r.ra) ? AUTONOMOUS : 0;
    const flags = (range.offLink ? 0 : ON_LINK) | slaac | (asRouter ? ROUTER_ADDRESS : 0);
    this.#options.push(ND_OPT_PREFIX_INFO, 4, range.prefixLength, flags);
    this.#options.push(...int32(valid), ...int32(preferred), ...int32(0), ...addressBytes(told));
    this.#f.log(told);
  }

  /** Seconds that name servers are good for: the shortest of the preferred lifetimes. */
  get #shortest(): number {
    const times = [this.#globalTime, this.#ulaTime, this.#linkTime].filter((t) => t !== 0);
    return Math.min(NEVER, ...times);
  }

  /** Name servers and search domains of --dhcp-option; this server itself if none are set. RFC 8106 */
  #nameServers(): void {
    const { config } = this.#f;
    const { dhcp } = config;
    const { options } = filterOptions(dhcp.tagIfs, dhcp.options6, this.#tags, undefined, () => {});
    const servers = options.find((o) => o.code === OPTION6_DNS_SERVER);
    for (const option of options) {
      if (option.code === OPTION6_DNS_SERVER) this.#rdnss(serverAddresses(option));
      if (option.code === OPTION6_DOMAIN_SEARCH && option.data.length > 0) this.#dnssl(option.data);
    }
    if (config.port === NAMESERVER_PORT && servers === undefined && this.#link !== undefined)
      this.#rdnss([this.#link]);
  }

  #rdnss(servers: readonly Ipv6Addr[]): void {
    const known = servers.flatMap((s) => this.#substitute(s) ?? []);
    if (known.length === 0) return;
    this.#options.push(ND_OPT_RDNSS, 1 + 2 * known.length, 0, 0, ...int32(this.#shortest));
    for (const server of known) this.#options.push(...addressBytes(server));
  }

  /** `::`, `fd00::` and `fe80::` stand for this server's own addresses. */
  #substitute(addr: Ipv6Addr): Ipv6Addr | undefined {
    if ((addr.w1 | addr.w2 | addr.w3) !== 0) return addr;
    if (addr.w0 === 0) return this.#global;
    if (addr.w0 >>> 0 === 0xfd00_0000) return this.#ula;
    return addr.w0 >>> 0 === 0xfe80_0000 ? this.#link : addr;
  }

  #dnssl(names: Uint8Array): void {
    const units = Math.ceil(names.length / 8);
    this.#options.push(ND_OPT_DNSSL, units + 1, 0, 0, ...int32(this.#shortest), ...names);
    for (let i = names.length; i < units * 8; i++) this.#options.push(0);
  }
}

function serverAddresses({ data }: OptionRule): Ipv6Addr[] {
  const servers: Ipv6Addr[] = [];
  const word = (at: number) =>
    ((data[at] as number) << 24) |
    ((data[at + 1] as number) << 16) |
    ((data[at + 2] as number) << 8) |
    (data[at + 3] as number);
  for (let at = 0; at + 16 <= data.length; at += 16)
    servers.push(ipv6(word(at), word(at + 4), word(at + 8), word(at + 12)));
  return servers;
}

/** The advertisement for a device. @returns undefined if there is nothing to advertise, or no link-local address to do it from */
export function buildAdvertisement(facts: AdvertisementFacts): Advertisement | undefined {
  return new Builder(facts).build();
}
