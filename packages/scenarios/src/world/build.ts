import type { Simulator } from '@labwire/core/sim';
import { devOpen } from '@labwire/devices/link';
import { debianPackages } from '@labwire/userland/debian';
import { Machine } from '@labwire/userland/machine';
import type { LabConfig, MachineConfig } from '../lab/config/index.ts';
import { configureInterfaces } from './interfaces.ts';
import { layLinks } from './links.ts';
import { refusal } from './refusal.ts';

/** The machines of a lab and their clock. */
export interface World {
  readonly sim: Simulator;
  /** By name, in the lab's order. */
  readonly machines: ReadonlyMap<string, Machine>;
}

/**
 * Makes a lab's machines, joins them by its links and sets their interfaces up. Nothing moves before the simulator runs.
 * @throws LabError with the place of what a kernel refuses
 */
export function buildWorld(sim: Simulator, config: LabConfig): World {
  const machines = new Map(config.machines.map((m) => [m.name, makeMachine(sim, m)]));
  const nics = layLinks(sim, config, machines);
  for (const m of config.machines) furnish(machines.get(m.name) as Machine, m);
  configureInterfaces(nics);
  return { sim, machines };
}

function makeMachine(sim: Simulator, { name, hostname }: MachineConfig): Machine {
  const machine = new Machine(sim, { name, hostname, packages: debianPackages });
  // as on the machines of the recordings, every program is there; servers are started by who wants them
  for (const pkg of machine.available.values()) machine.layOut(pkg);
  devOpen(machine.kernel.initNetns.loopback);
  return machine;
}

/** Settings and files. */
function furnish(machine: Machine, config: MachineConfig): void {
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
