import type { Nanos } from '@labwire/core/sim';
import type { PollItem } from '../machine/index.ts';

/**
 * A part of dnsmasq that its loop serves: DNS, DHCP, router advertisements, TFTP. What is there is called in the
 * order of these members; a {@link Fatal} thrown before the loop ends the start.
 */
export interface Service {
  /** Reads its files and opens sockets of its own, before dnsmasq looks at the devices. */
  open?(): void | Promise<void>;
  /** Opens what depends on the devices, once the DNS listens. */
  bind?(): void;
  /** Starts what runs beside it, in the background process and before root's rights are given up. */
  start?(): void;
  /** Logs what it serves. */
  announce?(): void;
  /** Called once, when the start is over. */
  begin?(): void;
  /** Reads its files anew, at the start and at each SIGHUP, after the hosts files. `clear_cache_and_reload()` */
  reload?(): void | Promise<void>;
  /** The devices or addresses of the machine have changed. */
  networkChanged?(): void;
  /** What it waits for now. */
  waits(): readonly PollItem[];
  /** When it wants to be called though nothing came: Nanos since the start of the simulation; undefined: never. */
  wakeAt(): Nanos | undefined;
  /** Handles all that has come or is due. Called after each wait, whatever ended it. */
  serve(): void | Promise<void>;
  /** Logs what it has counted: SIGUSR1. */
  dump?(): void;
  /** Ends it, at SIGTERM. */
  stop?(): void | Promise<void>;
}
