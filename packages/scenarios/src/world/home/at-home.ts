import { formatIpv4 } from '@labwire/core/addr';
import {
  HOME_LINK,
  type LabConfig,
  type MachineConfig,
  type WorldMachine,
} from '../../lab/config/index.ts';
import { LabError } from '../../lab/document/index.ts';
import { HOME_DOMAIN, HOST, HOST_MAC, ip, mac, prefix, ROUTER_LAN } from './addresses.ts';
import { HOME } from './surroundings.ts';

/**
 * Puts a lab's machines into the home world. The first one stands on the LAN if its interfaces do not say where it is.
 * @throws LabError if no machine is at home, or one takes a place that is taken
 */
export function atHome(config: LabConfig): LabConfig {
  const [first, ...others] = config.machines as [MachineConfig, ...MachineConfig[]];
  const machines = [first.interfaces.length === 0 ? onTheLan(first) : first, ...others];
  for (const m of machines) checkMachine(m);
  if (!machines.some((m) => m.interfaces.some((i) => i.link === HOME_LINK)))
    throw nobodyAtHome(config);
  return { ...config, machines: machines.map(withResolver), surroundings: HOME };
}

/** A machine that says nothing of its interfaces, at the host's place. */
function onTheLan(machine: MachineConfig): MachineConfig {
  const eth0 = {
    name: 'eth0',
    link: HOME_LINK,
    mac: mac(HOST_MAC),
    addresses: [prefix(`${HOST}/24`)],
    gateway: ip(ROUTER_LAN),
  };
  return { ...machine, interfaces: [eth0] };
}

/** A machine whose way out is the router asks it for names, too, unless it says otherwise. */
function withResolver(machine: MachineConfig): MachineConfig {
  const byRouter = machine.interfaces.some(
    (i) => i.link === HOME_LINK && i.gateway === ip(ROUTER_LAN),
  );
  const path = '/etc/resolv.conf';
  if (!byRouter || machine.files.some(([p]) => p === path)) return machine;
  const conf = `search ${HOME_DOMAIN}\nnameserver ${ROUTER_LAN}\n`;
  return { ...machine, files: [[path, conf], ...machine.files] };
}

function checkMachine(machine: MachineConfig): void {
  if (HOME.machines.some((m) => m.name === machine.name))
    throw taken(machine, [], `the home world has a machine ${machine.name}`, 'choose another name');
  for (const i of machine.interfaces) {
    if (i.link !== HOME_LINK && HOME.links.has(i.link)) {
      const what = `the home world has a link ${i.link}`;
      throw taken(machine, ['interfaces', i.name, 'link'], what, 'choose another name');
    }
    for (const [n, { addr }] of (i.link === HOME_LINK ? (i.addresses ?? []) : []).entries()) {
      const owner = typeof addr === 'number' ? ownerOf(addr) : undefined;
      if (owner === undefined) continue;
      const what = `${formatIpv4(addr as never)} is the address of the home world's ${owner.name}`;
      throw taken(machine, ['interfaces', i.name, 'addresses', n], what, 'choose another address');
    }
  }
}

function ownerOf(addr: number): WorldMachine | undefined {
  return HOME.machines.find((m) =>
    m.interfaces.some((i) => i.addresses?.some((a) => a.addr === addr)),
  );
}

function taken(
  machine: MachineConfig,
  path: readonly PropertyKey[],
  what: string,
  mend: string,
): LabError {
  const { file, line } = machine.place(...path);
  return new LabError(
    file,
    line,
    `${['machines', machine.name, ...path].join('.')}: ${what}`,
    mend,
  );
}

function nobodyAtHome(config: LabConfig): LabError {
  const { file, line } = config.place('world');
  return new LabError(
    file,
    line,
    'world: no interface is plugged into the home network',
    `give one "link: ${HOME_LINK}", or write world: none`,
  );
}
