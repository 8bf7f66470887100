import type { NetDevice } from '@labwire/devices/link';
import { startDhcp } from '@labwire/userland/hypervisor';
import type { Machine, Process } from '@labwire/userland/machine';
import type { LabConfig, Place } from '../lab/config/index.ts';

/** An interface whose address a DHCP client gets. */
export interface DhcpInterface {
  readonly machine: Machine;
  readonly dev: NetDevice;
  readonly place: Place;
}

/** Sets the interfaces up that say `dhcp: true`, and starts a client for each. */
export function startDhcpClients(
  config: LabConfig,
  machines: ReadonlyMap<string, Machine>,
): DhcpInterface[] {
  const found: DhcpInterface[] = [];
  for (const m of config.machines) {
    for (const { name } of m.interfaces.filter((i) => i.dhcp === true)) {
      const machine = machines.get(m.name) as Machine;
      const dev = machine.kernel.initNetns.devices.byName(name);
      if (dev === undefined) continue;
      machine.startProcess(machine.init, ['/sbin/ifup', name], (proc) => ifUp(proc, name), {
        newGroup: true,
      });
      found.push({ machine, dev, place: m.place('interfaces', name, 'dhcp') });
    }
  }
  return found;
}

async function ifUp(proc: Process, name: string): Promise<number> {
  const quiet = proc.fs.open('/dev/null', { read: true, write: true });
  for (const fd of [0, 1, 2]) proc.setFd(fd, quiet);
  startDhcp(proc, name);
  return 0;
}

/** Whether an interface has an IPv4 address. */
export function hasAddress({ dev }: DhcpInterface): boolean {
  return (dev.inDev?.ifaList.length ?? 0) > 0;
}
