import type { Ipv4Addr } from '@labwire/core/addr';
import { getU32, put32 } from '@labwire/core/bytes';
import { BOOTP_BROADCAST, DhcpOpt, LEASE_INFINITE, setFieldText } from '@labwire/devices/dhcp';
import type { BootRule, DhcpRange, OptionRule } from '../../config/index.ts';
import { filterOptions, inGroup, type Tags, tagsFit } from '../match/index.ts';
import { OPTIONS4, optionByCode } from '../option-names/index.ts';
import { addEncapsulated, addVendorOptions, VendorMatch } from './encapsulated.ts';
import type { ReplyWriter } from './reply-writer.ts';
import { textData } from './reply-writer.ts';
import { FQDN_E } from './request/index.ts';
import type { ServerHost } from './server-host.ts';

/** Columns after which a log line of requested options ends. */
const LOG_COLUMNS = 40;
/** Options that dnsmasq makes itself: they cannot be set. */
const NEVER: readonly number[] = [
  DhcpOpt.clientFqdn,
  DhcpOpt.maxMessageSize,
  DhcpOpt.overload,
  DhcpOpt.pad,
  DhcpOpt.end,
  DhcpOpt.t1,
  DhcpOpt.t2,
];
/** Options that are left out where they are set to nothing. */
const EMPTY_MEANS_NONE: readonly number[] = [
  DhcpOpt.netmask,
  DhcpOpt.broadcast,
  DhcpOpt.router,
  DhcpOpt.dnsServer,
  DhcpOpt.domainName,
  DhcpOpt.hostName,
];

/** What options of a reply depend on. */
export interface ReplyFacts {
  /** Undefined: DHCPINFORM from a net without a range. */
  readonly range: DhcpRange | undefined;
  readonly requested: readonly number[] | undefined;
  readonly hostname: string | undefined;
  readonly domain: string | undefined;
  readonly tags: Tags;
  /** 0 for none. */
  readonly subnet: Ipv4Addr;
  readonly fqdnFlags: number;
  readonly zeroTerminated: boolean;
  readonly vendorClass: Uint8Array | undefined;
  /** Seconds; LEASE_INFINITE: no T1 and T2. */
  readonly leaseTime: number;
  /** Seconds by which renewals are spread. */
  readonly fuzz: number;
}

/** Writes the options of a reply. dnsmasq src/rfc2131.c, do_options() */
export class ReplyOptions {
  readonly #host: ServerHost;
  readonly #writer: ReplyWriter;
  readonly #f: ReplyFacts;
  readonly #options: readonly OptionRule[];
  readonly #tags: Tags;

  constructor(host: ServerHost, writer: ReplyWriter, facts: ReplyFacts) {
    this.#host = host;
    this.#writer = writer;
    this.#f = facts;
    const { dhcp } = host.config;
    const { options, tags } = filterOptions(
      dhcp.tagIfs,
      dhcp.options,
      facts.tags,
      facts.range?.tag,
      (code) => host.log('warning', `Ignoring duplicate dhcp-option ${code}`),
    );
    this.#options = options;
    this.#tags = tags;
  }

  #asked(code: number): boolean {
    return this.#f.requested?.includes(code) ?? true;
  }

  /** An option of the configuration. option_find2() */
  #set(code: number): OptionRule | undefined {
    return this.#options.find((o) => o.code === code);
  }

  /** Writes them all. */
  write(): void {
    const { range, requested, subnet } = this.#f;
    const { config } = this.#host;
    const { message } = this.#writer;
    if (config.has('log-dhcp') && requested !== undefined) this.#logRequested(requested);
    if (inGroup(config.dhcp.broadcast, this.#f.tags)) message.flags |= BOOTP_BROADCAST;
    if (range !== undefined) message.siaddr = range.local;
    const done = this.#boot();
    const bootp = requested === undefined || config.has('dhcp-no-override');
    if (bootp) this.#writer.forbidOverload();
    this.#writer.reserve();
    if (subnet !== 0) this.#writer.putAddress(DhcpOpt.subnetSelection, subnet);
    this.#times();
    if (range !== undefined) this.#net(range);
    this.#names();
    const vendor = new VendorMatch(config.dhcp, this.#f.vendorClass);
    const sentClass = this.#configured(done, vendor);
    addEncapsulated(this.#writer, config.dhcp.options, this.#tags, (c) => this.#asked(c), {
      zero: this.#f.zeroTerminated,
      warn: (text) => this.#host.log('warning', text),
    });
    this.#vendor(vendor, sentClass);
  }

  #vendor(vendor: VendorMatch, sentClass: boolean): void {
    const { vendorClass, zeroTerminated } = this.#f;
    const force = vendor.prune(this.#tags);
    if (!force && !this.#asked(DhcpOpt.vendorEncapsulated)) return;
    const sent = addVendorOptions(this.#writer, vendor.matched, zeroTerminated);
    if (sent && !sentClass && vendorClass !== undefined && vendorClass.length > 0)
      this.#writer.put(DhcpOpt.vendorClass, vendorClass);
  }

  #logRequested(requested: readonly number[]): void {
    const { xid } = this.#writer.message;
    let line = '';
    for (const [i, code] of requested.entries()) {
      const name = optionByCode(OPTIONS4, code)?.name;
      const last = i === requested.length - 1;
      line += `${code}${name === undefined ? '' : `:${name}`}${last ? '' : ', '}`;
      if (!last && line.length <= LOG_COLUMNS) continue;
      this.#host.log('info', `${xid} requested options: ${line}`);
      line = '';
    }
  }

  /** Boot file and server, in their fields or as options. @returns codes that went into fields */
  #boot(): readonly number[] {
    const boot = findBoot(this.#host.config.dhcp.boots, this.#tags);
    const { message } = this.#writer;
    if (boot === undefined) return this.#bootFromOptions();
    const asOption = (code: number) =>
      !this.#host.config.has('dhcp-no-override') && this.#f.requested?.includes(code) === true;
    const name = boot.serverName;
    if (name !== undefined) this.#bootText(DhcpOpt.tftpServerName, name, asOption, message.sname);
    this.#bootText(DhcpOpt.bootFileName, boot.file, asOption, message.file);
    if (boot.server !== 0) message.siaddr = boot.server;
    else if (boot.serverHost !== undefined)
      message.siaddr = this.#host.hostsAddress(boot.serverHost);
    return [];
  }

  #bootText(
    code: number,
    text: string,
    asOption: (code: number) => boolean,
    field: Uint8Array,
  ): void {
    if (asOption(code)) this.#writer.putText(code, text, true);
    else setFieldText(field, text);
  }

  /** Options 66 and 67 go into the fields where they were not asked for as options. */
  #bootFromOptions(): readonly number[] {
    const { message } = this.#writer;
    const done: number[] = [];
    for (const [code, field] of [
      [DhcpOpt.bootFileName, message.file],
      [DhcpOpt.tftpServerName, message.sname],
    ] as const) {
      const option = this.#set(code);
      const asked = this.#f.requested?.includes(code) === true;
      if (asked || option === undefined || option.force) continue;
      setFieldText(field, String.fromCharCode(...option.data));
      done.push(code);
    }
    const server = this.#set(DhcpOpt.end);
    if (server !== undefined && server.data.length >= 4)
      message.siaddr = (getU32(server.data, 0) | 0) as Ipv4Addr;
    return done;
  }

  /** T1 and T2. */
  #times(): void {
    const { leaseTime } = this.#f;
    if (leaseTime === LEASE_INFINITE) return;
    const [t1, t2] = renewalTimes(
      leaseTime,
      this.#time(DhcpOpt.t1),
      this.#time(DhcpOpt.t2),
      this.#f.fuzz,
    );
    this.#writer.putNumber(DhcpOpt.t1, 4, t1);
    this.#writer.putNumber(DhcpOpt.t2, 4, t2);
  }

  #time(code: number): number | undefined {
    const data = this.#set(code)?.data;
    return data === undefined || data.length < 4 ? undefined : getU32(data, 0);
  }

  /** What is known of the net. */
  #net(range: DhcpRange): void {
    const { netmask, broadcast, router, local } = range;
    const own = (code: number) => this.#set(code) === undefined;
    if (own(DhcpOpt.netmask)) this.#writer.putAddress(DhcpOpt.netmask, netmask);
    if (broadcast !== 0 && own(DhcpOpt.broadcast))
      this.#writer.putAddress(DhcpOpt.broadcast, broadcast);
    if (router !== 0 && this.#asked(DhcpOpt.router) && own(DhcpOpt.router))
      this.#writer.putAddress(DhcpOpt.router, router);
    const dns = this.#host.config.port === 53 && this.#asked(DhcpOpt.dnsServer);
    if (dns && own(DhcpOpt.dnsServer)) this.#writer.putAddress(DhcpOpt.dnsServer, local);
  }

  #names(): void {
    const { domain, hostname, zeroTerminated, fqdnFlags } = this.#f;
    const own = (code: number) => this.#asked(code) && this.#set(code) === undefined;
    if (domain !== undefined && own(DhcpOpt.domainName))
      this.#writer.putText(DhcpOpt.domainName, domain, zeroTerminated);
    if (hostname === undefined) return;
    if (own(DhcpOpt.hostName)) this.#writer.putText(DhcpOpt.hostName, hostname, zeroTerminated);
    if (fqdnFlags !== 0) this.#writer.put(DhcpOpt.clientFqdn, this.#fqdn(hostname));
  }

  /** Option 81. */
  #fqdn(hostname: string): Uint8Array {
    const { fqdnFlags, domain, zeroTerminated } = this.#f;
    const head = [fqdnFlags & 0x0f, 255, 255];
    const full = domain === undefined ? hostname : `${hostname}.${domain}`;
    if ((fqdnFlags & FQDN_E) === 0)
      return new Uint8Array([...head, ...textData(full, zeroTerminated)]).slice(0, 255);
    const labels = full.split('.').flatMap((l) => [l.length, ...textData(l, false)]);
    // the zero byte at the end stands there only with a domain
    return new Uint8Array([...head, ...labels, ...(domain === undefined ? [] : [0])]).slice(0, 255);
  }

  /** The configuration's options. @returns whether a vendor class was among them */
  #configured(done: readonly number[], vendor: VendorMatch): boolean {
    let sentClass = false;
    for (const option of this.#options) {
      const { code, force } = option;
      if (!force && !this.#asked(code)) continue;
      if (NEVER.includes(code) || done.includes(code)) continue;
      if (option.data.length === 0 && EMPTY_MEANS_NONE.includes(code)) continue;
      const boot = code === DhcpOpt.tftpServerName || code === DhcpOpt.bootFileName;
      const data = optionValue(option, this.#f.range?.local, boot || this.#f.zeroTerminated);
      if (!this.#writer.put(code, data) || code !== DhcpOpt.vendorClass) continue;
      vendor.rematch(data);
      sentClass = true;
    }
    return sentClass;
  }
}

/** The --dhcp-boot for a client. find_boot() */
export function findBoot(boots: readonly BootRule[], tags: Tags): BootRule | undefined {
  return (
    boots.find((b) => tagsFit(b.tags, tags, false)) ??
    boots.find((b) => tagsFit(b.tags, tags, true))
  );
}

/** The bytes of an option of the configuration: 0.0.0.0 among addresses is the server itself. do_opt() */
export function optionValue(
  option: OptionRule,
  self: Ipv4Addr | undefined,
  zero: boolean,
): Uint8Array {
  const { data, type } = option;
  if (type === 'string' && zero && data.length !== 255) return new Uint8Array([...data, 0]);
  if (type !== 'addresses' || self === undefined) return data;
  const filled = data.slice();
  for (let at = 0; at + 4 <= filled.length; at += 4)
    if (getU32(filled, at) === 0) put32(filled, at, self);
  return filled;
}

/** T1 and T2 of a lease, in seconds: half and seven eighths of it, or as set where that is sensible. */
export function renewalTimes(
  leaseTime: number,
  set1: number | undefined,
  set2: number | undefined,
  fuzz: number,
): readonly [number, number] {
  const sensible = (t: number | undefined) => t !== undefined && t < leaseTime && t > 2;
  let t1 = sensible(set1) ? (set1 as number) : Math.floor(leaseTime / 2);
  const t2 = sensible(set2) ? (set2 as number) : Math.floor(((leaseTime * 7) % 0x1_0000_0000) / 8);
  if (t2 <= t1) t1 = t2 - 1;
  let spread = fuzz;
  while (spread > Math.floor(t1 / 8)) spread = Math.floor(spread / 2);
  return [t1 - spread, t2 - spread];
}
