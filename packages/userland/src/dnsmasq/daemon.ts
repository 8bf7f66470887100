import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { Process } from '../machine/index.ts';
import type { Config } from './config/index.ts';
import type { Log } from './log.ts';
import type { Network } from './network/index.ts';
import type { OptionReader } from './options/index.ts';

/** The names of leases, as the name server knows them. */
export interface LeaseNames {
  /** Forgets all names of leases. cache_unhash_dhcp() */
  clearDhcp(): void;
  /** Gives a name to a lease, unless it is another's. @param expires seconds since the epoch; 0: never. cache_add_dhcp_entry() */
  addDhcp(name: string, addr: InetAddr, expires: number): void;
  /** The IPv4 address that a hosts file or --host-record gives a name. a_record_from_hosts() */
  addressOf(name: string): InetAddr | undefined;
  /** The name that a hosts file or --host-record gives an IPv4 address: for a lease without one of its own. */
  nameOf(addr: InetAddr): string | undefined;
}

/** What every part of a running dnsmasq works with. dnsmasq src/dnsmasq.h, struct daemon */
export interface Daemon {
  /** The process that goes on: another one once dnsmasq is in the background. */
  proc: Process;
  readonly config: Config;
  /** Reads files of options again. */
  readonly reader: OptionReader;
  readonly log: Log;
  readonly network: Network;
  /** Undefined while there is no name server: --port=0. */
  names: LeaseNames | undefined;
}

/** Seconds since the epoch, whole: what dnsmasq counts leases and times to live in. dnsmasq_time() */
export function dnsmasqTime(daemon: Daemon): number {
  return Math.floor(daemon.proc.machine.wallClock);
}
