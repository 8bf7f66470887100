import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { DHCPACK, DhcpOpt, fieldText, LEASE_INFINITE } from '@labwire/devices/dhcp';
import { inGroup, tagsFit } from '../match/index.ts';
import { prettyTime, printable } from '../option-names/index.ts';
import { addressAvailable, allocateAddress, narrowRange, type ReplyWait } from '../range/index.ts';
import { hostsName } from './answer-request.ts';
import { beginReply, endReply } from './build-reply.ts';
import { DECLINE_BACKOFF, type Exchange } from './exchange.ts';
import type { Reply } from './server-host.ts';

const ANY = 0 as Ipv4Addr;

function isToUs(ex: Exchange): boolean {
  return ex.request.address(DhcpOpt.serverIdentifier) === ex.serverId();
}

/** DHCPDECLINE: the client has found its address in use. */
export function hearDecline(ex: Exchange): void {
  const addr = ex.request.address(DhcpOpt.requestedAddress);
  if (!isToUs(ex) || addr === undefined) return;
  const why = ex.request.option(DhcpOpt.message, 1);
  ex.log('DHCPDECLINE', addr, why === undefined ? '' : printable(why), true);
  if (ex.lease?.addr === addr) ex.host.leases.prune(ex.lease, ex.now);
  const { config } = ex;
  if (config?.addr !== addr) {
    for (const range of ex.ranges) range.addrEpoch++;
    return;
  }
  const time = prettyTime(DECLINE_BACKOFF);
  ex.host.log('warning', `disabling DHCP static address ${formatIpv4(addr)} for ${time}`);
  config.declinedAt = ex.now;
}

/** DHCPRELEASE: the client gives its address back. */
export function hearRelease(ex: Exchange): void {
  const { ciaddr } = ex.message;
  const range = narrowRange(ex.ranges, ciaddr, ex.allTags);
  if (range === undefined) return;
  ex.ranges = [range];
  if (!isToUs(ex)) return;
  const known = ex.lease?.addr === ciaddr;
  if (known) ex.host.leases.prune(ex.lease, ex.now);
  ex.log('DHCPRELEASE', ciaddr, known ? '' : 'unknown lease', !known);
}

/** DHCPINFORM: options for a client that has an address already. */
export function answerInform(ex: Exchange): Reply | undefined {
  const { message, host } = ex;
  const addr = message.ciaddr;
  const ignored = ex.ignored || ex.config?.ignore === true;
  ex.log('DHCPINFORM', addr, ignored ? 'ignored' : '');
  if (ignored || addr === ANY) return undefined;
  const range = narrowRange(ex.ranges, addr, ex.allTags);
  ex.ranges = range === undefined ? [] : [range];
  if (ex.lease === undefined) {
    ex.lease = host.leases.byAddress(addr);
    ex.hostname = ex.lease?.hostname ?? ex.hostname;
  }
  ex.hostname ??= hostsName(ex, addr);
  if (range !== undefined) ex.enterRange(range);
  ex.logTags();
  ex.log('DHCPACK', addr, ex.hostname ?? '');
  const { lease, hostname } = ex;
  if (lease !== undefined) {
    host.leases.setInterface(lease, ex.arrival.ifindex);
    if (ex.override === ANY) ex.override = lease.override;
    else lease.override = ex.override;
  }
  const writer = beginReply(ex, DHCPACK, ex.serverId(range));
  const asked = ex.request.requested?.includes(DhcpOpt.leaseTime) ?? true;
  if (lease !== undefined && asked) {
    const left = lease.expires === 0 ? LEASE_INFINITE : lease.expires - ex.now;
    writer.putNumber(DhcpOpt.leaseTime, 4, left);
  }
  const facts = { range, hostname, addr, leaseTime: LEASE_INFINITE, fuzz: 0 };
  return { ...endReply(ex, writer, facts), inform: true };
}

/** BOOTP, which knows no leases: an address for ever. */
export function* answerBootp(ex: Exchange): Generator<ReplyWait, Reply | undefined, boolean> {
  const { message, config } = ex;
  if (message.htype === 0 || message.hlen === 0) return undefined;
  ex.tags = ['bootp', ...bootFileTag(ex), ...ex.tags];
  ex.allTags = ex.withTagIfs(ex.tags);
  const ignored = ex.dhcp.ignore.some((g) => tagsFit(g, ex.allTags, false));
  const error = config?.ignore === true ? 'disabled' : ignored ? 'ignored' : undefined;
  const found = error ?? (yield* bootpAddress(ex));
  if (typeof found === 'string') {
    ex.log('BOOTP', config?.addr, found, true);
    return undefined;
  }
  const range = narrowRange(ex.ranges, found, ex.tags);
  const refused = range === undefined ? 'wrong network' : bootpLease(ex, found);
  ex.log('BOOTP', found, refused ?? '', refused !== undefined);
  if (range === undefined || refused !== undefined) return undefined;
  ex.ranges = [range];
  message.yiaddr = found;
  const writer = beginReply(ex, 0, ANY);
  const hostname = config?.hostname;
  const facts = { range, hostname, addr: found, leaseTime: LEASE_INFINITE, fuzz: 0 };
  return endReply(ex, writer, facts);
}

/** The file that a BOOTP client names is a tag. */
function bootFileTag({ message }: Exchange): string[] {
  const file = fieldText(message.file);
  return file === '' ? [] : [file];
}

/** @returns the address, or why there is none */
function* bootpAddress(ex: Exchange): Generator<ReplyWait, Ipv4Addr | string, boolean> {
  const { host, config, message, now } = ex;
  const { chaddr, htype } = message;
  if (config?.addr !== undefined) {
    const other = host.leases.byAddress(config.addr);
    const mine = other === undefined || other === host.leases.byClient(chaddr, htype, undefined);
    ex.lease = other;
    return mine ? config.addr : 'address in use';
  }
  if (!inGroup(ex.dhcp.bootpDynamic, ex.allTags)) return 'no address configured';
  const lease = host.leases.byClient(chaddr, htype, undefined);
  if (lease !== undefined && addressAvailable(ex.ranges, lease.addr, ex.allTags) !== undefined) {
    ex.lease = lease;
    return lease.addr;
  }
  if (lease !== undefined) host.leases.prune(lease, now);
  const pool = {
    leases: host.leases,
    hosts: ex.dhcp.hosts,
    pings: host.pings,
    sequential: host.config.has('dhcp-sequential-ip'),
  };
  const { loopback } = ex.arrival;
  const found = yield* allocateAddress(pool, ex.ranges, chaddr.slice(), ex.allTags, now, loopback);
  return found ?? 'no address available';
}

/** Makes the lease. @returns why it cannot be */
function bootpLease(ex: Exchange, addr: Ipv4Addr): string | undefined {
  const { host, config, message, now } = ex;
  const lease = ex.lease ?? host.leases.allocate(addr);
  if (lease === undefined) return 'no leases left';
  host.leases.setClient(lease, message.chaddr, message.htype, undefined);
  if (config?.hostname !== undefined)
    host.leases.setHostname(lease, config.hostname, true, host.domainOf(addr), config.domain);
  host.leases.setExpires(lease, config?.leaseTime ?? LEASE_INFINITE, now);
  host.leases.setInterface(lease, ex.arrival.ifindex);
  return undefined;
}
