import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { DHCPOFFER, DhcpOpt } from '@labwire/devices/dhcp';
import { hostByAddress, hostHasMac, tagsFit } from '../match/index.ts';
import { hexText } from '../option-names/index.ts';
import { addressAvailable, allocateAddress, narrowRange, type ReplyWait } from '../range/index.ts';
import { commit } from './answer-request.ts';
import { beginReply, endReply, leaseTime } from './build-reply.ts';
import { DECLINE_BACKOFF, type Exchange } from './exchange.ts';
import type { Reply } from './server-host.ts';

/** DHCPDISCOVER: an offer, or a lease at once. */
export function* answerDiscover(ex: Exchange): Generator<ReplyWait, Reply | undefined, boolean> {
  const { request, host } = ex;
  const wanted = request.address(DhcpOpt.requestedAddress);
  if (ex.ignored || ex.config?.ignore === true) {
    if (!host.config.has('quiet-dhcp')) ex.log('DHCPDISCOVER', undefined, 'ignored', true);
    return undefined;
  }
  const found = yield* chooseAddress(ex, wanted);
  const error = typeof found === 'string' ? found : '';
  ex.log('DHCPDISCOVER', wanted, error, error !== '');
  if (typeof found === 'string') return undefined;
  const range = narrowRange(ex.ranges, found, ex.allTags);
  if (range === undefined) return undefined;
  ex.ranges = [range];
  ex.enterRange(range);
  yield* applyDelay(ex);
  ex.message.yiaddr = found;
  const rapid = host.config.has('dhcp-rapid-commit');
  if (rapid && request.option(DhcpOpt.rapidCommit) !== undefined) {
    if (ex.lease !== undefined && ex.lease.addr !== found) dropLease(ex);
    return commit(ex, { rapid: true, selecting: false, unicast: ex.arrival.unicast, fuzz: 0 });
  }
  ex.logTags();
  ex.log('DHCPOFFER', found);
  const time = leaseTime(ex, range);
  const writer = beginReply(ex, DHCPOFFER, ex.serverId(range));
  writer.putNumber(DhcpOpt.leaseTime, 4, time);
  const hostname = ex.offerName;
  return endReply(ex, writer, { range, hostname, addr: found, leaseTime: time, fuzz: 0 });
}

/** Ends the client's lease of another address. */
export function dropLease(ex: Exchange): void {
  ex.host.leases.prune(ex.lease, ex.now);
  ex.lease = undefined;
}

/** @returns the address, or why there is none */
function* chooseAddress(
  ex: Exchange,
  wanted: Ipv4Addr | undefined,
): Generator<ReplyWait, Ipv4Addr | string, boolean> {
  const { host, ranges, allTags, lease, identity, now } = ex;
  const { loopback } = ex.arrival;
  const { hosts } = ex.dhcp;
  const configured = configuredAddress(ex);
  if (configured !== undefined) return configured;
  const available = (addr: Ipv4Addr) => addressAvailable(ranges, addr, allTags) !== undefined;
  const kept = (addr: Ipv4Addr) => hostByAddress(hosts, addr) !== undefined;
  if (lease !== undefined && available(lease.addr) && !kept(lease.addr)) return lease.addr;
  if (wanted !== undefined && available(wanted) && !kept(wanted)) {
    const free = host.leases.byAddress(wanted) === undefined;
    if (free && (yield* host.pings.check(wanted, 0, now, loopback)) !== undefined) return wanted;
  }
  if (identity.length === 0) return 'no unique-id';
  const pool = {
    leases: host.leases,
    hosts,
    pings: host.pings,
    sequential: host.config.has('dhcp-sequential-ip'),
  };
  const found = yield* allocateAddress(pool, ranges, identity, allTags, now, loopback);
  return found ?? 'no address available';
}

/** The address of --dhcp-host, unless somebody else has it. */
function configuredAddress(ex: Exchange): Ipv4Addr | undefined {
  const { config, host, lease, ranges, now } = ex;
  const addr = config?.addr;
  if (config === undefined || addr === undefined) return undefined;
  const refuse = (why: string) => {
    host.log('warning', `not using configured address ${formatIpv4(addr)} because it ${why}`);
    return undefined;
  };
  const other = host.leases.byAddress(addr);
  if (other !== undefined && other !== lease) {
    const { chaddr = new Uint8Array(0), htype, clientId } = other;
    if (!hostHasMac(config, chaddr, htype)) {
      const who = chaddr.length === 0 && clientId !== undefined ? clientId : chaddr;
      return refuse(`is leased to ${hexText(who)}`);
    }
  }
  if (ranges[0]?.router === addr) return refuse('is in use by the server or relay');
  if (config.declinedAt !== undefined && now - config.declinedAt < DECLINE_BACKOFF)
    return refuse('was previously declined');
  return addr;
}

/** --dhcp-reply-delay. apply_delay() */
function* applyDelay(ex: Exchange): Generator<ReplyWait, void, boolean> {
  const { delays } = ex.dhcp;
  const found =
    delays.find((d) => tagsFit(d.tags, ex.allTags, false)) ??
    delays.find((d) => tagsFit(d.tags, ex.allTags, true));
  if (found === undefined) return;
  if (!ex.host.config.has('quiet-dhcp'))
    ex.host.log('info', `${ex.message.xid} reply delay: ${found.delay}`);
  yield { delay: found.delay };
}
