import type { Process } from '../machine/index.ts';
import type { Config } from './config/index.ts';
import type { Log } from './log.ts';
import type { Network } from './network/index.ts';
import type { OptionReader } from './options/index.ts';

/** What every part of a running dnsmasq works with. dnsmasq src/dnsmasq.h, struct daemon */
export interface Daemon {
  /** The process that goes on: another one once dnsmasq is in the background. */
  proc: Process;
  readonly config: Config;
  /** Reads files of options again. */
  readonly reader: OptionReader;
  readonly log: Log;
  readonly network: Network;
}

/** Seconds since the epoch, whole: what dnsmasq counts leases and times to live in. dnsmasq_time() */
export function dnsmasqTime(daemon: Daemon): number {
  return Math.floor(daemon.proc.machine.wallClock);
}
