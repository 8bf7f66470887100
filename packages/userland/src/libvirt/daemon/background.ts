import { POLLIN, type Pollable } from '@labwire/core/sim';
import { formatDate } from '../../coreutils/index.ts';
import { SignalFlag } from '../../libc-net/index.ts';
import { type Process, SIGHUP, SIGINT, SIGTERM } from '../../machine/index.ts';
import { LIBVIRT_VERSION, PACKAGE_VERSION } from '../base/index.ts';
import type { DaemonOptions } from './daemon-options.ts';

/** What a daemon does between its start and the signal that ends it. */
export interface Service {
  /** What it is called. */
  readonly name: string;
  /** Where its pid is written if nothing else is asked for. */
  readonly pidFile: string;
  /** Makes what clients find: once this is done the command that started it returns. */
  open(proc: Process): Session;
}

/** A daemon that runs. */
export interface Session {
  /** Ready when there is something to serve. */
  readonly requests: Pollable;
  start(): Promise<void>;
  serve(): Promise<void>;
  /** Answers nobody any more; a daemon that was not killed takes its sockets' names away too. */
  close(): void;
  unlink(): void;
}

/** Runs a daemon as `options` say. @returns the exit status of the command */
export async function runDaemon(
  proc: Process,
  service: Service,
  options: DaemonOptions,
): Promise<number> {
  const pidFile = options.pidFile ?? service.pidFile;
  if (!options.daemon) {
    if (!isHeld(proc, pidFile)) return run(proc, service, pidFile, new SignalFlag());
    await proc.err(busyLog(proc, pidFile));
    return 1;
  }
  if (isHeld(proc, pidFile)) {
    await proc.err(
      `${service.name}: error: Unable to obtain pidfile. Check /var/log/messages or run without --daemon for more info.\n`,
    );
    return 1;
  }
  const ready = new SignalFlag();
  const nothing = proc.fs.open('/dev/null', { read: true, write: true });
  proc.machine.startProcess(proc, proc.argv, (p) => run(p, service, pidFile, ready), {
    newGroup: true,
    cwd: '/',
    fds: new Map([0, 1, 2].map((fd) => [fd, nothing])),
  });
  await proc.poll([{ on: ready, events: POLLIN }], undefined, `${service.name} to be ready`);
  return 0;
}

async function run(
  proc: Process,
  service: Service,
  pidFile: string,
  ready: SignalFlag,
): Promise<number> {
  proc.fs.writeFile(pidFile, String(proc.pid));
  const session = service.open(proc);
  ready.raise();
  const stop = SignalFlag.catch(proc, SIGTERM, SIGINT);
  proc.handlers.set(SIGHUP, 'ignore');
  try {
    await session.start();
    while (!stop.raised) {
      await session.serve();
      const items = [stop, session.requests].map((on) => ({ on, events: POLLIN }));
      if (!stop.raised) await proc.poll(items, undefined, 'a client');
    }
  } finally {
    session.close();
  }
  session.unlink();
  if (proc.fs.exists(pidFile)) proc.fs.unlink(pidFile);
  return 0;
}

/** Whether a daemon that still runs wrote the file. */
function isHeld(proc: Process, pidFile: string): boolean {
  if (!proc.fs.exists(pidFile)) return false;
  const owner = proc.machine.processes.get(Number(proc.fs.readText(pidFile)));
  return owner !== undefined && owner.exitCode === undefined;
}

/** What a daemon in the foreground logs when it finds itself running already. virPidFileAcquirePath() */
function busyLog(proc: Process, pidFile: string): string {
  const { machine } = proc;
  const millis = String(Math.floor((machine.wallClock % 1) * 1000)).padStart(3, '0');
  const head = `${formatDate('%Y-%m-%d %H:%M:%S', machine.wallClock)}.${millis}+0000: ${proc.pid}`;
  return [
    `info : libvirt version: ${LIBVIRT_VERSION}, package: ${PACKAGE_VERSION} (Debian)`,
    `info : hostname: ${machine.hostname}`,
    `error : virPidFileAcquirePath:401 : Failed to acquire pid file '${pidFile}': Resource temporarily unavailable`,
  ]
    .map((line) => `${head}: ${line}\n`)
    .join('');
}
