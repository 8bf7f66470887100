import type { InetAddr } from '@labwire/devices/rtnetlink';

/** An address of a device that dnsmasq serves. dnsmasq src/dnsmasq.h, struct irec */
export interface ServedAddress {
  readonly device: string;
  readonly ifindex: number;
  readonly addr: InetAddr;
  readonly prefixLength: number;
  readonly mtu: number;
  /** The address has a label that is not the device's name. */
  readonly isLabel: boolean;
  readonly dhcp4: boolean;
  readonly dhcp6: boolean;
  readonly tftp: boolean;
  /** It is not yet known to be unique. */
  tentative: boolean;
  /** It was there at the last look. */
  found: boolean;
  /** Somebody listens on it. */
  listening: boolean;
}

/** An address and the length of its net. */
export interface LocalAddress {
  readonly addr: InetAddr;
  readonly prefixLength: number;
}
