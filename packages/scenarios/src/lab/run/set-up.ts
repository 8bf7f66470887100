import { type Nanos, SEC } from '@labwire/core/sim';
import type { Machine } from '@labwire/userland/machine';
import { type DhcpInterface, hasAddress, startDhcpClients, type World } from '../../world/index.ts';
import type { Lab } from '../lab.ts';
import type { Advance } from './typed.ts';

/** How long a command of a machine's `run` has to itself. */
const SETUP_LINGER: Nanos = 3 * SEC;

/** How long a lab waits for addresses that DHCP clients get. */
const DHCP_PATIENCE: Nanos = 30 * SEC;

/**
 * Types the commands of each machine's `run`, then gives links and addresses time to come up, those by DHCP too. Machines of the world
 * around at which the lab types are built now.
 * @param note is told what the reader should know, failed commands among it
 * @returns how many commands failed
 */
export async function setUpMachines(
  lab: Lab,
  world: World,
  note: (text: string) => void,
  advance: Advance = (until, done) => world.sim.run(until, done),
): Promise<number> {
  const { sim } = world;
  for (const step of lab.steps) world.machine(step.machine);
  let failed = 0;
  for (const config of lab.config.machines) {
    const machine = world.machines.get(config.name) as Machine;
    const terminal = machine.openTerminal('run');
    for (const [i, command] of config.run.entries()) {
      const run = terminal.run(command);
      await advance(sim.now + SETUP_LINGER, () => run.done);
      if (!run.done || run.exitCode === 0) continue;
      const { file, line } = config.place('run', i);
      failed++;
      note(
        `${file}:${line}: "${command}" exits with ${run.exitCode ?? 'a signal'}: ${run.output.trim()}`,
      );
    }
  }
  const clients = startDhcpClients(lab.config, world.machines);
  await advance(sim.now + lab.config.settle);
  await advance(sim.now + DHCP_PATIENCE, () => clients.every(hasAddress));
  for (const client of clients) if (!hasAddress(client)) note(noLease(client));
  return failed;
}

function noLease({ machine, dev, place }: DhcpInterface): string {
  return `${place.file}:${place.line}: ${dev.name} of ${machine.name} has got no address: no DHCP server answers`;
}
