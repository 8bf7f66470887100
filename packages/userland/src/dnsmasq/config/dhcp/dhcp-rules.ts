import type { Ipv4Addr } from '@labwire/core/addr';
import type { HardwareAddress } from './dhcp-host.ts';

/** Where an option stands in a message: on its own, or inside another one. */
export type OptionPlace =
  | { readonly kind: 'plain' }
  /** Inside option 43, for clients whose vendor class contains this. */
  | { readonly kind: 'vendor'; readonly vendorClass: string }
  /** Inside another option. */
  | { readonly kind: 'encap'; readonly code: number }
  /** Inside option 125, for an enterprise. */
  | { readonly kind: 'vi-encap'; readonly enterprise: number };

/** --dhcp-option, --dhcp-option-force, --dhcp-match. struct dhcp_opt */
export interface OptionRule {
  readonly code: number;
  readonly place: OptionPlace;
  /** Clients need not ask for it. */
  readonly force: boolean;
  readonly tags: readonly string[];
  readonly data: Uint8Array;
  /** What the data are: 0.0.0.0 among addresses stands for the server, a string may get a zero byte. */
  readonly type: 'bytes' | 'addresses' | 'addresses6' | 'string' | 'hex';
  /** --dhcp-match: bytes that may be anything, the last in bit 0. */
  readonly wildcards: number;
  /** From --dhcp-optsfile: read anew. */
  readonly fromFile: boolean;
}

/** --dhcp-boot. struct dhcp_boot */
export interface BootRule {
  readonly tags: readonly string[];
  readonly file: string;
  readonly serverName: string | undefined;
  /** 0 for none, or where a name stands for it. */
  readonly server: Ipv4Addr;
  readonly serverHost: string | undefined;
}

/** --dhcp-vendorclass, --dhcp-userclass and the parts of a relay's option. struct dhcp_vendor */
export interface ClassRule {
  readonly match: 'vendor' | 'user' | 'circuit' | 'remote' | 'subscriber';
  readonly tag: string;
  readonly data: Uint8Array;
  readonly enterprise: number;
}

/** --dhcp-mac. struct dhcp_mac */
export interface MacRule {
  readonly tag: string;
  readonly hardware: HardwareAddress;
}

/** --dhcp-name-match. struct dhcp_match_name */
export interface NameRule {
  readonly tag: string;
  readonly name: string;
  readonly wildcard: boolean;
}

/** --tag-if. struct tag_if */
export interface TagIf {
  readonly sets: readonly string[];
  readonly tags: readonly string[];
}

/** --dhcp-reply-delay. struct delay_config */
export interface DelayRule {
  readonly tags: readonly string[];
  /** Seconds. */
  readonly delay: number;
}

/** --ra-param. struct ra_interface */
export interface RaParameters {
  readonly device: string;
  /** Seconds between advertisements; 0 for the default. */
  readonly interval: number;
  /** Seconds; -1 for the default. */
  readonly lifetime: number;
  /** Bits of the router's preference. */
  readonly preference: number;
  /** 0: that of the device; -1: none; or bytes. */
  readonly mtu: number;
  readonly mtuDevice: string | undefined;
}

/** --shared-network. struct shared_network */
export interface SharedNetwork {
  readonly device: string | undefined;
  readonly addr: Ipv4Addr | undefined;
  readonly shared: Ipv4Addr;
}
