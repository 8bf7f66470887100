import type { Ipv4Addr } from '@labwire/core/addr';

/** --dhcp-range for IPv4, and what dnsmasq comes to know of its net. dnsmasq src/dnsmasq.h, struct dhcp_context */
export interface DhcpRange {
  readonly start: Ipv4Addr;
  readonly end: Ipv4Addr;
  /** Gives addresses away, or serves hosts with an address of their own alone. */
  readonly kind: 'dynamic' | 'static';
  /** Seconds; LEASE_INFINITE for ever. */
  readonly leaseTime: number;
  /** Tags that a client must have. */
  readonly filter: readonly string[];
  /** The tag of clients that are served from it. */
  readonly tag: string | undefined;
  /** Whether the option names them; if not they are those of the device. */
  readonly hasNetmask: boolean;
  readonly hasBroadcast: boolean;
  /** 0 while unknown. */
  netmask: Ipv4Addr;
  broadcast: Ipv4Addr;
  /** The server's address on that net, and the router to be named: itself or a relay. */
  local: Ipv4Addr;
  router: Ipv4Addr;
  /** Moves the addresses on that clients get, when one was found in use. */
  addrEpoch: number;
}
