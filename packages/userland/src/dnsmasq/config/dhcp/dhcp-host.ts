import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';

/** A hardware address, some bytes of which may be anything. struct hwaddr_config */
export interface HardwareAddress {
  /** ARPHRD_*; 0 for any. */
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Bytes that may be anything, the last in bit 0. */
  readonly wildcards: number;
}

/** An IPv6 address of a host. struct addrlist */
export interface HostAddress6 {
  readonly addr: Ipv6Addr;
  /** Bits of a prefix of addresses; undefined for one address. */
  readonly prefixLength: number | undefined;
  /** The net is that of the range: only the last 64 bits count. */
  readonly wildcard: boolean;
}

/** --dhcp-host, a line of --dhcp-hostsfile or of /etc/ethers. struct dhcp_config */
export interface DhcpHost {
  hardware: readonly HardwareAddress[];
  readonly clientId: Uint8Array | undefined;
  /** Client identifiers of this host do not count: `id:*`. */
  ignoreClientId: boolean;
  addr: Ipv4Addr | undefined;
  addr6: readonly HostAddress6[];
  hostname: string | undefined;
  readonly domain: string | undefined;
  /** Seconds; LEASE_INFINITE for ever. */
  readonly leaseTime: number | undefined;
  /** It gets no answer. */
  readonly ignore: boolean;
  /** Tags that it sets. */
  readonly sets: readonly string[];
  /** Tags that a client must have for this to be its. */
  readonly filter: readonly string[];
  /** Where it is from; all but those of the configuration are read anew. */
  readonly origin: 'config' | 'file' | 'ethers';
  /** The address is that of the name in a hosts file. */
  addrFromHosts: boolean;
  addr6FromHosts: boolean;
  /** When a client has refused the address, in seconds. */
  declinedAt: number | undefined;
}
