import { addrDump } from '@labwire/devices/rtnetlink';
import type { ActiveConnection, NetworkManager, NmDevice } from '../daemon/index.ts';

const STATE_RANK = { deactivated: 1, activated: 3, activating: 4 };

function addressCount(manager: NetworkManager, active: ActiveConnection): number {
  if (active.state !== 'activated') return 0;
  const { ifindex } = active.device.link;
  return addrDump(manager.proc.netns).filter((a) => a.ifindex === ifindex && (a.flags & 0x40) === 0)
    .length;
}

/** Negative if `a` is to be shown behind `b`. nmc_active_connection_cmp() */
export function compareActive(
  manager: NetworkManager,
  a: ActiveConnection | undefined,
  b: ActiveConnection | undefined,
): number {
  if (a === b) return 0;
  const rank = (c: ActiveConnection | undefined) => (c === undefined ? -2 : STATE_RANK[c.state]);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a === undefined || b === undefined) return 0;
  const standard = (c: ActiveConnection) =>
    c.device === manager.defaultDevice && !c.external ? 1 : 0;
  if (standard(a) !== standard(b)) return standard(a) - standard(b);
  return addressCount(manager, a) - addressCount(manager, b);
}

/** Devices in the order in which nmcli shows them. compare_devices() */
export function sortedDevices(manager: NetworkManager): NmDevice[] {
  return [...manager.devices].sort(
    (a, b) =>
      b.state - a.state ||
      compareActive(manager, b.active, a.active) ||
      compareText(a.type, b.type) ||
      compareText(a.name, b.name),
  );
}

/** strcmp(3) */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
