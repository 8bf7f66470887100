import { formatMac } from '@labwire/core/addr';
import type { Hub } from '../../hypervisor/index.ts';
import type { EmulatedNic, Emulator } from '../machine/index.ts';

/** A client of the network as `info network` shows it. print_net_client() */
function client(name: string, info: string): string {
  const [type, ...rest] = info.split(',');
  return `${name}: index=0,${type},${rest.join(',')}\n`;
}

function nicClient({ name, model, mac }: EmulatedNic): string {
  return client(name, `type=nic,model=${model.name},macaddr=${formatMac(mac)}`);
}

/** A hub with what is on it, the last first. net_hub_info() */
function hubInfo(emulator: Emulator, hub: Hub): string {
  const ports = [...hub.ports].reverse().map((port) => {
    const nic = emulator.nics.find((n) => n.backend === port);
    const netdev = [...emulator.netdevs].find(([, n]) => n.backend === port.backend);
    const name = portName(emulator, port) ?? port.name;
    if (nic !== undefined) return ` \\ ${name}: ${nicClient(nic)}`;
    if (netdev !== undefined) return ` \\ ${name}: ${client(netdev[0], netdev[1].info)}`;
    return ` \\ ${name}\n`;
  });
  return `hub ${hub.id}\n${ports.join('')}`;
}

/** The id of the `hubport` that a port is. */
function portName(emulator: Emulator, port: Hub['ports'][number]): string | undefined {
  return [...emulator.netdevs].find(([, n]) => n.backend === port)?.[0];
}

/** `info network`. QEMU net/net.c, hmp_info_network() */
export function networkInfo(emulator: Emulator): string {
  const hubs = [...emulator.hubs.values()].reverse();
  const ports = hubs.flatMap((hub) => hub.ports);
  const onHub = (backend: unknown) =>
    backend !== null && ports.some((port) => port === backend || port.backend === backend);
  const text = (one: string | EmulatedNic): string => {
    if (typeof one !== 'string') return onHub(one.backend) ? '' : nicAndPeer(emulator, one);
    const netdev = emulator.netdev(one);
    const alone =
      netdev !== undefined && !onHub(netdev.backend) && emulator.nicOf(one) === undefined;
    return alone ? client(one, netdev.info) : '';
  };
  return [...hubs.map((hub) => hubInfo(emulator, hub)), ...emulator.clients.map(text)].join('');
}

/** A NIC and the backend that it has, or had until it was removed. */
function nicAndPeer(emulator: Emulator, nic: EmulatedNic): string {
  const id = nic.netdev ?? '';
  const info = emulator.netdev(id)?.info ?? emulator.removed.get(id);
  return nicClient(nic) + (info === undefined ? '' : ` \\ ${client(id, info)}`);
}
