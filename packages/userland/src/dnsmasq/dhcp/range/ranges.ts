import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { formatInet } from '../../../libc-net/index.ts';
import type { DhcpConfig, DhcpRange } from '../../config/index.ts';
import { type Tags, tagsFit } from '../match/index.ts';

const ANY = 0 as Ipv4Addr;

/** An IPv4 address of a device of this machine. */
export interface DeviceAddress {
  readonly ifindex: number;
  readonly addr: Ipv4Addr;
  readonly netmask: Ipv4Addr;
  /** 0 if it has none. */
  readonly broadcast: Ipv4Addr;
}

/** Whether two addresses are in one net. */
export function sameNet(a: Ipv4Addr, b: Ipv4Addr, mask: Ipv4Addr): boolean {
  return (a & mask) === (b & mask);
}

function within(range: DhcpRange, addr: Ipv4Addr, mask: Ipv4Addr): boolean {
  return sameNet(addr, range.start, mask) && sameNet(addr, range.end, mask);
}

/** The netmask of a range that no device has told yet, by its class. */
function classMask(range: DhcpRange): Ipv4Addr {
  const first = range.start >>> 24;
  if (first < 128) return ipv4Mask(8);
  if (first < 192) return ipv4Mask(16);
  return first < 224 ? ipv4Mask(24) : ANY;
}

/** Takes netmasks of ranges from an address. guess_range_netmask() */
function guessNetmask(config: DhcpConfig, at: DeviceAddress, warn: (text: string) => void): void {
  const { addr, netmask } = at;
  for (const range of config.ranges) {
    const touches = sameNet(addr, range.start, netmask) || sameNet(addr, range.end, netmask);
    if (range.hasNetmask || !touches) continue;
    if (range.netmask !== netmask && !within(range, addr, netmask)) {
      const [first, last] = [formatInet(range.start), formatInet(range.end)];
      warn(`DHCP range ${first} -- ${last} is not consistent with netmask ${formatInet(netmask)}`);
    }
    range.netmask = netmask;
  }
}

/** Links the ranges that --shared-network puts on a device. */
function linkShared(
  config: DhcpConfig,
  at: DeviceAddress,
  device: string,
  here: boolean,
  linked: DhcpRange[],
): void {
  for (const share of config.sharedNetworks) {
    const meant = share.device === undefined ? share.addr === at.addr : share.device === device;
    if (!meant) continue;
    for (const range of config.ranges) {
      if (range.netmask === ANY || !within(range, share.shared, range.netmask)) continue;
      if (here && !linked.includes(range)) {
        range.router = ANY;
        range.local = at.addr;
        linked.unshift(range);
      }
      if (!range.hasBroadcast) range.broadcast = (range.start | ~range.netmask) as Ipv4Addr;
    }
  }
}

/**
 * Completes ranges by the addresses of this machine. dnsmasq src/dhcp.c, complete_context()
 * @param ifindex the device whose clients are asked for
 * @param deviceName names a device by its index
 * @returns the ranges for them, the last found first
 */
export function completeRanges(
  config: DhcpConfig,
  addresses: readonly DeviceAddress[],
  ifindex: number,
  deviceName: (ifindex: number) => string,
  warn: (text: string) => void,
): DhcpRange[] {
  const linked: DhcpRange[] = [];
  for (const at of addresses) {
    const here = at.ifindex === ifindex;
    linkShared(config, at, deviceName(at.ifindex), here, linked);
    guessNetmask(config, at, warn);
    for (const range of config.ranges) {
      if (range.netmask === ANY || !within(range, at.addr, range.netmask)) continue;
      if (here && !linked.includes(range)) {
        range.router = at.addr;
        range.local = at.addr;
        linked.unshift(range);
      }
      if (range.hasBroadcast) continue;
      const own = sameNet(at.broadcast, range.start, range.netmask);
      range.broadcast = own ? at.broadcast : ((range.start | ~range.netmask) as Ipv4Addr);
    }
  }
  return linked;
}

/** What a client's message says of the net that it is in. */
export interface NetHint {
  /** What a relay or the client names; 0 for nothing. */
  readonly subnet: Ipv4Addr;
  readonly giaddr: Ipv4Addr;
  readonly ciaddr: Ipv4Addr;
}

/** The ranges for a client that came by a relay, names a net, or has an address already. Start of dhcp_reply() */
export function rangesByHint(
  config: DhcpConfig,
  linked: readonly DhcpRange[],
  hint: NetHint,
  fallback: Ipv4Addr,
): readonly DhcpRange[] {
  const { subnet, giaddr, ciaddr } = hint;
  const relayed = subnet === ANY && giaddr !== ANY;
  const addr = subnet !== ANY ? subnet : relayed ? giaddr : ciaddr;
  if (addr === ANY) return linked;
  const force = subnet !== ANY || relayed;
  if (!force && linked.some((r) => r.netmask !== ANY && within(r, addr, r.netmask))) return linked;
  const found: DhcpRange[] = [];
  for (const range of config.ranges) {
    const netmask = range.hasNetmask || range.netmask !== ANY ? range.netmask : classMask(range);
    const shared = relayed && isShared(config, range, netmask, giaddr);
    if (!shared && (netmask === ANY || !within(range, addr, netmask))) continue;
    range.netmask = netmask;
    if (range.local === ANY) range.local = fallback;
    if (range.router === ANY && !shared) range.router = giaddr;
    if (!range.hasBroadcast && range.broadcast === ANY)
      range.broadcast = (range.start | ~netmask) as Ipv4Addr;
    found.unshift(range);
  }
  return found.length > 0 || force ? found : linked;
}

function isShared(
  config: DhcpConfig,
  range: DhcpRange,
  netmask: Ipv4Addr,
  giaddr: Ipv4Addr,
): boolean {
  return config.sharedNetworks.some(
    (s) => s.addr === giaddr && netmask !== ANY && within(range, s.shared, netmask),
  );
}

/** The range that an address may be given from. @returns undefined if it may not. address_available() */
export function addressAvailable(
  ranges: readonly DhcpRange[],
  addr: Ipv4Addr,
  tags: Tags,
): DhcpRange | undefined {
  if (ranges[0]?.router === addr) return undefined;
  return ranges.find(
    (r) =>
      r.kind === 'dynamic' &&
      addr >>> 0 >= r.start >>> 0 &&
      addr >>> 0 <= r.end >>> 0 &&
      tagsFit(r.filter, tags, true),
  );
}

/** The one range of an address, which may also be one for static addresses or any of the net. narrow_context() */
export function narrowRange(
  ranges: readonly DhcpRange[],
  addr: Ipv4Addr,
  tags: Tags,
): DhcpRange | undefined {
  const fits = (r: DhcpRange) => tagsFit(r.filter, tags, true) && sameNet(addr, r.start, r.netmask);
  return (
    addressAvailable(ranges, addr, tags) ??
    ranges.find((r) => fits(r) && r.kind === 'static') ??
    ranges.find(fits)
  );
}
