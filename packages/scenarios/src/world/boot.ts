import { LabwireError } from '@labwire/core/error';
import { findProgram, type Machine, type Process } from '@labwire/userland/machine';

/** What the services say as they start. */
const LOG = '/var/log/boot';

/** Starts a machine's services one after the other, and calls `done`. They are ready in the instant in which it boots. */
export function startServices(
  machine: Machine,
  services: readonly (readonly [program: string, ...args: string[]])[],
  done: () => void,
): void {
  const body = async (proc: Process): Promise<number> => {
    const log = proc.fs.open(LOG, { write: true, create: true, append: true });
    proc.setFd(0, proc.fs.open('/dev/null', { read: true }));
    for (const fd of [1, 2]) proc.setFd(fd, log);
    for (const service of services) await start(proc, service);
    done();
    return 0;
  };
  machine.startProcess(machine.init, ['/etc/init.d/rc'], body, { newGroup: true });
}

async function start(
  proc: Process,
  [name, ...args]: readonly [string, ...string[]],
): Promise<void> {
  const path = findProgram(proc, name);
  const program = path === undefined ? undefined : proc.fs.programOf(path);
  if (path === undefined || program === undefined)
    throw new LabwireError(`${proc.machine.name}: no program ${name}`);
  const child = proc.spawn([path, ...args], program, { newGroup: true });
  const status = await proc.waitFor(child);
  if (status === 0) return;
  const said = proc.fs.readText(LOG).trim();
  throw new LabwireError(`${proc.machine.name}: ${name} exits with ${status}: ${said}`);
}
