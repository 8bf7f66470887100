import type { Ipv4Addr } from '@labwire/core/addr';
import type { RandomStream } from '@labwire/core/sim';
import type { Config, DhcpRange } from '../../config/index.ts';
import type { LeaseStore } from '../lease/index.ts';
import type { PingCache } from '../range/index.ts';

/** What the protocol asks of the dnsmasq around it; it has no clock, socket or file of its own. */
export interface ServerHost {
  readonly config: Config;
  readonly leases: LeaseStore;
  readonly pings: PingCache;
  readonly random: RandomStream;
  /** Seconds since the epoch. */
  now(): number;
  log(level: 'info' | 'warning' | 'error', text: string): void;
  /** The domain of an address: --domain. get_domain() */
  domainOf(addr: Ipv4Addr): string | undefined;
  /** The name of an address in the hosts files, with its domain. */
  hostsName(addr: Ipv4Addr): string | undefined;
  /** The address of a name in the hosts files; 0 if there is none. a_record_from_hosts() */
  hostsAddress(name: string): Ipv4Addr;
  /** Whether the server can be reached under an address. */
  isServed(addr: Ipv4Addr): boolean;
}

/** A message and how it came in. */
export interface Arrival {
  readonly data: Uint8Array;
  readonly device: string;
  readonly ifindex: number;
  /** The ranges for clients behind the device. */
  readonly ranges: readonly DhcpRange[];
  /** The device's address. */
  readonly fallback: Ipv4Addr;
  /** It was sent to this server alone. */
  readonly unicast: boolean;
  readonly loopback: boolean;
}

/** What goes back to the client. */
export interface Reply {
  readonly data: Uint8Array;
  /** An answer to DHCPINFORM goes to where that came from. */
  readonly inform: boolean;
}
