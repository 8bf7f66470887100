import type { Ipv4Addr } from '@labwire/core/addr';
import type { DhcpOption } from '@labwire/devices/dhcp';

/** A lease as a client has it. includes/dhcpd.h, struct client_lease; times in seconds since the epoch */
export interface ClientLease {
  readonly device: string;
  readonly addr: Ipv4Addr;
  /** Next server; 0 if it is not known: the lease file does not keep it. */
  readonly nextServer: Ipv4Addr;
  readonly fileName: string | undefined;
  readonly serverName: string | undefined;
  /** In the order in which they came. */
  readonly options: readonly DhcpOption[];
  renewal: number;
  rebind: number;
  expiry: number;
  readonly bootp: boolean;
  /** From the configuration: a fallback. */
  readonly isStatic: boolean;
}

/** An option's bytes. */
export function leaseOption(lease: ClientLease, code: number): Uint8Array | undefined {
  return lease.options.find((o) => o.code === code)?.data;
}
