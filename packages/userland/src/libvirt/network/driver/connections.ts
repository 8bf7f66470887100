import type { Connections } from '../conf/index.ts';
import type { Network } from './network.ts';

/** How many guests use a running network and each of its devices. */
export function connectionsOf({ def, ports }: Network): Connections {
  const users = [...ports.values()];
  return {
    network: users.length,
    devices: def.forward.devices.map(
      (d) => users.filter((p) => d.kind === 'netdev' && p.device === d.dev).length,
    ),
  };
}
