import { POLLIN, type Pollable, type WaitQueue } from '@labwire/core/sim';
import { closeSocket, SignalFlag, type StreamSocket } from '../../libc-net/index.ts';
import { type Process, SIGHUP, SIGINT, SIGQUIT, SIGTERM } from '../../machine/index.ts';
import type { Configuration, Listening } from '../conf/index.ts';
import type { LogFiles } from '../serve/index.ts';
import { worker } from './worker.ts';

const SIGUSR1 = 10;
const SIGWINCH = 28;
/** CPUs of a machine, which `worker_processes auto` counts. */
const CPUS = 2;

/** What a master runs. */
export interface MasterSetup {
  readonly conf: Configuration;
  readonly logs: LogFiles;
  readonly sockets: Map<Listening, StreamSocket>;
  readonly pidFile: string;
}

/** Reads the configuration again and opens its sockets. @returns undefined if it is refused, which has been said */
export type Reload = (proc: Process, present: MasterSetup) => Promise<MasterSetup | undefined>;

/** A child whose end can be waited for together with other things. */
class ChildEnd implements Pollable {
  readonly child: Process;

  constructor(child: Process) {
    this.child = child;
  }

  get wq(): WaitQueue {
    return this.child.endWq;
  }

  poll(): number {
    return this.child.exitCode === undefined ? 0 : POLLIN;
  }
}

function workerCount(conf: Configuration): number {
  const value = conf.main.value('worker_processes') ?? '1';
  return value === 'auto' ? CPUS : Number(value);
}

/** The master process: keeps workers running and passes signals on. nginx src/os/unix/ngx_process_cycle.c, ngx_master_process_cycle() */
export class Master {
  readonly #proc: Process;
  readonly #reload: Reload;
  #setup: MasterSetup;
  #workers: ChildEnd[] = [];
  /** Workers of an earlier configuration that finish what they have. */
  #leaving: ChildEnd[] = [];
  #connections = 0;

  constructor(proc: Process, setup: MasterSetup, reload: Reload) {
    this.#proc = proc;
    this.#setup = setup;
    this.#reload = reload;
  }

  /** Runs until a signal ends it. @returns the exit status */
  async run(): Promise<number> {
    const stop = SignalFlag.catch(this.#proc, SIGTERM, SIGINT);
    const quit = SignalFlag.catch(this.#proc, SIGQUIT);
    const reload = SignalFlag.catch(this.#proc, SIGHUP);
    const reopen = SignalFlag.catch(this.#proc, SIGUSR1);
    this.#proc.handlers.set(SIGWINCH, 'ignore');
    const flags = [stop, quit, reload, reopen];
    this.#startWorkers();
    while (!stop.raised && !quit.raised) {
      const items = [...flags, ...this.#workers, ...this.#leaving];
      await this.#proc.poll(
        items.map((on) => ({ on, events: POLLIN })),
        undefined,
        'a signal',
      );
      this.#replaceEnded();
      if (reopen.raised) {
        reopen.raised = false;
        this.#setup.logs.reopen(this.#proc);
      }
      if (reload.raised && !stop.raised) {
        reload.raised = false;
        await this.#takeOver();
      }
    }
    await this.#end(stop, quit);
    return 0;
  }

  #startWorkers(): void {
    const { conf, logs, sockets } = this.#setup;
    const nextConnection = () => ++this.#connections;
    const body = worker({ conf, logs, sockets, nextConnection });
    const { uid, gid } = this.#proc.uid === 0 ? conf.user : this.#proc;
    for (let i = this.#workers.length; i < workerCount(conf); i++)
      this.#workers.push(
        new ChildEnd(this.#proc.spawn(['nginx: worker process'], body, { uid, gid })),
      );
  }

  #replaceEnded(): void {
    const running = (c: ChildEnd) => c.child.exitCode === undefined;
    this.#leaving = this.#leaving.filter(running);
    if (this.#workers.every(running)) return;
    this.#workers = this.#workers.filter(running);
    this.#startWorkers();
  }

  async #takeOver(): Promise<void> {
    const next = await this.#reload(this.#proc, this.#setup);
    if (next === undefined) return;
    const kept = new Set(next.sockets.values());
    for (const sock of this.#setup.sockets.values())
      if (!kept.has(sock)) closeSocket(this.#proc, sock);
    this.#setup = next;
    this.#leaving.push(...this.#workers);
    for (const { child } of this.#workers) child.kill(SIGQUIT);
    this.#workers = [];
    this.#startWorkers();
  }

  async #end(stop: SignalFlag, quit: SignalFlag): Promise<void> {
    const all = [...this.#workers, ...this.#leaving];
    for (const { child } of all) child.kill(stop.raised ? SIGTERM : SIGQUIT);
    if (quit.raised) this.#closeListeners();
    for (;;) {
      const left = all.filter(({ child }) => child.exitCode === undefined);
      if (left.length === 0) break;
      const items = stop.raised ? left : [...left, stop];
      await this.#proc.poll(items.map((on) => ({ on, events: POLLIN })));
      if (stop.raised) for (const { child } of left) child.kill(SIGTERM);
    }
    const { fs } = this.#proc;
    if (fs.exists(this.#setup.pidFile)) fs.unlink(this.#setup.pidFile);
  }

  #closeListeners(): void {
    for (const sock of this.#setup.sockets.values()) closeSocket(this.#proc, sock);
  }
}
