import { utf8Encode } from '@labwire/core/bytes';
import { KernelError, LabwireError } from '@labwire/core/error';
import { SEC, type Simulator } from '@labwire/core/sim';
import { Kernel, type KernelProfile, type Netns } from '@labwire/devices/netns';
import { layOutDevices } from './devices.ts';
import { DEFAULT_PATH } from './exec.ts';
import { type Caller, FileSystem, InodeTable, MountNamespace } from './fs/index.ts';
import type { GuestWorld } from './guest-world.ts';
import { Journal } from './journal.ts';
import type { Program } from './manual.ts';
import type { DebPackage, Unit } from './package.ts';
import { mountProc } from './proc/index.ts';
import { Process, type SpawnOptions } from './process.ts';
import { ServiceState } from './service-state.ts';
import { ProcessExit, SignalDeath } from './signal.ts';
import { mountSys } from './sys/index.ts';
import { type LoginShell, Terminal, type TerminalOptions } from './terminal.ts';

/** When every machine's clock starts: 2026-01-01T00:00:00Z, in seconds since the epoch. */
const BOOT_TIME = 1_767_225_600;
/** The pid of the first process that is not part of the system. */
const FIRST_PID = 300;
/** Pids wrap here. /proc/sys/kernel/pid_max */
const PID_MAX = 4_194_304;

/** How a machine is made. */
export interface MachineOptions {
  readonly name: string;
  /** Default: the name. */
  readonly hostname?: string;
  /** Which Linux it runs. Default: 6.x. */
  readonly kernel?: KernelProfile;
  /** All packages that it could have; the preinstalled ones it has. */
  readonly packages: readonly DebPackage[];
}

/** What a machine asks of whatever it runs on. ACPI's sleep state S5, and its reset */
export interface PowerSwitch {
  off(): void;
  reset(): void;
  /** Nothing moves in it any more, and its power stays on. */
  halt(): void;
}

/** A simulated Linux machine: a kernel, files, processes, installed packages. */
export class Machine {
  readonly name: string;
  hostname: string;
  /** The NIS domain; undefined while none is set. */
  domainname: string | undefined;
  readonly kernel: Kernel;
  /** Its files as root sees them in the first namespaces. */
  readonly fs: FileSystem;
  readonly processes: Map<number, Process> = new Map();
  /** Every package that there is for it, by name. */
  readonly available: ReadonlyMap<string, DebPackage>;
  readonly installed: Map<string, DebPackage> = new Map();
  /** The packages whose files are there, installed or not. */
  readonly #laidOut = new Set<DebPackage>();
  /** What systemctl knows of each unit that a package has brought. */
  readonly services: Map<string, ServiceState> = new Map();
  /** What programs have logged. */
  readonly journal: Journal = new Journal();
  /** The process that everything descends from. */
  readonly init: Process;
  /** Makes the machines of guests that run on this one; undefined where there can be none. */
  guestWorld: GuestWorld | undefined;
  /** What its power switch does, for a machine that has one: a guest. */
  power: PowerSwitch | undefined;
  #nextPid = FIRST_PID;
  #terminals = 0;

  constructor(sim: Simulator, options: MachineOptions) {
    this.name = options.name;
    this.hostname = options.hostname ?? options.name;
    this.kernel = new Kernel(sim, options.name, options.kernel);
    const inodes = new InodeTable(() => Math.floor(this.wallClock));
    this.fs = new FileSystem(new MountNamespace(inodes), initCaller(this.kernel.initNetns));
    this.available = new Map(options.packages.map((p) => [p.name, p]));
    this.init = new Process(this, 1, undefined, ['/sbin/init'], {});
    this.init.comm = 'systemd';
    this.processes.set(1, this.init);
    layOutDevices(this);
    mountProc(this);
    mountSys(this);
    for (const pkg of options.packages) if (pkg.preinstalled) this.install(pkg);
  }

  /** The time of day: seconds since the epoch, with their fraction. */
  get wallClock(): number {
    return BOOT_TIME + this.kernel.sim.now / SEC;
  }

  /** Installs a package: its files, programs and units. */
  install(pkg: DebPackage): void {
    if (this.installed.has(pkg.name)) return;
    this.installed.set(pkg.name, pkg);
    this.layOut(pkg);
  }

  /** Puts a package's files, programs and units in place, while to apt it is still to be installed. */
  layOut(pkg: DebPackage): void {
    if (this.#laidOut.has(pkg)) return;
    this.#laidOut.add(pkg);
    pkg.install?.(this.fs, this);
    for (const [path, program] of Object.entries(pkg.programs)) this.fs.addProgram(path, program);
    for (const unit of pkg.units ?? []) this.addUnit(unit);
  }

  /** Takes a package's programs and units away; its files stay. */
  uninstall(pkg: DebPackage): void {
    if (!this.installed.delete(pkg.name)) return;
    this.#laidOut.delete(pkg);
    for (const path of Object.keys(pkg.programs)) if (this.fs.exists(path)) this.fs.unlink(path);
    for (const unit of pkg.units ?? []) this.services.delete(unit.name);
  }

  /** Makes a unit known to systemctl. */
  addUnit(unit: Unit): void {
    this.services.set(unit.name, new ServiceState(unit));
  }

  /** Starts a process; see {@link Process.spawn}. */
  startProcess(
    parent: Process | undefined,
    argv: readonly string[],
    body: Program,
    options: SpawnOptions,
  ): Process {
    const proc = new Process(this, this.#pid(), parent, argv, options);
    this.processes.set(proc.pid, proc);
    proc.task = this.kernel.sim.tasks.spawn(`${this.name}: ${argv.join(' ')}`, () =>
      this.#run(proc, body),
    );
    return proc;
  }

  /** Opens a terminal, with a shell that waits for commands. */
  openTerminal(name: string, options: TerminalOptions = {}): Terminal {
    return new Terminal(this, name, this.#terminals++, options);
  }

  /** @internal Starts a terminal's shell process; `from` is the shell whose place it takes. */
  startLogin(from: Process | undefined, body: Program, options: TerminalOptions): Process {
    const uid = from?.uid ?? options.uid ?? 0;
    const user = this.user(uid);
    const cwd = from?.cwd ?? options.cwd ?? user.home;
    const env = from?.env ?? new Map(Object.entries({ ...loginEnv(user, uid), ...options.env }));
    const { gid } = user;
    const spawn: SpawnOptions = { uid, gid, cwd, env, newGroup: true, fds: new Map() };
    if (from === undefined) return this.startProcess(undefined, ['-bash'], body, spawn);
    const { netns, fs } = from;
    return this.startProcess(undefined, ['-bash'], body, { ...spawn, netns, fs });
  }

  /** @internal The shell that terminals run. @throws LabwireError if no package brings one */
  loginShell(proc: Process): LoginShell {
    for (const pkg of this.installed.values())
      if (pkg.loginShell !== undefined) return pkg.loginShell(proc);
    throw new LabwireError(`machine ${this.name}: no installed package brings a shell; add bash`);
  }

  /** A user's name, group and home by /etc/passwd; root's if it is not in there. */
  user(uid: number): { readonly name: string; readonly gid: number; readonly home: string } {
    const passwd = this.fs.exists('/etc/passwd') ? this.fs.readText('/etc/passwd') : '';
    for (const line of passwd.split('\n')) {
      const [name = '', , id, gid, , home = '/'] = line.split(':');
      if (id === String(uid)) return { name, gid: Number(gid), home };
    }
    return uid === 0
      ? { name: 'root', gid: 0, home: '/root' }
      : { name: String(uid), gid: uid, home: '/' };
  }

  #pid(): number {
    while (this.processes.has(this.#nextPid)) this.#nextPid = this.#after(this.#nextPid);
    const pid = this.#nextPid;
    this.#nextPid = this.#after(pid);
    return pid;
  }

  #after(pid: number): number {
    return pid + 1 >= PID_MAX ? FIRST_PID : pid + 1;
  }

  async #run(proc: Process, body: Program): Promise<void> {
    try {
      proc.exitCode = await body(proc);
      proc.checkSignals();
    } catch (e) {
      if (e instanceof ProcessExit) proc.exitCode = e.code;
      else if (e instanceof SignalDeath) {
        proc.killedBy = e.signal;
        proc.exitCode = 128 + e.signal;
      } else if (e instanceof KernelError) proc.exitCode = failed(proc, e);
      else throw e;
    } finally {
      proc.release();
      this.processes.delete(proc.pid);
      proc.endWq.wake();
    }
  }
}

/** What is left to do for a program that a system call's failure has ended. */
function failed(proc: Process, e: KernelError): number {
  const stderr = proc.fds.get(2);
  try {
    stderr?.write(utf8Encode(`${proc.comm}: ${e.message}\n`));
  } catch (again) {
    if (!(again instanceof KernelError)) throw again;
  }
  return 1;
}

function initCaller(netns: Netns): Caller {
  return { uid: 0, gid: 0, netns, self: undefined };
}

function loginEnv(user: { name: string; home: string }, uid: number): Record<string, string> {
  const path =
    uid === 0 ? DEFAULT_PATH : '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games';
  return {
    SHELL: '/bin/bash',
    HOME: user.home,
    LOGNAME: user.name,
    USER: user.name,
    PATH: path,
    LC_ALL: 'C',
    TERM: 'dumb',
  };
}
