import type { Simulator } from '@labwire/core/sim';
import { devOpen } from '@labwire/devices/link';
import { debianPackages } from '@labwire/userland/debian';
import { type DebPackage, Machine } from '@labwire/userland/machine';
import type { MachineConfig } from '../lab/config/index.ts';
import { type Described, refusal } from './refusal.ts';

/** What names a machine. */
export type MachineNames = Pick<MachineConfig, 'name' | 'hostname' | 'kernel'>;
/** Settings and files of a machine or of an image. */
export type Furniture = Described & Pick<MachineConfig, 'sysctl' | 'files'>;

/** Makes a machine with `lo` up and every program of `packages` in place. */
export function makeMachine(
  sim: Simulator,
  { name, hostname, kernel }: MachineNames,
  packages: readonly DebPackage[] = debianPackages,
): Machine {
  const machine = new Machine(sim, {
    name,
    hostname,
    packages,
    ...(kernel === undefined ? {} : { kernel }),
  });
  // as on the machines of the recordings, every program is there; servers are started by who wants them
  for (const pkg of machine.available.values()) machine.layOut(pkg);
  devOpen(machine.kernel.initNetns.loopback);
  return machine;
}

/** Gives a machine its settings and files. @throws LabError with the place of what its kernel refuses */
export function furnish(machine: Machine, config: Furniture): void {
  for (const [key, value] of config.sysctl)
    refusal(config, ['sysctl', key], () => machine.fs.writeFile(sysctlPath(key), `${value}\n`));
  for (const [path, content] of config.files)
    refusal(config, ['files', path], () => {
      const dir = path.slice(0, path.lastIndexOf('/'));
      if (dir !== '') machine.fs.mkdir(dir, { recursive: true });
      machine.fs.writeFile(path, content);
    });
}

/** `net.ipv4.ip_forward` as a file; a name with slashes has them the other way round. procps sysctl(8) */
function sysctlPath(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  const path = first === '/' ? key : key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
  return `/proc/sys/${path}`;
}
