import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN, type Pollable, WaitQueue } from '@labwire/core/sim';
import { findUser, readGroups, type User } from '../base/index.ts';
import type { Process } from '../machine/index.ts';
import type { Config } from './config/index.ts';
import type { Daemon } from './daemon.ts';
import { EC_BADCONF, EC_BADNET, EC_FILE, Fatal } from './fatal.ts';
import { Log } from './log.ts';
import { Loop } from './loop.ts';
import { Network, NetworkWatch } from './network/index.ts';
import { type ReadOptions, readOptions, usageText } from './options/index.ts';
import type { Service } from './service.ts';
import { openServices } from './services.ts';
import { announceStart, warnAfterStart } from './sign-on.ts';
import { VERSION_TEXT } from './version.ts';

/** How the background process's start ended: it runs, or why it cannot. */
class StartResult implements Pollable {
  readonly wq: WaitQueue = new WaitQueue();
  done = false;
  failure: Fatal | undefined;

  end(failure?: Fatal): void {
    this.done = true;
    this.failure = failure;
    this.wq.wake();
  }

  poll(): number {
    return this.done ? POLLIN : 0;
  }
}

/** dnsmasq(8). dnsmasq src/dnsmasq.c, main() */
export async function dnsmasq(proc: Process): Promise<number> {
  let log: Log | undefined;
  try {
    const options = await readOptions(proc);
    if (options.only !== undefined) return await onlyShow(proc, options);
    log = new Log(proc, options.config);
    return await startUp(proc, options, log);
  } catch (e) {
    if (!(e instanceof Fatal)) throw e;
    (log?.as(proc) ?? Log.forErrors(proc)).die(e.message);
    return e.exitCode;
  }
}

async function onlyShow(proc: Process, { only }: ReadOptions): Promise<number> {
  if (only === 'test') await proc.err('dnsmasq: syntax check OK.\n');
  else await proc.out(only === 'help' ? usageText() : VERSION_TEXT);
  return 0;
}

/** @throws Fatal */
function checkTogether(config: Config): void {
  const bad = (message: string) => new Fatal(message, EC_BADCONF);
  if (config.has('enable-ubus')) throw bad('Ubus not available: set HAVE_UBUS in src/config.h');
  if (config.minPort !== 0 && config.maxPort === 0) config.maxPort = 65_535;
  if (config.maxPort !== 0 && config.minPort === 0) config.minPort = 1024;
  if (config.maxPort < config.minPort) throw bad('max_port cannot be smaller than min_port');
  if (config.maxPort !== 0 && config.maxPort - config.minPort + 1 < config.portLimit)
    throw bad('port_limit must not be larger than available port range');
}

async function startUp(proc: Process, options: ReadOptions, log: Log): Promise<number> {
  const { config, reader } = options;
  proc.umask = 0o022;
  checkTogether(config);
  const network = new Network(proc, config, log);
  const daemon: Daemon = { proc, config, reader, log, network, names: undefined };
  const services = openServices(daemon);
  for (const service of services) await service.open?.();
  network.watch = new NetworkWatch(proc);
  if (config.has('bind-interfaces') && config.has('bind-dynamic'))
    throw new Fatal('cannot set --bind-interfaces and --bind-dynamic', EC_BADCONF);
  network.enumerate();
  network.listen();
  refuseUnknownDevice(config);
  for (const service of services) service.bind?.();
  const user = daemonUser(proc, config);
  if (config.has('no-daemon')) return run(daemon, services, user, () => undefined);
  proc.cwd = '/';
  if (config.has('keep-in-foreground')) return run(daemon, services, user, () => undefined);
  const result = new StartResult();
  proc.spawn(proc.argv, (child) => background(child, daemon, services, user, result), {
    newGroup: true,
  });
  await proc.poll([{ on: result, events: POLLIN }], undefined, 'dnsmasq to start');
  if (result.failure !== undefined) throw result.failure;
  return 0;
}

/** With --bind-interfaces every named device must be there. */
function refuseUnknownDevice(config: Config): void {
  if (!config.has('bind-interfaces')) return;
  const unknown = config.interfaces.find((o) => !o.used);
  if (unknown !== undefined) throw new Fatal(`unknown interface ${unknown.name}`, EC_BADNET);
}

/** Who dnsmasq becomes. @throws Fatal if there is no such user or group */
function daemonUser(proc: Process, { user, group }: Config): User | undefined {
  const found = user === undefined ? undefined : findUser(proc.fs, user);
  const known = group === undefined || readGroups(proc.fs).some((g) => g.name === group);
  const bad = user !== undefined && found?.name !== user ? user : known ? undefined : group;
  if (bad !== undefined) throw new Fatal(`unknown user or group: ${bad}`, EC_BADCONF);
  return found;
}

async function background(
  proc: Process,
  daemon: Daemon,
  services: readonly Service[],
  user: User | undefined,
  result: StartResult,
): Promise<number> {
  daemon.proc = proc;
  daemon.network.handOver(proc);
  try {
    return await run(daemon, services, user, () => result.end());
  } catch (e) {
    if (!(e instanceof Fatal)) throw e;
    result.end(e);
    return 0;
  } finally {
    if (!result.done) result.end();
  }
}

/** The rest of the start in the process that stays, and the loop. @throws Fatal before `started` is called */
async function run(
  daemon: Daemon,
  services: readonly Service[],
  user: User | undefined,
  started: () => void,
): Promise<number> {
  const { proc, config, log, network } = daemon;
  const debug = config.has('no-daemon');
  if (!debug) writePidFile(proc, config, user);
  openLog(daemon, user);
  if (!debug) leaveTerminal(proc);
  for (const service of services) service.start?.();
  if (!debug && proc.uid === 0 && user !== undefined) {
    proc.uid = user.uid;
    proc.gid = user.gid;
  }
  announceStart(log, config);
  warnAfterStart(log, config, network);
  for (const service of services) service.announce?.();
  started();
  return new Loop(daemon, services).run();
}

function writePidFile(proc: Process, { pidFile }: Config, user: User | undefined): void {
  if (pidFile === undefined) return;
  const { fs } = proc;
  try {
    if (fs.exists(pidFile)) fs.unlink(pidFile);
    fs.writeFile(pidFile, `${proc.pid}\n`, { mode: 0o644 });
    if (proc.uid === 0 && user !== undefined) fs.chown(pidFile, user.uid, user.gid);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    if (proc.uid === 0)
      throw new Fatal(`failed to open pidfile ${pidFile}: ${strerror(e.errno)}`, EC_FILE);
  }
}

function openLog({ proc, config, log }: Daemon, user: User | undefined): void {
  try {
    log.start(proc);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new Fatal(`cannot open log ${config.logFile}: ${strerror(e.errno)}`, EC_FILE);
  }
  if (config.logFile === undefined || config.logFile === '-') return;
  if (user !== undefined && proc.uid === 0) {
    proc.fs.chown(config.logFile, user.uid, proc.fs.stat(config.logFile).gid);
    proc.fs.chmod(config.logFile, 0o660);
  }
}

/** Standard input and output lead nowhere from now on. */
function leaveTerminal(proc: Process): void {
  const nothing = proc.fs.open('/dev/null', { read: true, write: true });
  for (const fd of [0, 1, 2]) proc.setFd(fd, nothing);
}
