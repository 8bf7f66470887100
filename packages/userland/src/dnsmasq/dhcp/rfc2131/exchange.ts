import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { type DhcpMessage, DhcpOpt } from '@labwire/devices/dhcp';
import type { DhcpHost, DhcpRange } from '../../config/index.ts';
import { stripHostname } from '../../options/index.ts';
import type { Lease } from '../lease/index.ts';
import {
  type ClientKeys,
  findHost,
  inGroup,
  type Tags,
  tagsFit,
  tagsText,
  withTagIfs,
} from '../match/index.ts';
import { hexText, printable } from '../option-names/index.ts';
import { rangesByHint } from '../range/index.ts';
import {
  AgentOpt,
  agentTags,
  type ClientName,
  type Cpewan,
  classTags,
  clientIdentity,
  type DhcpRequest,
  macTags,
  matchTags,
  nameTags,
  readClientName,
  readCpewan,
  userClass,
} from './request/index.ts';
import type { Arrival, ServerHost } from './server-host.ts';

const ANY = 0 as Ipv4Addr;
/** Seconds for which a refused address is not given to its host. DECLINE_BACKOFF */
export const DECLINE_BACKOFF = 600;

type Lease4 = Lease & { readonly addr: Ipv4Addr };

/** One message of a client and all that is known of that client. The first half of dnsmasq src/rfc2131.c, dhcp_reply() */
export class Exchange {
  readonly host: ServerHost;
  readonly request: DhcpRequest;
  readonly arrival: Arrival;
  readonly now: number;
  readonly message: DhcpMessage;
  /** What it is logged by and its address is chosen by. */
  readonly identity: Uint8Array;
  clientId: Uint8Array | undefined;
  lease: Lease4 | undefined;
  ranges: readonly DhcpRange[] = [];
  config: DhcpHost | undefined;
  /** The net that the client or its relay names; 0 for none. */
  readonly subnet: Ipv4Addr;
  /** By which address the relay wants the server to be called; 0 for its own. */
  override: Ipv4Addr;
  readonly cpewan: Cpewan | undefined;
  name: ClientName = { name: undefined, fqdnFlags: 0, zeroTerminated: false };
  hostname: string | undefined;
  /** The name that an offer carries. */
  offerName: string | undefined;
  /** The domain that came with the name. */
  nameDomain: string | undefined;
  /** The name is the configuration's. */
  authName = false;
  /** Without and with what --tag-if adds. */
  tags: Tags = [];
  allTags: Tags = [];
  /** --dhcp-ignore */
  ignored = false;

  constructor(host: ServerHost, request: DhcpRequest, arrival: Arrival) {
    this.host = host;
    this.request = request;
    this.arrival = arrival;
    this.now = host.now();
    this.message = request.message;
    const link = request.agentOption(AgentOpt.linkSelection, 4);
    this.subnet = addressOf(link) ?? request.address(DhcpOpt.subnetSelection) ?? ANY;
    this.override = addressOf(request.agentOption(AgentOpt.serverId, 4)) ?? ANY;
    this.cpewan = request.type === 0 ? undefined : readCpewan(request);
    const dhcp = request.type !== 0;
    const usesId = dhcp && !host.config.has('dhcp-ignore-clid');
    const sent = usesId ? request.option(DhcpOpt.clientIdentifier, 1) : undefined;
    const { chaddr, htype } = this.message;
    this.lease = dhcp ? host.leases.byClient(chaddr, htype, sent) : undefined;
    this.clientId = sent ?? this.lease?.clientId;
    this.identity = clientIdentity(this.message, this.clientId);
  }

  get dhcp(): ServerHost['config']['dhcp'] {
    return this.host.config.dhcp;
  }

  /** Finds nets, tags, host and name of the client. @returns false if there are no addresses for its net */
  prepare(): boolean {
    this.tags = this.#firstTags();
    const { giaddr, ciaddr } = this.message;
    const hint = { subnet: this.subnet, giaddr, ciaddr };
    this.ranges = rangesByHint(this.dhcp, this.arrival.ranges, hint, this.arrival.fallback);
    if (this.ranges.length === 0) {
      this.#noRange();
      return false;
    }
    if (this.logs) this.#logRanges();
    this.tags = matchTags(this.dhcp.matches, this.request, this.tags);
    this.tags = classTags(this.dhcp.classes, this.request, this.tags);
    if (this.logs) this.#logClasses();
    this.#findHost();
    if (this.request.type !== 0) this.#findName();
    this.tags = [...[...(this.config?.sets ?? [])].reverse(), ...this.tags];
    this.allTags = this.withTagIfs(this.tags);
    this.ignored = this.dhcp.ignore.some((g) => tagsFit(g, this.allTags, false));
    this.#overrideByRelay();
    if (this.config?.ignoreClientId === true) this.clientId = undefined;
    return true;
  }

  withTagIfs(tags: Tags): Tags {
    return withTagIfs(this.dhcp.tagIfs, tags);
  }

  #firstTags(): Tags {
    let tags: Tags = [this.arrival.device];
    if (this.cpewan?.oui !== undefined && this.cpewan.serial !== undefined)
      tags = ['cpewan-id', ...tags];
    if (this.request.type !== 0) tags = agentTags(this.dhcp.classes, this.request, tags);
    return macTags(this.dhcp, this.request, tags);
  }

  #noRange(): void {
    const { giaddr } = this.message;
    const via = giaddr === ANY ? this.arrival.device : formatIpv4(giaddr);
    const how =
      this.subnet === ANY ? `via ${via}` : `with subnet selector ${formatIpv4(this.subnet)}`;
    this.host.log('warning', `no address range available for DHCP request ${how}`);
  }

  /** --log-dhcp */
  get logs(): boolean {
    return this.host.config.has('log-dhcp');
  }

  #logRanges(): void {
    for (const { kind, start, end, netmask } of this.ranges) {
      const [first, last, mask] = [start, end, netmask].map(formatIpv4);
      this.logDetail(
        kind === 'static'
          ? `available DHCP subnet: ${first}/${mask}`
          : `available DHCP range: ${first} -- ${last}`,
      );
    }
  }

  #logClasses(): void {
    const vendor = this.request.option(DhcpOpt.vendorClass, 1);
    const user = userClass(this.request);
    if (vendor !== undefined) this.logDetail(`vendor class: ${printable(vendor)}`);
    if (user !== undefined) this.logDetail(`user class: ${printable(user)}`);
  }

  /** A line of --log-dhcp, with the exchange's number. */
  logDetail(text: string): void {
    this.host.log('info', `${this.message.xid} ${text}`);
  }

  /** What tells the client apart in --dhcp-host. */
  #keys(hostname?: string): ClientKeys {
    const { htype, chaddr } = this.message;
    return { clientId: this.clientId, htype, chaddr, hostname };
  }

  #findHost(): void {
    const tags = this.withTagIfs(this.tags);
    this.config = findHost(this.dhcp.hosts, this.ranges, this.#keys(), tags);
    if (this.config !== undefined) this.tags = ['known', ...this.tags];
    else if (findHost(this.dhcp.hosts, undefined, this.#keys(), tags) !== undefined)
      this.tags = ['known-othernet', ...this.tags];
  }

  #findName(): void {
    this.name = readClientName(this.request, this.host.config.has('dhcp-client-update'));
    const given = this.name.name;
    if (given !== undefined) {
      if (this.logs) this.logDetail(`client provides name: ${given}`);
      this.tags = nameTags(this.dhcp, given, this.tags);
    }
    if (this.name.fqdnFlags !== 0) this.offerName = given;
    if (this.config?.hostname !== undefined) this.#nameByConfig(this.config, given);
    else if (given !== undefined) this.#nameByClient(given);
  }

  #nameByConfig(config: DhcpHost, given: string | undefined): void {
    this.hostname = config.hostname;
    this.nameDomain = config.domain;
    this.authName = true;
    // an offer with another name than the client gave would confuse it
    const same = given?.toLowerCase() === config.hostname?.toLowerCase();
    if (this.name.fqdnFlags !== 0 || given === undefined || same) this.offerName = config.hostname;
  }

  #nameByClient(given: string): void {
    const [name, domain] = stripHostname(given);
    this.nameDomain = domain;
    if (this.offerName !== undefined) this.offerName = name;
    this.hostname = name;
    if (this.config !== undefined) return;
    // by name only a host is found that has nothing else to be known by
    const keys = { ...this.#keys(name), clientId: undefined };
    const found = findHost(this.dhcp.hosts, this.ranges, keys, this.withTagIfs(this.tags));
    if (found === undefined || found.clientId !== undefined || found.hardware.length > 0) return;
    this.config = found;
    this.tags = ['known', ...this.tags];
  }

  /** --dhcp-proxy: the server is called by the relay's address. */
  #overrideByRelay(): void {
    const { giaddr } = this.message;
    if (!this.dhcp.overrideServerId || giaddr === ANY || this.override !== ANY) return;
    const relays = this.dhcp.overrideRelays;
    if (relays.length === 0 || relays.includes(giaddr)) this.override = giaddr;
  }

  /** By which address the server calls itself. server_id() */
  serverId(range: DhcpRange | undefined = this.ranges[0]): Ipv4Addr {
    if (this.override !== ANY) return this.override;
    const local = range?.local ?? ANY;
    return local === ANY ? this.arrival.fallback : local;
  }

  /** One line of the log for a message. log_packet() */
  log(type: string, addr: Ipv4Addr | undefined, text = '', error = false): void {
    const { config } = this.host;
    if (!error && !this.logs && config.has('quiet-dhcp')) return;
    const xid = this.logs ? `${this.message.xid} ` : '';
    const shown = addr === undefined ? '' : `${formatIpv4(addr)} `;
    const line = `${type}(${this.arrival.device}) ${shown}${hexText(this.identity)} ${text}`;
    this.host.log('info', `${xid}${line}`);
  }

  /** Tags as --log-dhcp shows them. */
  logTags(): void {
    if (this.logs && this.allTags.length > 0) this.logDetail(`tags: ${tagsText(this.allTags)}`);
  }

  /** Goes on with one range: its tag counts from now on. */
  enterRange(range: DhcpRange): void {
    if (range.tag !== undefined) this.allTags = this.withTagIfs([range.tag, ...this.tags]);
  }

  /** Whether the client is in one of the groups. */
  inGroup(groups: readonly Tags[]): boolean {
    return inGroup(groups, this.allTags);
  }
}

function addressOf(data: Uint8Array | undefined): Ipv4Addr | undefined {
  if (data === undefined) return undefined;
  const m = data.reduce((sum, byte) => (sum << 8) | byte, 0);
  return m as Ipv4Addr;
}
