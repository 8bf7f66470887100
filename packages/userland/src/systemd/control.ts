import { SEC } from '@labwire/core/sim';
import { type Process, type ServiceState, SIGHUP, SIGKILL, SIGTERM } from '../machine/index.ts';

/** How long a service may take to stop before it is killed. TimeoutStopSec= */
const STOP_TIMEOUT = 90 * SEC;

/** Whether a unit's main process runs. A one-shot that has run is active too. */
export function isActive(service: ServiceState): boolean {
  const { main } = service;
  if (main !== undefined && main.exitCode !== undefined) {
    service.status = main.exitCode;
    service.active = main.exitCode === 0 || main.killedBy === SIGTERM ? 'inactive' : 'failed';
    service.main = undefined;
  }
  return service.active === 'active';
}

/** Starts a unit. @returns whether it runs then */
export async function start(proc: Process, service: ServiceState): Promise<boolean> {
  if (isActive(service)) return true;
  const { init } = proc.machine;
  const starter = proc.machine.startProcess(init, [service.unit.name], (p) => startIn(p, service), {
    uid: 0,
    fds: quietFiles(proc),
    env: new Map([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin']]),
    cwd: '/',
    newGroup: true,
  });
  const status = await proc.waitFor(starter);
  service.since = proc.machine.wallClock;
  service.status = status;
  service.active = status === 0 ? 'active' : 'failed';
  return status === 0 && isActive(service);
}

async function startIn(proc: Process, service: ServiceState): Promise<number> {
  service.main = await service.unit.start(proc);
  return 0;
}

/** Services read nothing, and what they print goes to the journal. */
function quietFiles(proc: Process): Map<number, ReturnType<Process['file']>> {
  const nothing = () => proc.fs.open('/dev/null', { read: true, write: true });
  return new Map([0, 1, 2].map((fd) => [fd, nothing()]));
}

/** Stops a unit and waits for its end. */
export async function stop(proc: Process, service: ServiceState): Promise<void> {
  const { main } = service;
  if (isActive(service) && main !== undefined) {
    main.kill(SIGTERM);
    const ended = { poll: () => (main.exitCode === undefined ? 0 : 1), wq: main.endWq };
    const gone = await proc.poll(
      [{ on: ended, events: 1 }],
      STOP_TIMEOUT,
      `${service.unit.name} to stop`,
    );
    if (!gone) {
      main.kill(SIGKILL);
      await proc.waitFor(main);
    }
  }
  if (service.active === 'active') await service.unit.stop?.(proc);
  service.main = undefined;
  service.active = 'inactive';
  service.since = proc.machine.wallClock;
}

/** Makes a unit take over its configuration. @returns false if it cannot */
export async function reload(proc: Process, service: ServiceState): Promise<boolean> {
  if (!isActive(service)) return false;
  if (service.unit.reload !== undefined) await service.unit.reload(proc, service.main);
  else service.main?.kill(SIGHUP);
  return true;
}
