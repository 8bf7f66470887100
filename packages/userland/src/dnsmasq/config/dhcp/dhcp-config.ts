import type { Ipv4Addr } from '@labwire/core/addr';
import type { DhcpHost } from './dhcp-host.ts';
import type { DhcpRange } from './dhcp-range.ts';
import type { DhcpRange6 } from './dhcp-range6.ts';
import type {
  BootRule,
  ClassRule,
  DelayRule,
  MacRule,
  NameRule,
  OptionRule,
  RaParameters,
  SharedNetwork,
  TagIf,
} from './dhcp-rules.ts';

/** Where leases are kept. dnsmasq src/config.h, LEASEFILE */
const LEASE_FILE = '/var/lib/misc/dnsmasq.leases';
/** Leases that there may be. MAXLEASES */
const MAX_LEASES = 1000;

/** What the options for DHCP, router advertisements and TFTP say. Lists have the last option of the configuration first, as dnsmasq's have. */
export class DhcpConfig {
  ranges: DhcpRange[] = [];
  ranges6: DhcpRange6[] = [];
  hosts: DhcpHost[] = [];
  options: OptionRule[] = [];
  options6: OptionRule[] = [];
  readonly matches: OptionRule[] = [];
  readonly matches6: OptionRule[] = [];
  readonly boots: BootRule[] = [];
  readonly classes: ClassRule[] = [];
  readonly macs: MacRule[] = [];
  readonly nameMatches: NameRule[] = [];
  /** In the order of the configuration. */
  readonly tagIfs: TagIf[] = [];
  readonly delays: DelayRule[] = [];
  /** Sets of tags: a client with all tags of one set is meant; an empty set means all clients. */
  readonly ignore: (readonly string[])[] = [];
  readonly ignoreNames: (readonly string[])[] = [];
  readonly generateNames: (readonly string[])[] = [];
  readonly broadcast: (readonly string[])[] = [];
  readonly bootpDynamic: (readonly string[])[] = [];
  readonly sharedNetworks: SharedNetwork[] = [];
  /** --dhcp-proxy: replies carry the relay's address as the server's; for these relays, or for all. */
  overrideServerId = false;
  readonly overrideRelays: Ipv4Addr[] = [];
  serverPort = 67;
  clientPort = 68;
  leaseFile: string = LEASE_FILE;
  maxLeases: number = MAX_LEASES;
  readonly hostsFiles: string[] = [];
  readonly hostsDirs: string[] = [];
  readonly optsFiles: string[] = [];
  readonly optsDirs: string[] = [];
  script: string | undefined;
  scriptUser: string | undefined;
  /** Seconds that names of leases are good for; undefined: --local-ttl. */
  ttl: number | undefined;
  readonly raParameters: RaParameters[] = [];
  /** --dhcp-duid */
  duid: { readonly enterprise: number; readonly id: Uint8Array } | undefined;

  /** --enable-tftp: where the DNS listens, port 69 is opened too. */
  tftp = false;
  /** --enable-tftp=DEVICE: only there. */
  readonly tftpDevices: string[] = [];
  /** --tftp-root: the first that fits the device; undefined device: any. */
  readonly tftpRoots: { readonly root: string; readonly device: string | undefined }[] = [];
  tftpMax = 50;
  tftpMtu = 0;
  tftpPorts: { readonly first: number; readonly last: number } | undefined;
  /** --tftp-unique-root: a client may have a directory of its address's name. */
  tftpUniqueRoot = false;
}
