import type { MacAddr } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/** How a network reaches the world. virNetworkForwardType */
export type ForwardMode =
  | 'none'
  | 'nat'
  | 'route'
  | 'open'
  | 'bridge'
  | 'private'
  | 'vepa'
  | 'passthrough'
  | 'hostdev';

/** A setting that may be left to its default. */
export type Tristate = 'yes' | 'no' | undefined;

/** A range of addresses or ports, both ends in it. */
export interface Range<T> {
  readonly start: T;
  readonly end: T;
}

/** `<lease>`: how long an address is given; 0 is for ever. */
export interface LeaseTime {
  readonly expiry: number;
  readonly unit: 'seconds' | 'minutes' | 'hours';
}

/** `<range>` of `<dhcp>`. */
export interface DhcpRange extends Range<InetAddr> {
  readonly lease: LeaseTime | undefined;
}

/** `<host>` of `<dhcp>`: who always gets the same address. */
export interface DhcpHost {
  /** As written. */
  readonly mac: string | undefined;
  /** A DHCPv6 client's identifier. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly ip: InetAddr | undefined;
  readonly lease: LeaseTime | undefined;
}

/** `<ip>`: an address of the bridge and what is served on it. virNetworkIPDef */
export interface NetworkIp {
  /** As written. */
  readonly family: string | undefined;
  readonly address: InetAddr;
  readonly netmask: InetAddr | undefined;
  /** 0: not given. */
  readonly prefix: number;
  readonly localPtr: Tristate;
  readonly tftpRoot: string | undefined;
  ranges: readonly DhcpRange[];
  hosts: readonly DhcpHost[];
  readonly bootFile: string | undefined;
  readonly bootServer: InetAddr | undefined;
}

/** `<forwarder>` of `<dns>`. */
export interface DnsForwarder {
  readonly domain: string | undefined;
  readonly addr: InetAddr | undefined;
}

/** `<host>` of `<dns>`. */
export interface DnsHost {
  readonly ip: InetAddr | undefined;
  readonly names: readonly string[];
}

/** `<srv>` of `<dns>`; the numbers are 0 if not given. */
export interface DnsSrv {
  readonly service: string | undefined;
  readonly protocol: string | undefined;
  readonly domain: string | undefined;
  readonly target: string | undefined;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** `<txt>` of `<dns>`. */
export interface DnsTxt {
  readonly name: string;
  readonly value: string | undefined;
}

/** `<dns>`. virNetworkDNSDef */
export interface NetworkDns {
  readonly enable: Tristate;
  readonly forwardPlainNames: Tristate;
  readonly forwarders: readonly DnsForwarder[];
  hosts: readonly DnsHost[];
  srvs: readonly DnsSrv[];
  txts: readonly DnsTxt[];
}

/** A PCI device's address. */
export interface PciAddress {
  readonly domain: number;
  readonly bus: number;
  readonly slot: number;
  readonly function: number;
}

/** A device that guests of a bridge-mode network use: `<interface>` by name, `<address>` by PCI address. */
export type ForwardDevice =
  | { readonly kind: 'netdev'; readonly dev: string }
  | { readonly kind: 'pci'; readonly address: PciAddress };

/** `<forward>`. virNetworkForwardDef */
export interface NetworkForward {
  readonly mode: ForwardMode;
  readonly managed: boolean;
  /** `<driver name>`: undefined is the default. */
  readonly driver: string | undefined;
  /** `<pf dev>` */
  readonly pf: string | undefined;
  devices: readonly ForwardDevice[];
  readonly natIpv6: Tristate;
  readonly natAddresses: Range<InetAddr> | undefined;
  readonly natPorts: Range<number> | undefined;
}

/** `<tag>`s of `<vlan>`. virNetDevVlan */
export interface Vlan {
  readonly trunk: boolean;
  readonly tags: readonly number[];
  readonly native: { readonly mode: string; readonly tag: number } | undefined;
}

/** One direction of `<bandwidth>`: kibibytes a second, kibibytes; 0 is not given. */
export interface Rate {
  readonly average: number;
  readonly peak: number;
  readonly burst: number;
  readonly floor: number;
}

/** `<bandwidth>` */
export interface Bandwidth {
  readonly inbound: Rate | undefined;
  readonly outbound: Rate | undefined;
}

/** `<virtualport>` */
export interface VirtualPort {
  readonly type: string | undefined;
  /** Attributes of `<parameters>`, in the order in which they are written. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** `<portgroup>` */
export interface PortGroup {
  readonly name: string;
  readonly isDefault: boolean;
  readonly trustGuestRxFilters: Tristate;
  readonly vlan: Vlan | undefined;
  readonly virtualPort: VirtualPort | undefined;
  readonly bandwidth: Bandwidth | undefined;
}

/** `<route>` */
export interface NetworkRoute {
  readonly family: string | undefined;
  readonly address: InetAddr;
  readonly netmask: InetAddr | undefined;
  readonly prefix: number | undefined;
  readonly gateway: InetAddr;
  readonly metric: number | undefined;
}

/** A network as its XML defines it. virNetworkDef */
export interface NetworkDef {
  readonly name: string;
  readonly uuid: string;
  /** Whether the XML had a UUID. */
  readonly uuidSpecified: boolean;
  /** Guests may talk IPv6 though the host has no address there: `ipv6='yes'`. */
  readonly ipv6NoGateway: boolean;
  readonly trustGuestRxFilters: Tristate;
  /** `<metadata>`, ready to be written; undefined if there is none. */
  readonly metadata: string | undefined;
  forward: NetworkForward;
  bridge: string | undefined;
  readonly bridgeZone: string | undefined;
  readonly stp: boolean;
  /** Seconds. */
  readonly delay: number;
  readonly macTableManager: string | undefined;
  mac: MacAddr | undefined;
  /** 0: not given. */
  readonly mtu: number;
  readonly domain: string | undefined;
  readonly domainLocalOnly: Tristate;
  dns: NetworkDns;
  readonly vlan: Vlan | undefined;
  readonly bandwidth: Bandwidth | undefined;
  readonly isolatedPort: Tristate;
  readonly ips: readonly NetworkIp[];
  readonly routes: readonly NetworkRoute[];
  readonly virtualPort: VirtualPort | undefined;
  portGroups: readonly PortGroup[];
  /** `<dnsmasq:options>` */
  readonly dnsmasqOptions: readonly string[];
}

/** Modes in which libvirt makes a bridge and serves it. */
export const VIRTUAL_MODES: readonly ForwardMode[] = ['none', 'nat', 'route', 'open'];

/** Whether an address has anything that DHCP is needed for. */
export function servesDhcp(ip: NetworkIp): boolean {
  return ip.ranges.length > 0 || ip.hosts.length > 0;
}

/** The name of the device that traffic must leave through, if one is named. virNetworkDefForwardIf() */
export function forwardDevice(def: NetworkDef): string | undefined {
  const first = def.forward.devices[0];
  return first?.kind === 'netdev' ? first.dev : undefined;
}
