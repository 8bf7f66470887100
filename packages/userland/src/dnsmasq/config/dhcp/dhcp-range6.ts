import type { Ipv6Addr } from '@labwire/core/addr';

/** --dhcp-range for IPv6. struct dhcp_context with CONTEXT_V6 */
export interface DhcpRange6 {
  readonly start: Ipv6Addr;
  readonly end: Ipv6Addr;
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
  readonly raNames: boolean;
  readonly raRouter: boolean;
  readonly raStateless: boolean;
  readonly offLink: boolean;
  readonly deprecated: boolean;
  /** `constructor:`: the device whose prefixes this is made for. */
  readonly template: string | undefined;
  /** Made of a template for the device of this index. */
  readonly constructedFor: number | undefined;
  /** The prefix of a constructed range is gone. */
  old: boolean;
  addrEpoch: number;
}
