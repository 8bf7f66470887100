import type { Simulator } from '@labwire/core/sim';
import { connect, Nic, registerNetdevice } from '@labwire/devices/link';
import type { Machine } from '@labwire/userland/machine';
import type { LabConfig, MachineConfig, RawInterface } from '../lab/config/index.ts';

/** A NIC of a lab, and what the front matter says of it. */
export interface PluggedNic {
  readonly machine: MachineConfig;
  readonly config: RawInterface & { readonly name: string };
  readonly dev: Nic;
}

/** Makes the NICs of all machines, in order of their links, which is also the order of their indexes, and plugs them in. */
export function layLinks(
  sim: Simulator,
  config: LabConfig,
  machines: ReadonlyMap<string, Machine>,
): PluggedNic[] {
  const ends = config.machines.flatMap((machine) =>
    machine.interfaces.map((i) => ({ machine, config: i })),
  );
  const plugged: PluggedNic[] = [];
  for (const [link, options] of config.links) {
    const nics = ends
      .filter((e) => e.config.link === link)
      .map((e) => ({ ...e, dev: makeNic(machines.get(e.machine.name) as Machine, e.config) }));
    connect(
      sim,
      link,
      nics.map((n) => n.dev),
      options,
    );
    plugged.push(...nics);
  }
  return plugged;
}

function makeNic(machine: Machine, config: PluggedNic['config']): Nic {
  const { kernel } = machine;
  const mac = config.mac ?? kernel.randomMac();
  const nic = new Nic(config.name, mac);
  if (config.qdisc !== undefined) nic.defaultQdisc = config.qdisc;
  registerNetdevice(kernel.initNetns, nic);
  return nic;
}
