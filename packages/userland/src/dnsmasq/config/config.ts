import type { InetAddr } from '@labwire/devices/rtnetlink';
import { DhcpConfig } from './dhcp/index.ts';
import type {
  AddressPrefix,
  Alias,
  Cname,
  ConditionalDomain,
  HostRecord,
  InterfaceName,
  MxHost,
  Naptr,
  PtrRecord,
  RawRecord,
  SrvHost,
} from './records.ts';
import type { ServerRule } from './server.ts';

/** A device's name of --interface and its like; `*` at its end stands for anything. */
export interface InterfaceOption {
  readonly name: string;
  /** Such a device has been seen. */
  used: boolean;
}

/** A device on which there is no DHCP: --no-dhcp-interface. */
export interface DhcpExcept {
  readonly name: string;
  readonly family: 'inet' | 'inet6' | 'both';
}

/** An address of --listen-address. */
export interface ListenAddress {
  readonly addr: InetAddr;
  /** A device has it. */
  used: boolean;
}

/** All that dnsmasq has been told by its command line and its files. dnsmasq src/dnsmasq.h, struct daemon */
export class Config {
  /** Options without an argument that are set, by their long names. */
  readonly flags: Set<string> = new Set();
  port = 53;
  user: string | undefined = 'nobody';
  group: string | undefined;
  pidFile: string | undefined = '/var/run/dnsmasq.pid';
  /** A path, or `-` for standard error. --log-facility */
  logFile: string | undefined;
  /** LOG_* of syslog(3), undefined for the default. --log-facility */
  logFacility: number | undefined;
  /** Messages that may wait; 0: logging is not asynchronous. */
  logAsync = 0;

  readonly interfaces: InterfaceOption[] = [];
  /** Only the named devices are served, even if none is named: lo is always one of them. */
  restricted = false;
  readonly exceptInterfaces: InterfaceOption[] = [];
  readonly dhcpExcept: DhcpExcept[] = [];
  readonly listenAddresses: ListenAddress[] = [];

  /** Entries of the cache. */
  cacheSize = 150;
  /** Seconds; 0: not limited, or as the answer says. */
  localTtl = 0;
  negTtl = 0;
  maxTtl = 0;
  minCacheTtl = 0;
  maxCacheTtl = 0;
  /** Seconds that an expired entry is still good for; -1 for ever; 0: not at all. --use-stale-cache */
  maxExpired = 0;
  /** Queries that may be under way. */
  forwardMax = 150;
  /** Bytes of a UDP answer. */
  ednsPacketMax = 1232;
  queryPort = 0;
  /** --query-port=0: one port that the kernel chooses. */
  onePort = false;
  minPort = 0;
  maxPort = 0;
  portLimit = 1;
  maxTcpConnections = 20;
  /** Milliseconds; 0: a client's own repetitions only. --fast-dns-retry */
  fastRetry = 0;
  /** Seconds. */
  fastRetryTimeout = 0;

  /** Undefined: none; the first of them may be the default, /etc/resolv.conf. */
  resolvFiles: string[] = ['/etc/resolv.conf'];
  resolvFileIsDefault = true;
  serversFile: string | undefined;
  readonly servers: ServerRule[] = [];
  readonly rebindDomains: string[] = [];
  readonly bogusAddresses: AddressPrefix[] = [];
  readonly ignoreAddresses: AddressPrefix[] = [];
  readonly aliases: Alias[] = [];
  readonly filterTypes: number[] = [];
  readonly cacheTypes: number[] = [];

  readonly addnHosts: string[] = [];
  readonly hostsDirs: string[] = [];
  domain: string | undefined;
  readonly conditionalDomains: ConditionalDomain[] = [];
  readonly synthDomains: ConditionalDomain[] = [];
  readonly hostRecords: HostRecord[] = [];
  readonly interfaceNames: InterfaceName[] = [];
  readonly cnames: Cname[] = [];
  readonly mxHosts: MxHost[] = [];
  mxTarget: string | undefined;
  readonly srvHosts: SrvHost[] = [];
  readonly ptrRecords: PtrRecord[] = [];
  readonly naptrs: Naptr[] = [];
  readonly txtRecords: RawRecord[] = [];
  readonly rawRecords: RawRecord[] = [];

  /** What the DHCP, RA and TFTP options say. */
  readonly dhcp: DhcpConfig = new DhcpConfig();

  /** Whether an option without an argument is set. @param name its long name */
  has(name: string): boolean {
    return this.flags.has(name);
  }
}
