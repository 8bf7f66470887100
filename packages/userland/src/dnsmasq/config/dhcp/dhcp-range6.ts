import type { Ipv6Addr } from '@labwire/core/addr';

/** --dhcp-range for IPv6. dnsmasq src/dnsmasq.h, struct dhcp_context with CONTEXT_V6 */
export interface DhcpRange6 {
  readonly start: Ipv6Addr;
  readonly end: Ipv6Addr;
  /** 0: any net, for stateless DHCPv6 alone. */
  readonly prefixLength: number;
  /** Seconds; LEASE_INFINITE for ever. */
  readonly leaseTime: number;
  readonly leaseTimeSet: boolean;
  readonly filter: readonly string[];
  readonly tag: string | undefined;
  /** Addresses by DHCPv6; `static` for hosts with one of their own alone. */
  readonly dhcp: boolean;
  readonly static: boolean;
  /** Advertises the prefix. */
  readonly ra: boolean;
  readonly raRouter: boolean;
  readonly raStateless: boolean;
  readonly offLink: boolean;
  readonly deprecated: boolean;
  /** The server's address on that net; undefined while unknown. */
  local: Ipv6Addr | undefined;
  addrEpoch: number;
}
