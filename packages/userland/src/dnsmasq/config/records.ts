import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/** --mx-host */
export interface MxHost {
  readonly name: string;
  /** Absent: that of --mx-target, or this machine. */
  target: string | undefined;
  readonly preference: number;
}

/** --srv-host */
export interface SrvHost {
  name: string;
  /** Absent: the service is not there. */
  readonly target: string | undefined;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** --naptr-record */
export interface Naptr {
  readonly name: string;
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly services: string;
  readonly regexp: string;
  readonly replacement: string | undefined;
}

/** --txt-record, --dns-rr and --caa-record: the data as it is on the wire. */
export interface RawRecord {
  readonly name: string;
  /** TYPE of the record; a TXT record of class CHAOS has class 3. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** --ptr-record */
export interface PtrRecord {
  readonly name: string;
  readonly target: string | undefined;
}

/** --cname */
export interface Cname {
  readonly alias: string;
  readonly target: string;
  /** Seconds; undefined until the default is known. */
  ttl: number | undefined;
}

/** --host-record */
export interface HostRecord {
  readonly names: readonly string[];
  readonly addr4: Ipv4Addr | undefined;
  readonly addr6: Ipv6Addr | undefined;
  /** Seconds; undefined until the default is known. */
  ttl: number | undefined;
}

/** --interface-name and --dynamic-host */
export interface InterfaceName {
  readonly name: string;
  readonly device: string;
  readonly wants4: boolean;
  readonly wants6: boolean;
  /** The host's part of the address, to be joined with the interface's net: --dynamic-host. */
  readonly host4: Ipv4Addr | undefined;
  readonly host6: Ipv6Addr | undefined;
}

/** --domain with a range, and --synth-domain. */
export interface ConditionalDomain {
  readonly domain: string;
  /** The range, both ends included; undefined if it is that of an interface. */
  readonly range: { readonly first: InetAddr; readonly last: InetAddr } | undefined;
  readonly device: string | undefined;
  /** --synth-domain: what stands before the address in a name. */
  readonly prefix: string | undefined;
  /** --synth-domain with a prefix that ends in `*`: names are numbered. */
  readonly indexed: boolean;
}

/** --alias */
export interface Alias {
  readonly first: Ipv4Addr;
  /** 0 for a single address or a net. */
  readonly last: Ipv4Addr;
  readonly out: Ipv4Addr;
  readonly mask: Ipv4Addr;
}

/** --bogus-nxdomain and --ignore-address */
export interface AddressPrefix {
  readonly addr: InetAddr;
  readonly length: number;
}
