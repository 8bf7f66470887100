import { formatMac } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { POLLIN, type Pollable, SEC, WaitQueue } from '@labwire/core/sim';
import type { NetDevice } from '@labwire/devices/link';
import type { Socket } from '@labwire/devices/sock';
import { type PollItem, type Process, SIGTERM } from '../machine/index.ts';
import {
  DeviceClient,
  DhclientContext,
  LeaseFile,
  openFallback,
  runScript,
} from './client/index.ts';
import { DhclientFatal, type DhclientOptions, readCommandLine } from './command-line.ts';
import {
  type Complain,
  type DhclientConf,
  emptyConf,
  Lexer,
  StatementReader,
} from './conf/index.ts';
import { findDuid } from './duid.ts';
import type { ClientLease } from './lease/index.ts';
import { OptionSpace } from './option-table.ts';
import { BANNER, FATAL_ADVICE, USAGE } from './usage.ts';

const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const IFF_LOOPBACK = 0x8;

/** How the background process has begun: the exit status of the one that was called. */
class StartResult implements Pollable {
  readonly wq: WaitQueue = new WaitQueue();
  status: number | undefined;

  end(status: number): void {
    this.status ??= status;
    this.wq.wake();
  }

  poll(): number {
    return this.status === undefined ? 0 : POLLIN;
  }
}

/** dhclient(8). client/dhclient.c, main() */
export async function dhclient(proc: Process): Promise<number> {
  const args = proc.argv.slice(1);
  if (args.includes('--version')) {
    await proc.err('isc-dhclient-4.4.3-P1\n');
    return 0;
  }
  if (args.includes('--help') || args.includes('-h')) {
    await proc.err(USAGE);
    return 0;
  }
  let options: DhclientOptions;
  try {
    options = withFullPaths(proc, readCommandLine(args, proc.env));
  } catch (e) {
    if (!(e instanceof DhclientFatal)) throw e;
    const text = e.isUsage ? `${BANNER}${e.message}\n${USAGE}` : `${e.message}\n`;
    await proc.err(`${text}${FATAL_ADVICE}`);
    return 1;
  }
  const result = new StartResult();
  if (options.foreground) return new Dhclient(proc, options, result).run();
  const child = proc.spawn(proc.argv, (daemon) => new Dhclient(daemon, options, result).run());
  // the background process tells when it has begun, or ends without a word
  child.endWq.add(() => result.end(child.killedBy === undefined ? (child.exitCode ?? 1) : 1));
  await proc.poll([{ on: result, events: POLLIN }], undefined, 'a DHCP lease');
  return result.status ?? 1;
}

/** Leases without those that a later one makes useless: of its address, or over. A device's last one stays in any case. parse_client_lease_statement() */
function supersede(stored: readonly ClientLease[], now: number): ClientLease[] {
  const kept = new Map<string, ClientLease>();
  const last = new Map<string, ClientLease>();
  const keyOf = ({ device, addr }: ClientLease) => `${device} ${addr}`;
  for (const lease of stored) {
    const before = last.get(lease.device);
    if (before !== undefined && before.expiry < now) kept.delete(keyOf(before));
    kept.delete(keyOf(lease));
    kept.set(keyOf(lease), lease);
    last.set(lease.device, lease);
  }
  return [...kept.values()];
}

/** Files that are opened again later are named in full: a relative name must be there by now. absolute_path() @throws DhclientFatal */
function withFullPaths(proc: Process, options: DhclientOptions): DhclientOptions {
  const full = (path: string) => {
    if (path.startsWith('/')) return path;
    if (proc.fs.exists(proc.path(path))) return proc.fs.realpath(proc.path(path));
    throw new DhclientFatal(`Failed to get realpath for ${path}: No such file or directory`);
  };
  return { ...options, leaseFile: full(options.leaseFile), script: full(options.script) };
}

/** One running client for some devices. */
class Dhclient {
  readonly #proc: Process;
  readonly #o: DhclientOptions;
  readonly #result: StartResult;
  readonly #conf: DhclientConf = emptyConf(new OptionSpace());
  readonly #context: DhclientContext;
  readonly #complaints: string[] = [];
  #fallback: Socket | undefined;
  #detached = false;
  #createdDuid: string | undefined;

  constructor(proc: Process, options: DhclientOptions, result: StartResult) {
    this.#proc = proc;
    this.#o = options;
    this.#result = result;
    const file = new LeaseFile(proc, options.leaseFile, this.#conf);
    this.#context = new DhclientContext(proc, options, this.#conf, file, {
      detach: () => this.#detach(),
      finish: (status) => {
        this.#result.end(status);
        return proc.exit(status);
      },
    });
  }

  async run(): Promise<number> {
    try {
      return await this.#start();
    } catch (e) {
      if (!(e instanceof DhclientFatal)) throw e;
      await this.#context.log(e.message);
      if (this.#context.shows) await this.#proc.err(FATAL_ADVICE);
      this.#result.end(1);
      return 1;
    }
  }

  async #start(): Promise<number> {
    const { mode } = this.#o;
    if (mode !== 'run') await this.#killOld();
    for (const line of BANNER.split('\n')) await this.#context.log(line);
    this.#readConf();
    const leases = this.#readLeases();
    for (const line of this.#complaints) await this.#context.log(line);
    const names = this.#deviceNames();
    if (names.length === 0 && !(await this.#noDevice())) return 0;
    if (mode === 'run') for (const name of names) await this.#preinit(name);
    const devices = names.map((name) => this.#device(name));
    const clients = await this.#listen(devices, leases);
    if (mode === 'run') return this.#serve(clients);
    for (const client of clients)
      if (mode === 'release') await client.release();
      else {
        await client.stop();
        // as dhclient does: it asks for the address once more, and does not wait for the answer
        await client.start();
      }
    return 0;
  }

  /** Ends the client whose pid file is there. */
  async #killOld(): Promise<void> {
    const { pidFile } = this.#o;
    const { fs, machine } = this.#proc;
    if (pidFile === undefined || !fs.exists(this.#proc.path(pidFile))) return;
    const pid = Number.parseInt(fs.readText(this.#proc.path(pidFile)), 10);
    if (!(pid > 0)) return;
    const old = machine.processes.get(pid);
    old?.kill(SIGTERM);
    await this.#proc.err(
      old === undefined ? 'Removed stale PID file\n' : 'Killed old client process\n',
    );
    fs.unlink(this.#proc.path(pidFile));
    if (old !== undefined) await this.#proc.sleep(SEC);
  }

  #complainOf(path: string): Complain {
    return (line, message) => this.#complaints.push(`${path} line ${line}: ${message}`);
  }

  #readConf(): void {
    const path = this.#proc.path(this.#o.confFile);
    const { fs, machine } = this.#proc;
    if (!fs.exists(path)) return;
    const complain = this.#complainOf(this.#o.confFile);
    const lexer = new Lexer(fs.readText(path));
    new StatementReader(lexer, this.#conf, machine.hostname, complain).readConf();
  }

  #readLeases(): readonly ClientLease[] {
    this.#findDuid();
    const stored = this.#context.leaseFile.read(this.#complainOf(this.#o.leaseFile));
    const leases = supersede(stored, this.#context.now);
    const failed = this.#context.leaseFile.rewrite(leases);
    if (failed !== undefined)
      this.#complaints.push(`can't create ${this.#o.leaseFile}: ${failed.message}`);
    return [...leases, ...this.#conf.leases];
  }

  /** With -i: who this is, by one of the lease files or anew. form_duid() */
  #findDuid(): void {
    const [first] = this.#deviceNames();
    const dev = first === undefined ? undefined : this.#proc.netns.devices.byName(first);
    if (!this.#o.duid || dev === undefined) return;
    const { leaseFile, duidFile } = this.#o;
    const files = [leaseFile, ...(duidFile === undefined ? [] : [duidFile])];
    const { duid, created, line } = findDuid(this.#proc, files, dev.addr);
    this.#context.duid = duid;
    this.#context.leaseFile.head = line;
    this.#createdDuid = created;
  }

  /** The devices that are asked for, or all that can broadcast. */
  #deviceNames(): readonly string[] {
    if (this.#o.noDevices) return [];
    if (this.#o.devices.length > 0) return this.#o.devices;
    const all = this.#proc.netns.devices.list();
    return all.filter((d) => (d.flags & IFF_LOOPBACK) === 0).map((d) => d.name);
  }

  /** @returns whether it is to go on without any device */
  async #noDevice(): Promise<boolean> {
    const path = this.#o.script;
    await runScript(this.#context, {
      reason: 'NBI',
      device: undefined,
      leases: [],
      requested: undefined,
      path,
    });
    if (this.#o.persist) return true;
    await this.#context.log('No broadcast interfaces found - exiting.');
    this.#result.end(0);
    return false;
  }

  async #preinit(device: string): Promise<void> {
    const config = this.#conf.devices.get(device) ?? this.#conf.top;
    await runScript(this.#context, {
      reason: 'PREINIT',
      device,
      leases: [],
      requested: undefined,
      path: config.script ?? this.#o.script,
    });
  }

  #device(name: string): NetDevice {
    const dev = this.#proc.netns.devices.byName(name);
    if (dev === undefined) throw new DhclientFatal('Failed to get interface index: No such device');
    const loopback = (dev.flags & IFF_LOOPBACK) !== 0;
    const type = loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
    if (loopback) throw new DhclientFatal(`Unsupported device type ${type} for "${name}"`);
    return dev;
  }

  async #listen(
    devices: readonly NetDevice[],
    leases: readonly ClientLease[],
  ): Promise<DeviceClient[]> {
    this.#fallback = openFallback(this.#proc, this.#o.port);
    const clients: DeviceClient[] = [];
    for (const dev of devices) {
      const where = `LPF/${dev.name}/${formatMac(dev.addr)}`;
      await this.#context.log(`Listening on ${where}`);
      await this.#context.log(`Sending on   ${where}`);
      clients.push(new DeviceClient(this.#context, dev, this.#fallback, leases));
    }
    await this.#context.log('Sending on   Socket/fallback');
    if (this.#createdDuid !== undefined)
      await this.#context.log(`Created duid ${this.#createdDuid}.`);
    return clients;
  }

  async #serve(clients: readonly DeviceClient[]): Promise<number> {
    for (const client of clients) await client.start();
    if (this.#o.noWait) this.#detach();
    else if (this.#o.foreground) this.#writePid();
    for (;;) {
      const wake = Math.min(...clients.map((c) => c.wakeAt), Infinity);
      const timeout = wake === Infinity ? undefined : Math.max(0, wake - this.#proc.now);
      const items: PollItem[] = clients.map((c) => ({ on: c.lpf.file, events: POLLIN }));
      if (this.#fallback !== undefined) items.push({ on: this.#fallback, events: POLLIN });
      await this.#proc.poll(items, timeout, 'a DHCP server');
      this.#drainFallback();
      for (const client of clients) {
        await client.receive();
        await client.wake();
      }
    }
  }

  /** What comes to the fallback socket came to the packet sockets too. */
  #drainFallback(): void {
    const sock = this.#fallback;
    for (let more = sock !== undefined; more; ) {
      try {
        more = sock?.recv(65_536) !== undefined;
      } catch (e) {
        // an ICMP error about what was sent to a server
        if (!(e instanceof KernelError)) throw e;
      }
    }
  }

  #writePid(): void {
    const { pidFile } = this.#o;
    if (pidFile === undefined) return;
    try {
      this.#proc.fs.writeFile(this.#proc.path(pidFile), `${this.#proc.pid}\n`, { mode: 0o644 });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  }

  /** Goes to the background, once. */
  #detach(): void {
    if (this.#o.foreground) this.#writePid();
    if (this.#o.foreground || this.#detached) return;
    this.#detached = true;
    this.#context.shows = false;
    const { fs } = this.#proc;
    const nothing = fs.open('/dev/null', { read: true, write: true });
    for (const fd of [0, 1, 2]) this.#proc.setFd(fd, nothing);
    this.#proc.pgid = this.#proc.pid;
    this.#writePid();
    this.#proc.cwd = '/';
    this.#result.end(0);
  }
}
