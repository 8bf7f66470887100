import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';

/** What the script is told of a client besides its lease. */
export interface LeaseExtra {
  readonly vendorClass: string | undefined;
  readonly suppliedHostname: string | undefined;
  readonly cpewan: readonly (string | undefined)[];
  readonly circuitId: string | undefined;
  readonly subscriberId: string | undefined;
  readonly remoteId: string | undefined;
  readonly requestedOptions: string | undefined;
  readonly mudUrl: string | undefined;
  readonly tags: string;
  readonly userClasses: readonly string[];
}

/** A lease of either family. dnsmasq src/dnsmasq.h, struct dhcp_lease */
export interface Lease {
  /** The address of an IPv4 lease, or of an IPv6 one. */
  readonly addr: Ipv4Addr | Ipv6Addr;
  /** Of IPv6: for a while only (IA_TA), and the number of the client's association. */
  readonly temporary: boolean;
  iaid: number;
  htype: number;
  /** Undefined until it is known. */
  chaddr: Uint8Array | undefined;
  clientId: Uint8Array | undefined;
  hostname: string | undefined;
  fqdn: string | undefined;
  oldHostname: string | undefined;
  /** The name is the configuration's, not the client's. */
  authName: boolean;
  /** Seconds since the epoch; 0 for ever. */
  expires: number;
  /** Index of the device; 0 while unknown. */
  ifindex: number;
  /** The address that the server was called by. */
  override: Ipv4Addr;
  giaddr: Ipv4Addr;
  extra: LeaseExtra | undefined;
  /** What the script is to be told. */
  isNew: boolean;
  changed: boolean;
  auxChanged: boolean;
  expiresChanged: boolean;
  /** Of IPv6: was answered in this exchange. */
  used: boolean;
}

/** A lease that was just made. lease_allocate() */
export function newLease(addr: Lease['addr'], temporary = false): Lease {
  return {
    addr,
    temporary,
    iaid: 0,
    htype: 0,
    chaddr: undefined,
    clientId: undefined,
    hostname: undefined,
    fqdn: undefined,
    oldHostname: undefined,
    authName: false,
    expires: 1,
    ifindex: 0,
    override: 0 as Ipv4Addr,
    giaddr: 0 as Ipv4Addr,
    extra: undefined,
    isNew: true,
    changed: false,
    auxChanged: false,
    expiresChanged: false,
    used: false,
  };
}

/** Whether it is one of IPv4. */
export function isLease4(lease: Lease): lease is Lease & { readonly addr: Ipv4Addr } {
  return typeof lease.addr === 'number';
}
