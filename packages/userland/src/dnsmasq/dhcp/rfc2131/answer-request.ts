import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { BOOTP_BROADCAST, DHCPACK, DHCPNAK, DhcpOpt } from '@labwire/devices/dhcp';
import type { DhcpRange } from '../../config/index.ts';
import { isHostname, stripHostname } from '../../options/index.ts';
import type { Lease } from '../lease/index.ts';
import { hostByAddress, hostHasMac } from '../match/index.ts';
import { hexText } from '../option-names/index.ts';
import { addressAvailable, narrowRange, sameNet } from '../range/index.ts';
import { beginReply, endReply, leaseTime, sealReply } from './build-reply.ts';
import { DECLINE_BACKOFF, type Exchange } from './exchange.ts';
import { extraData } from './extra-data.ts';
import type { Reply } from './server-host.ts';

const ANY = 0 as Ipv4Addr;

/** How a lease is asked for. */
interface Asking {
  /** DHCPDISCOVER with rapid commit: no refusal is sent. */
  readonly rapid: boolean;
  /** An answer to an offer of ours. */
  readonly selecting: boolean;
  readonly unicast: boolean;
  readonly fuzz: number;
  /** Why it cannot be. */
  readonly error?: string;
  /** What the script is told of the client is to be told anew. */
  readonly fresh?: boolean;
}

/** DHCPREQUEST: a lease, a refusal, or silence. */
export function answerRequest(ex: Exchange): Reply | undefined {
  if (ex.ignored || ex.config?.ignore === true) return undefined;
  const wanted = ex.request.address(DhcpOpt.requestedAddress);
  const asking = wanted === undefined ? renewing(ex) : settling(ex, wanted);
  if (asking === undefined) return undefined;
  ex.message.yiaddr = wanted ?? ex.message.ciaddr;
  ex.log('DHCPREQUEST', ex.message.yiaddr);
  return commit(ex, asking);
}

/** SELECTING and INIT-REBOOT. @returns undefined if it is none of our business */
function settling(ex: Exchange, wanted: Ipv4Addr): Asking | undefined {
  const base = { rapid: false, unicast: ex.arrival.unicast, fuzz: 0, fresh: true };
  const authoritative = ex.host.config.has('dhcp-authoritative');
  const other = ex.lease !== undefined && ex.lease.addr !== wanted;
  const server = ex.request.address(DhcpOpt.serverIdentifier);
  if (server === undefined) {
    if (ex.lease === undefined && !authoritative) return undefined;
    return { ...base, selecting: false, ...(other ? { error: 'wrong address' } : {}) };
  }
  const ours = isOurs(ex, server);
  if (!ours && (!authoritative || ex.override !== ANY)) return undefined;
  if (other) {
    ex.host.leases.prune(ex.lease, ex.now);
    ex.lease = undefined;
  }
  return { ...base, selecting: true, ...(ours ? {} : { error: 'wrong server-ID' }) };
}

/** Whether a server identifier is this server's; the range that has it goes first. */
function isOurs(ex: Exchange, server: Ipv4Addr): boolean {
  if (ex.override !== ANY) return server === ex.override;
  const at = ex.ranges.findIndex((r) => r.local === server);
  if (at >= 0) {
    ex.ranges = ex.ranges.slice(at);
    return true;
  }
  ex.ranges = [];
  if (!ex.host.isServed(server)) return false;
  ex.override = server;
  return true;
}

/** RENEWING and REBINDING. @returns undefined if another server's lease may be meant */
function renewing(ex: Exchange): Asking | undefined {
  const { lease, message, host } = ex;
  const base = { rapid: false, selecting: false };
  // renewals of many clients are spread
  const fuzz = () => host.random.below(0x1_0000);
  const unknown =
    lease === undefined ? !host.config.has('dhcp-authoritative') : message.ciaddr !== lease.addr;
  if (!unknown) return { ...base, unicast: ex.arrival.unicast, fuzz: fuzz() };
  if (!ex.arrival.unicast) return undefined;
  return { ...base, unicast: false, fuzz: fuzz(), error: 'lease not found' };
}

/** Makes or renews the lease of `yiaddr`, or says why not. */
export function commit(ex: Exchange, asking: Asking): Reply | undefined {
  const range = asking.error === undefined ? checked(ex, asking) : asking.error;
  if (typeof range === 'string') return refuse(ex, asking, range);
  let lease = ex.lease;
  if (ex.identity.length === 0) return refuse(ex, asking, 'no unique-id');
  const made = lease === undefined;
  lease ??= ex.host.leases.allocate(ex.message.yiaddr);
  if (lease === undefined) return refuse(ex, asking, 'no leases left');
  ex.lease = lease;
  return acknowledge(ex, asking, range, lease, made || asking.fresh === true);
}

/** @returns the range of the address, or why it cannot be had */
function checked(ex: Exchange, asking: Asking): DhcpRange | string {
  const { host, config, lease, message } = ex;
  const addr = message.yiaddr;
  const { hosts } = ex.dhcp;
  const own = config?.addr;
  const usable = own !== undefined && ex.ranges[0]?.router !== own;
  const range = narrowRange(ex.ranges, addr, ex.allTags);
  if (range === undefined) return 'wrong network';
  ex.ranges = [range];
  if (addressAvailable(ex.ranges, addr, ex.allTags) === undefined && own !== addr)
    return 'address not available';
  const declined =
    config?.declinedAt !== undefined && ex.now - config.declinedAt <= DECLINE_BACKOFF;
  if (usable && !asking.selecting && !declined && own !== addr) {
    const holder = host.leases.byAddress(own);
    if (holder === undefined || holder === lease) return 'static lease available';
  }
  const reserved = hostByAddress(hosts, addr);
  if (reserved !== undefined && reserved !== config) return 'address reserved';
  const holder = lease === undefined ? host.leases.byAddress(addr) : undefined;
  if (holder === undefined) return range;
  const { chaddr = new Uint8Array(0), htype } = holder;
  if (config === undefined || !hostHasMac(config, chaddr, htype)) return 'address in use';
  // a host with several hardware addresses may change from one to another
  host.log('info', `abandoning lease to ${hexText(chaddr)} of ${formatIpv4(addr)}`);
  ex.lease = holder;
  return range;
}

function refuse(ex: Exchange, asking: Asking, error: string): Reply | undefined {
  const { message } = ex;
  ex.log(asking.rapid ? 'NOANSWER' : 'DHCPNAK', message.yiaddr, error, true);
  if (asking.rapid) return undefined;
  const [range] = ex.ranges;
  const unicast = asking.unicast && error !== 'wrong network' && error !== 'lease not found';
  const writer = beginReply(
    ex,
    DHCPNAK,
    ex.serverId(error === 'wrong network' ? undefined : range),
  );
  writer.putText(DhcpOpt.message, error, ex.name.zeroTerminated);
  const reply = writer.message;
  reply.yiaddr = ANY;
  const near = range !== undefined && sameNet(range.local, message.ciaddr, range.netmask);
  if (!unicast || message.giaddr !== ANY || message.ciaddr === ANY || near) {
    reply.flags |= BOOTP_BROADCAST;
    reply.ciaddr = ANY;
  }
  return sealReply(ex, writer);
}

function acknowledge(
  ex: Exchange,
  asking: Asking,
  range: DhcpRange,
  lease: Lease & { readonly addr: Ipv4Addr },
  fresh: boolean,
): Reply {
  const { host, message } = ex;
  ex.enterRange(range);
  ex.logTags();
  if (fresh) {
    lease.changed = true;
    if (message.giaddr !== ANY) lease.giaddr = message.giaddr;
    lease.extra = extraData(ex);
  }
  nameByHosts(ex);
  const time = leaseTime(ex, range);
  host.leases.setClient(lease, message.chaddr, message.htype, ex.clientId);
  const hostname = leaseName(ex);
  if (hostname !== undefined)
    host.leases.setHostname(lease, hostname, ex.authName, host.domainOf(lease.addr), ex.nameDomain);
  host.leases.setExpires(lease, time, ex.now);
  host.leases.setInterface(lease, ex.arrival.ifindex);
  if (ex.override === ANY) ex.override = lease.override;
  else lease.override = ex.override;
  ex.log('DHCPACK', message.yiaddr, hostname ?? '');
  const writer = beginReply(ex, DHCPACK, ex.serverId(range));
  writer.putNumber(DhcpOpt.leaseTime, 4, time);
  if (asking.rapid) writer.put(DhcpOpt.rapidCommit, new Uint8Array(0));
  const { fuzz } = asking;
  return endReply(ex, writer, { range, hostname, addr: message.yiaddr, leaseTime: time, fuzz });
}

/** The name that a hosts file has for the address counts more than the client's. host_from_dns() */
function nameByHosts(ex: Exchange): void {
  if (ex.authName) return;
  const name = hostsName(ex, ex.message.yiaddr);
  if (name === undefined) return;
  ex.nameDomain = ex.host.domainOf(ex.message.yiaddr);
  ex.hostname = name;
  ex.authName = true;
}

/** The name of an address in the hosts files, if its domain is that of the address. */
export function hostsName(ex: Exchange, addr: Ipv4Addr): string | undefined {
  if (ex.host.config.port === 0) return undefined;
  const full = ex.host.hostsName(addr);
  if (full === undefined || !isHostname(full)) return undefined;
  const [name, domain] = stripHostname(full);
  const own = ex.host.domainOf(addr);
  return domain === undefined || domain.toLowerCase() === own?.toLowerCase() ? name : undefined;
}

/** The name that the lease gets: none where --dhcp-ignore-names says so, one made of the MAC with --dhcp-generate-names. */
function leaseName(ex: Exchange): string | undefined {
  const ignore = !ex.authName && ex.inGroup(ex.dhcp.ignoreNames);
  const name = ignore ? undefined : ex.hostname;
  if (name !== undefined || !ex.inGroup(ex.dhcp.generateNames)) return name;
  return hexText(ex.identity).replaceAll(':', '-');
}
