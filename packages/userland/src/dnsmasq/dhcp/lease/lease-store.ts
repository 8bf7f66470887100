import { type Ipv4Addr, type Ipv6Addr, sameIpv6 } from '@labwire/core/addr';
import { LEASE_INFINITE } from '@labwire/devices/dhcp';
import { sameBytes } from '../match/index.ts';
import { isLease4, type Lease, newLease } from './lease.ts';

type Lease4 = Lease & { readonly addr: Ipv4Addr };
type Lease6 = Lease & { readonly addr: Ipv6Addr };

/** All leases, the newest first. dnsmasq src/lease.c */
export class LeaseStore {
  leases: Lease[] = [];
  /** Leases that are over and of which the script is still to be told, the last to end first. */
  old: Lease[] = [];
  /** What changed since it was written, or told to the DNS. */
  fileDirty = false;
  dnsDirty = false;
  /** The server's identifier for DHCPv6. */
  duid: Uint8Array | undefined;
  readonly #max: number;
  /** --dhcp-fqdn: names count with their domain. */
  readonly #fqdn: boolean;
  readonly #warn: (text: string) => void;

  constructor(max: number, fqdn: boolean, warn: (text: string) => void) {
    this.#max = max;
    this.#fqdn = fqdn;
    this.#warn = warn;
  }

  /** Makes a lease. @returns undefined if there are too many */
  allocate<A extends Ipv4Addr | Ipv6Addr>(
    addr: A,
    temporary = false,
  ): (Lease & { readonly addr: A }) | undefined {
    if (this.leases.length >= this.#max) return undefined;
    const lease = newLease(addr, temporary) as Lease & { readonly addr: A };
    this.leases.unshift(lease);
    this.fileDirty = true;
    return lease;
  }

  /** Ends a lease, and all whose time is over. lease_prune() */
  prune(target: Lease | undefined, now: number): void {
    const over = (l: Lease) => l === target || (l.expires !== 0 && now >= l.expires);
    if (!this.leases.some(over)) return;
    for (const lease of this.leases) {
      if (!over(lease)) continue;
      this.fileDirty = true;
      if (lease.hostname !== undefined) this.dnsDirty = true;
      this.old.unshift(lease);
    }
    this.leases = this.leases.filter((l) => !over(l));
  }

  /** When the next lease ends, in seconds; 0 for never. */
  get nextExpiry(): number {
    let next = 0;
    for (const { expires } of this.leases)
      if (expires !== 0 && (next === 0 || expires < next)) next = expires;
    return next;
  }

  /** The IPv4 lease of a client, by its identifier, else by its hardware address. lease_find_by_client() */
  byClient(
    chaddr: Uint8Array,
    htype: number,
    clientId: Uint8Array | undefined,
  ): Lease4 | undefined {
    const v4 = this.leases.filter(isLease4);
    if (clientId !== undefined) {
      const found = v4.find((l) => l.clientId !== undefined && sameBytes(l.clientId, clientId));
      if (found !== undefined) return found;
    }
    if (chaddr.length === 0) return undefined;
    return v4.find(
      (l) =>
        (l.clientId === undefined || clientId === undefined) &&
        l.htype === htype &&
        l.chaddr !== undefined &&
        sameBytes(l.chaddr, chaddr),
    );
  }

  /** The lease of an IPv4 address. */
  byAddress(addr: Ipv4Addr): Lease4 | undefined {
    return this.leases.find((l) => l.addr === addr) as Lease4 | undefined;
  }

  /** The lease of an IPv6 address. */
  byAddress6(addr: Ipv6Addr): Lease6 | undefined {
    return this.leases.find((l) => typeof l.addr === 'object' && sameIpv6(l.addr, addr)) as
      | Lease6
      | undefined;
  }

  /** The largest address leased from a range; its start if there is none. lease_find_max_addr() */
  maxAddress(start: Ipv4Addr, end: Ipv4Addr): Ipv4Addr {
    let max = start >>> 0;
    for (const { addr } of this.leases)
      if (typeof addr === 'number' && addr >>> 0 > max && addr >>> 0 <= end >>> 0) max = addr >>> 0;
    return (max | 0) as Ipv4Addr;
  }

  /** Sets how long a lease goes on, in seconds from now. lease_set_expires() */
  setExpires(lease: Lease, length: number, now: number): void {
    const expires = length === LEASE_INFINITE ? 0 : now + length;
    if (expires === lease.expires) return;
    this.dnsDirty = true;
    this.fileDirty = true;
    lease.expires = expires;
    lease.auxChanged = true;
    lease.expiresChanged = true;
  }

  /** Notes whose lease it is; an identifier that is missing leaves the old one. lease_set_hwaddr() */
  setClient(
    lease: Lease,
    chaddr: Uint8Array,
    htype: number,
    clientId: Uint8Array | undefined,
  ): void {
    if (lease.chaddr === undefined || lease.htype !== htype || !sameBytes(lease.chaddr, chaddr)) {
      lease.chaddr = chaddr.slice();
      lease.htype = htype;
      lease.changed = true;
      this.fileDirty = true;
    }
    if (clientId === undefined || clientId.length === 0) return;
    if (lease.clientId !== undefined && sameBytes(lease.clientId, clientId)) return;
    lease.clientId = clientId.slice();
    lease.auxChanged = true;
    this.fileDirty = true;
  }

  /** Notes the device that the client is behind. */
  setInterface(lease: Lease, ifindex: number): void {
    if (lease.ifindex === ifindex) return;
    lease.ifindex = ifindex;
    lease.changed = true;
  }

  /**
   * Names a lease; another one of that name loses it, unless its name is the configuration's.
   * @param domain that of the address
   * @param configDomain that which the client or the configuration has put behind the name
   * lease_set_hostname()
   */
  setHostname(
    lease: Lease,
    name: string | undefined,
    auth: boolean,
    domain: string | undefined,
    configDomain: string | undefined,
  ): void {
    if (configDomain !== undefined && !sameName(domain, configDomain))
      this.#warn(`Ignoring domain ${configDomain} for DHCP host name ${name}`);
    if (lease.hostname !== undefined && sameName(lease.hostname, name)) {
      if (auth) lease.authName = true;
      return;
    }
    if (name === undefined && lease.hostname === undefined) return;
    const fqdn = name === undefined || domain === undefined ? undefined : `${name}.${domain}`;
    if (name !== undefined && !this.#takeName(lease, name, fqdn, auth)) return;
    if (lease.hostname !== undefined) killName(lease);
    lease.hostname = name;
    lease.fqdn = fqdn;
    if (auth) lease.authName = true;
    lease.changed = true;
    this.fileDirty = true;
    this.dnsDirty = true;
  }

  /** @returns whether the name may be had */
  #takeName(lease: Lease, name: string, fqdn: string | undefined, auth: boolean): boolean {
    for (const other of this.leases) {
      const same = this.#fqdn
        ? fqdn !== undefined && sameName(other.fqdn, fqdn)
        : sameName(other.hostname, name);
      if (!same || isLease4(lease) !== isLease4(other)) continue;
      if (!isLease4(lease) && sameId(lease, other)) continue;
      if (other.authName && !auth) return false;
      killName(other);
      other.changed = true;
      break;
    }
    return true;
  }
}

function sameName(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();
}

function sameId(a: Lease, b: Lease): boolean {
  return a.clientId !== undefined && b.clientId !== undefined && sameBytes(a.clientId, b.clientId);
}

/** Takes a lease's name away; the script is told. kill_name() */
export function killName(lease: Lease): void {
  lease.oldHostname = lease.fqdn ?? lease.hostname;
  lease.hostname = undefined;
  lease.fqdn = undefined;
}
