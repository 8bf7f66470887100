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
import type { Caller, FileSystem, OpenFlags } from './fs/index.ts';
import type { Machine } from './machine.ts';
import type { Program } from './manual.ts';
import type { OpenFile } from './open-file.ts';
import { ProcessExit, SIGCHLD, SIGINT, SIGKILL, SIGPIPE, SIGQUIT, SignalDeath } from './signal.ts';

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
  readonly gid?: number;
  readonly netns?: Netns;
  readonly fs?: FileSystem;
  /** Ignores SIGINT and SIGQUIT, as a background job of a script does. */
  readonly background?: boolean;
  /** Leads a process group of its own: setpgid(2). */
  readonly newGroup?: boolean;
}

/** What a signal does: nothing, or a function called in place of the default. */
export type SignalHandler = 'ignore' | (() => void);

/** POLLERR and POLLHUP, which always end a wait. */
const POLL_ALWAYS = 8 | 16;
/** Signals whose default is to do nothing, and 0, which only asks. CONT has nothing to continue: nothing stops here. */
const HARMLESS: readonly number[] = [0, SIGCHLD, 18, 23, 28];

/** A process of a machine: what a program sees of its kernel. */
export class Process implements Caller {
  readonly machine: Machine;
  readonly pid: number;
  readonly parent: Process | undefined;
  argv: readonly string[];
  /** The name that `ps` shows: the last part of the program's path. /proc/PID/comm */
  comm: string;
  readonly env: Map<string, string>;
  cwd: string;
  uid: number;
  gid: number;
  umask = 0o022;
  /** Its control group, from the root of cgroup2 on. /proc/PID/cgroup */
  cgroup = '/';
  /** Index of the device that its control group binds new sockets to; 0 for none. BPF_CGROUP_INET_SOCK_CREATE */
  socketIfindex = 0;
  /** Process group: what Ctrl-C and `kill -- -PGID` reach. */
  pgid: number;
  /** When it was started. */
  readonly startTime: Nanos;
  readonly fds: Map<number, OpenFile> = new Map();
  /** Exit status once it has ended: 128 + signal if a signal ended it. */
  exitCode: number | undefined;
  /** The signal that ended it. */
  killedBy: number | undefined;
  /** Woken when it ends. */
  readonly endWq: WaitQueue = new WaitQueue();
  /** What signals do: absent is the default. */
  readonly handlers: Map<number, SignalHandler> = new Map();
  task: Task | undefined;
  #fs: FileSystem;
  #netns: Netns;
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
    this.comm = baseName(argv[0] ?? '');
    this.env = new Map(options.env ?? parent?.env ?? []);
    this.cwd = options.cwd ?? parent?.cwd ?? '/';
    this.uid = options.uid ?? parent?.uid ?? 0;
    this.gid = options.gid ?? options.uid ?? parent?.gid ?? 0;
    this.umask = parent?.umask ?? 0o022;
    this.cgroup = parent?.cgroup ?? '/';
    this.socketIfindex = parent?.socketIfindex ?? 0;
    this.#netns = options.netns ?? parent?.netns ?? machine.kernel.initNetns;
    this.#netns.ref();
    this.pgid = options.newGroup === true || parent === undefined ? pid : parent.pgid;
    this.startTime = machine.kernel.sim.now;
    this.#fs = (options.fs ?? parent?.fs ?? machine.fs).as(this);
    this.#inherit(options);
  }

  #inherit(options: SpawnOptions): void {
    for (const [fd, file] of options.fds ?? this.parent?.fds ?? []) {
      file.ref();
      this.fds.set(fd, file);
    }
    for (const [sig, h] of this.parent?.handlers ?? [])
      if (h === 'ignore') this.handlers.set(sig, 'ignore');
    if (options.background === true) {
      this.handlers.set(SIGINT, 'ignore');
      this.handlers.set(SIGQUIT, 'ignore');
    }
  }

  /** Itself: what /proc/self leads to. */
  get self(): Process {
    return this;
  }

  /** The machine's files as this process's mount namespace shows them, with its rights. */
  get fs(): FileSystem {
    return this.#fs;
  }

  /** Enters another mount namespace. */
  set fs(fs: FileSystem) {
    this.#fs = fs.as(this);
  }

  /** The network namespace that it is in, which lives at least as long as it is. */
  get netns(): Netns {
    return this.#netns;
  }

  /** Enters another network namespace: setns(2). */
  set netns(netns: Netns) {
    netns.ref();
    this.#netns.unref();
    this.#netns = netns;
  }

  /** @internal Gives back what it held, at its end. */
  release(): void {
    for (const fd of [...this.fds.keys()]) this.close(fd);
    this.#netns.unref();
  }

  /** The parent's pid; 1 for one whose parent has ended. */
  get ppid(): number {
    if (this.pid === 1) return 0;
    return this.parent === undefined || this.parent.exitCode !== undefined ? 1 : this.parent.pid;
  }

  /** Simulated time since the simulation began. */
  get now(): Nanos {
    return this.machine.kernel.sim.now;
  }

  /** A path from the working directory on, made absolute. */
  path(path: string): string {
    if (path.startsWith('/') || path === '') return path;
    return this.cwd === '/' ? `/${path}` : `${this.cwd}/${path}`;
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
    await this.poll([], duration, 'time to pass');
  }

  /**
   * Waits until one of `items` is ready, or for `timeout` (Nanos; absent: for ever).
   * @param what named when a run can make no progress
   * @returns whether something is ready; false on time-out
   */
  async poll(items: readonly PollItem[], timeout?: Nanos, what = 'input'): Promise<boolean> {
    const ready = () => items.some(({ on, events }) => (on.poll() & (events | POLL_ALWAYS)) !== 0);
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
      // what lies beyond the last countable nanosecond, 104 days from the start, never comes
      if (end <= Number.MAX_SAFE_INTEGER)
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
    this.checkSignals();
    return (this.task as Task).park(what, register);
  }

  /** Says that it gets on, for a program that works long without a wait. */
  noteProgress(): void {
    this.machine.kernel.sim.tasks.noteProgress();
  }

  /** Ends the process if a signal came that does while it ran. */
  checkSignals(): void {
    const pending = this.#pendingSignal;
    if (pending === undefined) return;
    this.#pendingSignal = undefined;
    throw new SignalDeath(pending);
  }

  /** Ends the present wait by throwing `reason` from it: what a handler does whose program must notice. @returns false if it does not wait */
  interrupt(reason: unknown): boolean {
    return this.task?.interrupt(reason) ?? false;
  }

  /** Sends a signal: kill(2). The default action of every signal but CHLD, WINCH, URG and CONT is to end the process. */
  kill(signal: number): void {
    if (this.exitCode !== undefined) return;
    const handler = signal === SIGKILL ? undefined : this.handlers.get(signal);
    if (handler === 'ignore') return;
    if (handler !== undefined) handler();
    else if (!HARMLESS.includes(signal) && !this.interrupt(new SignalDeath(signal)))
      this.#pendingSignal = signal;
  }

  /** Ends the process. */
  exit(code: number): never {
    throw new ProcessExit(code);
  }

  /** Opens a file, relative to the working directory, on the lowest descriptor that is free: open(2). */
  open(path: string, flags: OpenFlags): number {
    const mode = (flags.mode ?? 0o666) & ~this.umask;
    const file = this.fs.open(this.path(path), { ...flags, mode });
    const fd = this.freeFd();
    this.setFd(fd, file);
    return fd;
  }

  /** The lowest descriptor behind standard error that stands for nothing. */
  freeFd(): number {
    let fd = 3;
    while (this.fds.has(fd)) fd++;
    return fd;
  }

  /** Makes a descriptor stand for `file`: dup2(2). */
  setFd(fd: number, file: OpenFile): void {
    file.ref();
    this.close(fd);
    this.fds.set(fd, file);
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

  /** Whether a descriptor is a terminal: isatty(3). */
  isTty(fd: number): boolean {
    return this.fds.get(fd)?.isTty ?? false;
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
      const taken = this.#tryWrite(file, at === 0 ? data : data.subarray(at));
      if (taken === undefined)
        await this.poll([{ on: file, events: POLLOUT }], undefined, `room on descriptor ${fd}`);
      else at += taken;
    }
  }

  #tryWrite(file: OpenFile, data: Uint8Array): number | undefined {
    try {
      return file.write(data);
    } catch (e) {
      const broken = e instanceof KernelError && e.errno === 'EPIPE';
      if (broken && !this.handlers.has(SIGPIPE)) throw new SignalDeath(SIGPIPE);
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

/** The last part of a path. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
