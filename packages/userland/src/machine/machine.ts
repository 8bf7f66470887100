import type { Simulator } from '@labwire/core/sim';
import { Kernel } from '@labwire/devices/netns';
import type { FileSystem } from './file-system.ts';
import type { DebPackage } from './package.ts';
import { Process, type Program, type SpawnOptions } from './process.ts';
import { ProcessExit, SignalDeath } from './signal.ts';

/** How a machine is made. */
export interface MachineOptions {
  readonly name: string;
  /** Default: the name. */
  readonly hostname?: string;
  readonly packages: readonly DebPackage[];
}

/** A simulated Linux machine: a kernel, files, processes, installed packages. */
export class Machine {
  readonly name: string;
  hostname: string;
  readonly kernel: Kernel;
  readonly fs: FileSystem;
  readonly processes: Map<number, Process> = new Map();
  #nextPid = 300;

  constructor(sim: Simulator, options: MachineOptions, fs: FileSystem) {
    this.name = options.name;
    this.hostname = options.hostname ?? options.name;
    this.kernel = new Kernel(sim, options.name);
    this.fs = fs;
  }

  /** Starts a process; see {@link Process.spawn}. */
  startProcess(
    parent: Process | undefined,
    argv: readonly string[],
    body: Program,
    options: SpawnOptions,
  ): Process {
    const proc = new Process(this, this.#nextPid++, parent, argv, options);
    this.processes.set(proc.pid, proc);
    proc.task = this.kernel.sim.tasks.spawn(`${this.name}: ${argv.join(' ')}`, () =>
      this.#run(proc, body),
    );
    return proc;
  }

  async #run(proc: Process, body: Program): Promise<void> {
    try {
      proc.exitCode = await body(proc);
    } catch (e) {
      if (e instanceof ProcessExit) proc.exitCode = e.code;
      else if (e instanceof SignalDeath) {
        proc.killedBy = e.signal;
        proc.exitCode = 128 + e.signal;
      } else throw e;
    } finally {
      for (const fd of [...proc.fds.keys()]) proc.close(fd);
      this.processes.delete(proc.pid);
      proc.endWq.wake();
    }
  }
}
