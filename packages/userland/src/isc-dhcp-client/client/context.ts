import { SEC } from '@labwire/core/sim';
import type { Process } from '../../machine/index.ts';
import type { DhclientOptions } from '../command-line.ts';
import type { DhclientConf } from '../conf/index.ts';
import type { LeaseFile } from './lease-file.ts';

const FACILITY_DAEMON = 3;
const LOG_INFO = 6;

/** What all devices of one dhclient share. */
export class DhclientContext {
  readonly proc: Process;
  readonly options: DhclientOptions;
  readonly conf: DhclientConf;
  readonly leaseFile: LeaseFile;
  /** What -i says who it is by. */
  duid: Uint8Array | undefined;
  /** Messages are shown on standard error: until it goes to the background. */
  shows: boolean;
  /** Goes to the background, once there is a lease, or none to be had. detach() */
  readonly detach: () => void;
  /** Ends all with an exit status. finish() */
  readonly finish: (status: number) => never;

  constructor(
    proc: Process,
    options: DhclientOptions,
    conf: DhclientConf,
    leaseFile: LeaseFile,
    hooks: { readonly detach: () => void; readonly finish: (status: number) => never },
  ) {
    this.proc = proc;
    this.options = options;
    this.conf = conf;
    this.leaseFile = leaseFile;
    this.shows = options.verbose;
    this.detach = hooks.detach;
    this.finish = hooks.finish;
  }

  /** Whole seconds since the epoch. cur_time */
  get now(): number {
    return Math.floor(this.proc.machine.wallClock);
  }

  /** Nanos since the simulation began, of a point of time in seconds since the epoch. */
  atSecond(seconds: number): number {
    return this.proc.now + Math.round((seconds - this.proc.machine.wallClock) * SEC);
  }

  /** An integer in `[0, n)`. random() % n */
  random(n: number): number {
    return this.proc.machine.kernel.random.below(n);
  }

  /** Logs a line, and shows it. log_info() */
  async log(text: string): Promise<void> {
    const { proc } = this;
    proc.machine.journal.add({
      at: proc.now,
      facility: FACILITY_DAEMON,
      priority: LOG_INFO,
      identifier: 'dhclient',
      pid: proc.pid,
      text,
    });
    if (this.shows) await proc.err(`${text}\n`);
  }
}
