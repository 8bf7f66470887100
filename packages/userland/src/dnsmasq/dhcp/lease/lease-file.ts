import { parseIpv4, parseIpv6 } from '@labwire/core/addr';
import { formatInet } from '../../../libc-net/index.ts';
import { parseHex } from '../../options/index.ts';
import { isLease4, type Lease } from './lease.ts';
import type { LeaseStore } from './lease-store.ts';

const ARPHRD_ETHER = 1;
const CHADDR_MAX = 16;
const ID_MAX = 255;
const DUID_MAX = 130;

/** More leases are stored than there may be. */
export class TooManyLeases extends Error {}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(':');
}

function line4(lease: Lease): string {
  const { chaddr = new Uint8Array(0), htype } = lease;
  const ether = htype === ARPHRD_ETHER && chaddr.length > 0;
  const type = ether ? '' : `${htype.toString(16).padStart(2, '0')}-`;
  return `${lease.expires} ${type}${hex(chaddr)} ${tail(lease)}`;
}

function line6(lease: Lease): string {
  return `${lease.expires} ${lease.temporary ? 'T' : ''}${lease.iaid} ${tail(lease)}`;
}

function tail(lease: Lease): string {
  const id =
    lease.clientId === undefined || lease.clientId.length === 0 ? '*' : hex(lease.clientId);
  return `${formatInet(lease.addr)} ${lease.hostname ?? '*'} ${id}\n`;
}

/** The lease file: IPv4, then the server's DUID and IPv6. dnsmasq src/lease.c, lease_update_file() */
export function leaseFileText({ leases, duid }: LeaseStore): string {
  const v4 = leases.filter(isLease4).map(line4).join('');
  if (duid === undefined) return v4;
  const v6 = leases
    .filter((l) => !isLease4(l))
    .map(line6)
    .join('');
  return `${v4}duid ${hex(duid)}\n${v6}`;
}

/**
 * Reads a lease file into the store.
 * @param warn is told of lines that are none
 * @returns whether all could be read. @throws TooManyLeases read_leases()
 */
export function readLeaseFile(
  store: LeaseStore,
  text: string,
  warn: (text: string) => void,
): boolean {
  const words = text.split(/\s+/).filter((w) => w !== '');
  let at = 0;
  while (at + 1 < words.length) {
    const [expires = '', client = ''] = words.slice(at, at + 2);
    if (expires === 'duid') {
      store.duid = parseHex(client, DUID_MAX, false)?.bytes;
      if (store.duid === undefined) return false;
      at += 2;
      continue;
    }
    const [addr, name, id] = words.slice(at + 2, at + 5);
    at += 5;
    if (addr === undefined || name === undefined || id === undefined) {
      const seen = [expires, client, addr ?? '', name ?? ''].join(' ');
      warn(`ignoring invalid line in lease database: ${seen} ...`);
    } else readLease(store, { expires, client, addr, name, id }, warn);
  }
  return at >= words.length;
}

interface StoredLease {
  readonly expires: string;
  readonly client: string;
  readonly addr: string;
  readonly name: string;
  readonly id: string;
}

function readLease(store: LeaseStore, stored: StoredLease, warn: (text: string) => void): void {
  const { client } = stored;
  const v4 = parseIpv4(stored.addr);
  const addr = v4 ?? parseIpv6(stored.addr);
  if (addr === undefined) {
    warn(`ignoring invalid line in lease database, bad address: ${stored.addr}`);
    return;
  }
  const lease = store.allocate(addr, v4 === undefined && client.startsWith('T'));
  if (lease === undefined) throw new TooManyLeases();
  const mac = v4 === undefined ? undefined : parseHex(client, CHADDR_MAX, true);
  const chaddr = mac?.bytes ?? new Uint8Array(0);
  const htype = mac?.type || (chaddr.length > 0 ? ARPHRD_ETHER : 0);
  if (v4 === undefined) lease.iaid = Number.parseInt(client.replace(/^T/, ''), 10) >>> 0;
  const id = stored.id === '*' ? undefined : parseHex(stored.id, ID_MAX, false)?.bytes;
  store.setClient(lease, chaddr, htype, id);
  if (stored.name !== '*') store.setHostname(lease, stored.name, false, undefined, undefined);
  lease.expires = Number.parseInt(stored.expires, 10) || 0;
  lease.isNew = false;
  lease.changed = false;
}
