import { KernelError } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import { SignalFlag } from '../libc-net/index.ts';
import { type PollItem, SIGHUP, SIGINT, SIGPIPE, SIGTERM } from '../machine/index.ts';
import type { Daemon } from './daemon.ts';
import { EC_MISC } from './fatal.ts';
import type { Service } from './service.ts';

const SIGUSR1 = 10;
const SIGUSR2 = 12;
const SIGALRM = 14;

/** dnsmasq's main loop: one poll over all that its parts wait for, and its signals. dnsmasq src/dnsmasq.c, main() */
export class Loop {
  readonly #daemon: Daemon;
  readonly #services: readonly Service[];
  readonly #stop: SignalFlag;
  readonly #reload: SignalFlag;
  readonly #dump: SignalFlag;
  readonly #reopen: SignalFlag;
  readonly #interrupt: SignalFlag;

  constructor(daemon: Daemon, services: readonly Service[]) {
    this.#daemon = daemon;
    this.#services = services;
    const { proc } = daemon;
    this.#stop = SignalFlag.catch(proc, SIGTERM);
    this.#reload = SignalFlag.catch(proc, SIGHUP);
    this.#dump = SignalFlag.catch(proc, SIGUSR1);
    this.#reopen = SignalFlag.catch(proc, SIGUSR2);
    this.#interrupt = SignalFlag.catch(proc, SIGINT);
    proc.handlers.set(SIGPIPE, 'ignore');
    proc.handlers.set(SIGALRM, 'ignore');
  }

  /** Serves until a signal ends it. @returns the exit code */
  async run(): Promise<number> {
    for (const service of this.#services) service.begin?.();
    await this.#reloadAll();
    while (!this.#stop.raised) {
      await this.#wait();
      this.#daemon.network.outdate();
      this.#lookAtNetwork();
      if (this.#interrupt.raised && this.#daemon.config.has('no-daemon')) return EC_MISC;
      this.#interrupt.raised = false;
      await this.#handleSignals();
      if (this.#stop.raised) break;
      for (const service of this.#services) await service.serve();
    }
    return this.#end();
  }

  async #wait(): Promise<void> {
    const { proc } = this.#daemon;
    const flags = [this.#stop, this.#reload, this.#dump, this.#reopen, this.#interrupt];
    const { watch } = this.#daemon.network;
    const always = watch === undefined ? flags : [...flags, watch];
    const items: PollItem[] = always.map((on) => ({ on, events: POLLIN }));
    let until = Infinity;
    for (const service of this.#services) {
      items.push(...service.waits());
      until = Math.min(until, service.wakeAt() ?? Infinity);
    }
    const timeout = until === Infinity ? undefined : Math.max(0, until - proc.now);
    await proc.poll(items, timeout, 'a query or a signal');
  }

  #lookAtNetwork(): void {
    const { network } = this.#daemon;
    if (network.watch?.take() !== true) return;
    network.changed();
    for (const service of this.#services) service.networkChanged?.();
  }

  async #handleSignals(): Promise<void> {
    if (this.#take(this.#reload)) await this.#reloadAll();
    if (this.#take(this.#dump)) for (const service of this.#services) service.dump?.();
    if (this.#take(this.#reopen)) this.#reopenLog();
  }

  #take(flag: SignalFlag): boolean {
    const { raised } = flag;
    flag.raised = false;
    return raised;
  }

  async #reloadAll(): Promise<void> {
    for (const service of this.#services) await service.reload?.();
  }

  #reopenLog(): void {
    try {
      this.#daemon.log.reopen();
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  }

  async #end(): Promise<number> {
    const { proc, config, log } = this.#daemon;
    for (const service of this.#services) await service.stop?.();
    if (config.pidFile !== undefined && !config.has('no-daemon')) removeFile(proc, config.pidFile);
    log.info('exiting on receipt of SIGTERM');
    return 0;
  }
}

/** Takes a file away, if that is allowed. */
function removeFile({ fs }: Daemon['proc'], path: string): void {
  try {
    fs.unlink(path);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
  }
}
