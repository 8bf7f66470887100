import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import {
  type Nanos,
  POLLIN,
  POLLOUT,
  type Pollable,
  type Task,
  WaitQueue,
} from '@labwire/core/sim';
import type { Netns } from '@labwire/devices/netns';
import type { FileSystem } from './file-system.ts';
import type { Machine } from './machine.ts';
import type { OpenFile } from './open-file.ts';
import { ProcessExit, SIGINT, SIGPIPE, SignalDeath } from './signal.ts';

/** A program: runs as a process and returns its exit code. */
export type Program = (proc: Process) => Promise<number>;

/** What a program waits for: readiness of a file or socket. */
export interface PollItem {
  readonly on: Pollable;
  /** An or of POLLIN, POLLOUT; POLLERR and POLLHUP always count. */
  readonly events: number;
}

/** How a child differs from its parent. */
export interface SpawnOptions {
  readonly fds?: ReadonlyMap<number, OpenFile>;
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly netns?: Netns;
  readonly fs?: FileSystem;
  /** Ignores SIGINT, as a background job of a script does. */
  readonly background?: boolean;
}

/** A process of a machine: what a program sees of its kernel. */
export class Process {
  readonly machine: Machine;
  readonly pid: number;
  readonly parent: Process | undefined;
  argv: readonly string[];
  readonly env: Map<string, string>;
  cwd: string;
  uid: number;
  umask = 0o022;
  netns: Netns;
  /** The machine's files as this process's mount namespace shows them. */
  fs: FileSystem;
  readonly fds: Map<number, OpenFile> = new Map();
  /** Exit status once it has ended: 128 + signal if a signal ended it. */
  exitCode: number | undefined;
  /** The signal that ended it. */
  killedBy: number | undefined;
  /** Woken when it ends. */
  readonly endWq: WaitQueue = new WaitQueue();
  /** What signals do: absent is the default, 'ignore', or a function called in place of it. */
  readonly handlers: Map<number, 'ignore' | (() => void)> = new Map();
  task: Task | undefined;
  #pendingSignal: number | undefined;

  constructor(
    machine: Machine,
    pid: number,
    parent: Process | undefined,
    argv: readonly string[],
    options: SpawnOptions,
  ) {
    this.machine = machine;
    this.pid = pid;
    this.parent = parent;
    this.argv = argv;
    this.env = new Map(options.env ?? parent?.env ?? []);
    this.cwd = options.cwd ?? parent?.cwd ?? '/';
    this.uid = options.uid ?? parent?.uid ?? 0;
    this.netns = options.netns ?? parent?.netns ?? machine.kernel.initNetns;
    this.fs = options.fs ?? parent?.fs ?? machine.fs;
    for (const [fd, file] of options.fds ?? parent?.fds ?? []) {
      file.ref();
      this.fds.set(fd, file);
    }
    if (options.background === true) this.handlers.set(SIGINT, 'ignore');
    for (const [sig, h] of parent?.handlers ?? [])
      if (h === 'ignore') this.handlers.set(sig, 'ignore');
  }

  /** The name of the program: the last part of argv[0]. */
  get comm(): string {
    const name = this.argv[0] ?? '';
    return name.slice(name.lastIndexOf('/') + 1);
  }

  /** The parent's pid; 1 for one whose parent has ended. */
  get ppid(): number {
    return this.parent === undefined || this.parent.exitCode !== undefined ? 1 : this.parent.pid;
  }

  /** Simulated time since the simulation began. */
  get now(): Nanos {
    return this.machine.kernel.sim.now;
  }

  /** Starts a child that runs `body`; it first runs when this process next waits. */
  spawn(argv: readonly string[], body: Program, options: SpawnOptions = {}): Process {
    return this.machine.startProcess(this, argv, body, options);
  }

  /** Waits for a child. @returns its exit status: waitpid(2) */
  async waitFor(child: Process): Promise<number> {
    while (child.exitCode === undefined) {
      await this.park<void>(`process ${child.pid} (${child.comm})`, (wake) => {
        child.endWq.add(wake);
        return () => child.endWq.remove(wake);
      });
    }
    return child.exitCode;
  }

  /** Lets simulated time pass. */
  async sleep(duration: Nanos): Promise<void> {
    await this.poll([], duration);
  }

  /**
   * Waits until one of `items` is ready, or for `timeout` (Nanos; absent: for ever).
   * @param what named when a run can make no progress
   * @returns whether something is ready; false on time-out
   */
  async poll(items: readonly PollItem[], timeout?: Nanos, what = 'input'): Promise<boolean> {
    const ready = () => items.some(({ on, events }) => (on.poll() & (events | 8 | 16)) !== 0);
    if (ready()) return true;
    const end = timeout === undefined ? Infinity : this.now + timeout;
    for (;;) {
      await this.#parkOnce(items, end, what);
      if (ready()) return true;
      if (this.now >= end) return false;
    }
  }

  #parkOnce(items: readonly PollItem[], end: Nanos, what: string): Promise<void> {
    const sim = this.machine.kernel.sim;
    return this.park<void>(what, (wake) => {
      let over = false;
      const fire = () => {
        if (over) return;
        over = true;
        for (const { on } of items) on.wq.remove(fire);
        wake();
      };
      for (const { on } of items) on.wq.add(fire);
      if (end !== Infinity)
        sim.schedule(Math.max(0, end - sim.now), { onEvent: fire }, 0, undefined);
      return () => {
        over = true;
        for (const { on } of items) on.wq.remove(fire);
      };
    });
  }

  /** The one wait: see {@link Task.park}. Signals end it. */
  async park<T>(
    what: string,
    register: (wake: (value: T) => void) => (() => void) | undefined,
  ): Promise<T> {
    const pending = this.#pendingSignal;
    if (pending !== undefined) {
      this.#pendingSignal = undefined;
      throw new SignalDeath(pending);
    }
    return (this.task as Task).park(what, register);
  }

  /** Sends a signal: kill(2). The default action of every signal but CHLD, WINCH and CONT is to end the process. */
  kill(signal: number): void {
    if (this.exitCode !== undefined) return;
    const handler = this.handlers.get(signal);
    if (handler === 'ignore' && signal !== 9) return;
    if (typeof handler === 'function' && signal !== 9) {
      handler();
      return;
    }
    if (signal === 0 || signal === 17 || signal === 18 || signal === 28) return;
    if (!(this.task?.interrupt(new SignalDeath(signal)) ?? false)) this.#pendingSignal = signal;
  }

  /** Ends the process. */
  exit(code: number): never {
    throw new ProcessExit(code);
  }

  /** The file of a descriptor. @throws KernelError EBADF */
  file(fd: number): OpenFile {
    const file = this.fds.get(fd);
    if (file === undefined) throw new KernelError('EBADF');
    return file;
  }

  /** Closes a descriptor if it is open. */
  close(fd: number): void {
    this.fds.get(fd)?.unref();
    this.fds.delete(fd);
  }

  /** Reads at most `max` bytes, waiting for the first. @returns empty at the end */
  async read(fd: number, max = 65_536): Promise<Uint8Array> {
    const file = this.file(fd);
    for (;;) {
      const data = file.read(max);
      if (data !== undefined) return data;
      await this.poll([{ on: file, events: POLLIN }], undefined, `input on descriptor ${fd}`);
    }
  }

  /** Writes all of `data`, waiting for room. A pipe that nobody reads ends the process by SIGPIPE. */
  async write(fd: number, data: Uint8Array): Promise<void> {
    const file = this.file(fd);
    for (let at = 0; at < data.length; ) {
      const taken = this.#tryWrite(file, data.subarray(at));
      if (taken === undefined)
        await this.poll([{ on: file, events: POLLOUT }], undefined, `room on descriptor ${fd}`);
      else at += taken;
    }
  }

  #tryWrite(file: OpenFile, data: Uint8Array): number | undefined {
    try {
      return file.write(data);
    } catch (e) {
      if (
        e instanceof KernelError &&
        e.errno === 'EPIPE' &&
        this.handlers.get(SIGPIPE) !== 'ignore'
      ) {
        throw new SignalDeath(SIGPIPE);
      }
      throw e;
    }
  }

  /** Writes text to standard output. */
  out(text: string): Promise<void> {
    return this.write(1, utf8Encode(text));
  }

  /** Writes text to standard error. */
  err(text: string): Promise<void> {
    return this.write(2, utf8Encode(text));
  }
}
