import { Nic, registerNetdevice } from '@labwire/devices/link';
import type { Machine } from '@labwire/userland/machine';
import type { MachineConfig, RawInterface } from '../lab/config/index.ts';

/** A NIC of a lab, and what the front matter says of it. */
export interface PluggedNic {
  readonly machine: MachineConfig;
  readonly config: RawInterface & { readonly name: string };
  readonly dev: Nic;
}

/** Makes the NICs of all machines, in order of their links, which is also the order of their indexes. */
export function makeNics(
  links: Iterable<string>,
  configs: readonly MachineConfig[],
  machines: ReadonlyMap<string, Machine>,
): PluggedNic[] {
  const ends = configs.flatMap((machine) =>
    machine.interfaces.map((i) => ({ machine, config: i })),
  );
  return [...links].flatMap((link) =>
    ends
      .filter((e) => e.config.link === link)
      .map((e) => ({ ...e, dev: makeNic(machines.get(e.machine.name) as Machine, e.config) })),
  );
}

function makeNic(machine: Machine, config: PluggedNic['config']): Nic {
  const { kernel } = machine;
  const mac = config.mac ?? kernel.randomMac();
  const nic = new Nic(config.name, mac);
  if (config.qdisc !== undefined) nic.defaultQdisc = config.qdisc;
  registerNetdevice(kernel.initNetns, nic);
  return nic;
}
