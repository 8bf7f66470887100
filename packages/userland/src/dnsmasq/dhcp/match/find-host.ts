import type { DhcpHost, DhcpRange, HardwareAddress } from '../../config/index.ts';
import { type Tags, tagsFit } from './tags.ts';

/** What a client is known by. */
export interface ClientKeys {
  readonly clientId: Uint8Array | undefined;
  /** Hardware type and address; empty if it has none. */
  readonly htype: number;
  readonly chaddr: Uint8Array;
  readonly hostname: string | undefined;
}

/** Whether two byte strings are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** How well an address fits a mask of bytes: 0 not at all, else one more than bytes that are the same. memcmp_masked() */
export function maskedMatch(a: Uint8Array, b: Uint8Array, wildcards: number): number {
  let count = 1;
  for (let i = a.length - 1, mask = wildcards; i >= 0; i--, mask >>>= 1) {
    if ((mask & 1) !== 0) continue;
    if (a[i] !== b[i]) return 0;
    count++;
  }
  return count;
}

function typeFits(hw: HardwareAddress, htype: number, length: number): boolean {
  return hw.bytes.length === length && (hw.type === htype || hw.type === 0);
}

/** Whether a host has this very hardware address. config_has_mac() */
export function hostHasMac(host: DhcpHost, chaddr: Uint8Array, htype: number): boolean {
  return host.hardware.some(
    (hw) => hw.wildcards === 0 && typeFits(hw, htype, chaddr.length) && sameBytes(hw.bytes, chaddr),
  );
}

/** Whether a host's address is in one of the nets; undefined nets: it does not matter. is_config_in_context() */
function inNets(ranges: readonly DhcpRange[] | undefined, host: DhcpHost): boolean {
  if (ranges === undefined || (host.addr === undefined && host.addr6.length === 0)) return true;
  const { addr } = host;
  if (addr === undefined) return false;
  return ranges.some((r) => (addr & r.netmask) === (r.start & r.netmask));
}

function matchesId(host: DhcpHost, id: Uint8Array): boolean {
  if (host.clientId === undefined) return false;
  // some clients put a zero byte before an identifier that is a text
  return sameBytes(host.clientId, id) || (id[0] === 0 && sameBytes(host.clientId, id.subarray(1)));
}

function find(
  hosts: readonly DhcpHost[],
  ranges: readonly DhcpRange[] | undefined,
  keys: ClientKeys,
  tags: Tags,
  emptyFits: boolean,
): DhcpHost | undefined {
  const { clientId, chaddr, htype, hostname } = keys;
  const able = hosts.filter((h) => tagsFit(h.filter, tags, emptyFits) && inNets(ranges, h));
  const byId = clientId === undefined ? undefined : able.find((h) => matchesId(h, clientId));
  if (byId !== undefined) return byId;
  const byMac = able.find((h) => hostHasMac(h, chaddr, htype));
  if (byMac !== undefined) return byMac;
  const name = ranges === undefined ? undefined : hostname?.toLowerCase();
  const byName =
    name === undefined ? undefined : able.find((h) => h.hostname?.toLowerCase() === name);
  return byName ?? fewestWildcards(able, chaddr, htype);
}

/** The host whose pattern has the fewest bytes that may be anything. */
function fewestWildcards(
  hosts: readonly DhcpHost[],
  chaddr: Uint8Array,
  htype: number,
): DhcpHost | undefined {
  let best = 0;
  let candidate: DhcpHost | undefined;
  for (const host of hosts)
    for (const hw of host.hardware) {
      if (hw.wildcards === 0 || !typeFits(hw, htype, chaddr.length)) continue;
      const count = maskedMatch(hw.bytes, chaddr, hw.wildcards);
      if (count > best) {
        best = count;
        candidate = host;
      }
    }
  return candidate;
}

/** What is configured for a client, first of all for one with its tags. dnsmasq src/dhcp-common.c, find_config() */
export function findHost(
  hosts: readonly DhcpHost[],
  ranges: readonly DhcpRange[] | undefined,
  keys: ClientKeys,
  tags: Tags,
): DhcpHost | undefined {
  return find(hosts, ranges, keys, tags, false) ?? find(hosts, ranges, keys, tags, true);
}

/** The host that an address is kept for. config_find_by_address() */
export function hostByAddress(hosts: readonly DhcpHost[], addr: number): DhcpHost | undefined {
  return hosts.find((h) => h.addr === addr);
}
