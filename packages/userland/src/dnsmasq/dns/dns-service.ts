import type { PollItem } from '../../machine/index.ts';
import type { Daemon } from '../daemon.ts';
import type { Service } from '../service.ts';

/** The name server. */
export class DnsService implements Service {
  readonly #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  waits(): readonly PollItem[] {
    return [];
  }

  wakeAt(): undefined {
    return undefined;
  }

  serve(): void {
    this.#daemon.network.enumerate();
  }
}
