import type { Ipv4Addr } from '@labwire/core/addr';
import type { DhcpHost, DhcpRange } from '../../config/index.ts';
import type { LeaseStore } from '../lease/index.ts';
import { hostByAddress, type Tags, tagsFit } from '../match/index.ts';
import type { PingCache, PingWait } from './ping-cache.ts';

/** What decides which address a client gets. */
export interface Pool {
  readonly leases: LeaseStore;
  readonly hosts: readonly DhcpHost[];
  readonly pings: PingCache;
  /** --dhcp-sequential-ip */
  readonly sequential: boolean;
}

/** The hash that spreads clients over a range; never 0. SDBM */
export function addressHash(identity: Uint8Array): number {
  let hash = 0;
  for (const byte of identity) hash = (byte + (hash << 6) + (hash << 16) - hash) | 0;
  return hash >>> 0 || 1;
}

/** Addresses that end in .0 or .255 of a class C net are not given away: some systems cannot use them. */
function isAwkward(addr: number): boolean {
  const last = addr & 0xff;
  return (addr & 0xe000_0000) >>> 0 === 0xc000_0000 && (last === 0 || last === 0xff);
}

/**
 * Finds a free address: first in ranges for the client's tags, then in the others; asks by ping whether it is used.
 * @param identity the client's hardware address or identifier
 * @returns undefined if there is none. dnsmasq src/dhcp.c, address_allocate()
 */
export function* allocateAddress(
  pool: Pool,
  ranges: readonly DhcpRange[],
  identity: Uint8Array,
  tags: Tags,
  now: number,
  loopback: boolean,
): Generator<PingWait, Ipv4Addr | undefined, boolean> {
  const hash = addressHash(identity);
  for (const untagged of [false, true])
    for (const range of ranges) {
      if (range.kind !== 'dynamic' || !tagsFit(range.filter, tags, untagged)) continue;
      const found = yield* search(pool, ranges, range, hash, now, loopback);
      if (found !== undefined) return found;
    }
  return undefined;
}

function* search(
  pool: Pool,
  ranges: readonly DhcpRange[],
  range: DhcpRange,
  hash: number,
  now: number,
  loopback: boolean,
): Generator<PingWait, Ipv4Addr | undefined, boolean> {
  const { sequential } = pool;
  const first = range.start >>> 0;
  const last = range.end >>> 0;
  const start = sequential
    ? pool.leases.maxAddress(range.start, range.end) >>> 0
    : first + (((hash + range.addrEpoch) >>> 0) % (1 + last - first));
  for (let at = start, turn = 0; turn <= last - first; turn++, at = at === last ? first : at + 1) {
    const addr = (at | 0) as Ipv4Addr;
    if (ranges.some((r) => r.router === addr) || isAwkward(at)) continue;
    if (pool.leases.byAddress(addr) !== undefined || hostByAddress(pool.hosts, addr)) continue;
    if (sequential && range.addrEpoch > 0) {
      range.addrEpoch--;
      continue;
    }
    const free = yield* pool.pings.check(addr, hash, now, loopback);
    if (free !== undefined && (!sequential || free === hash)) return addr;
    if (free === undefined && !sequential) range.addrEpoch++;
  }
  return undefined;
}
