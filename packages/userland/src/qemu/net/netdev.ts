import type { Hub, NetBackend } from '../../hypervisor/index.ts';
import type { Process } from '../../machine/index.ts';
import type { Chardev } from '../chardev/index.ts';

/** What backends are made with. */
export interface NetContext {
  /** QEMU's process: taps and sockets are its own. */
  readonly proc: Process;
  /** What QEMU's messages begin with. */
  readonly program: string;
  /** Character devices that have been opened. */
  readonly chardevs: readonly Chardev[];
  /** The hub of a number, made when first asked for. */
  hub(id: number): Hub;
  /** The backend of an id that has been made. */
  netdev(id: string): Netdev | undefined;
  /** Prints a warning as QEMU does. */
  warn(where: string | undefined, text: string): Promise<void>;
}

/** A backend as the monitor knows it. */
export interface Netdev {
  readonly backend: NetBackend;
  /** What `info network` shows of it: `type=tap,ifname=tap0,…`. */
  readonly info: string;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}
