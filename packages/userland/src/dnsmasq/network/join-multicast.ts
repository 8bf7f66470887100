import type { Ipv6Addr } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import type { DatagramSocket } from '@labwire/devices/sock';
import type { Process } from '../../machine/index.ts';
import { EC_BADNET, Fatal } from '../fatal.ts';
import type { Network } from './network.ts';

/** Joins groups on all devices that are served for IPv6. @throws Fatal dnsmasq src/network.c, join_multicast() */
export function joinMulticast(
  proc: Process,
  { served }: Network,
  sock: DatagramSocket,
  groups: readonly Ipv6Addr[],
): void {
  const names = served.filter((s) => s.dhcp6 && typeof s.addr === 'object').map((s) => s.device);
  for (const name of new Set(names)) {
    const dev = proc.netns.devices.byName(name);
    if (dev === undefined) continue;
    try {
      for (const group of groups) sock.joinGroup(group, dev);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const text = `interface ${name} failed to join DHCPv6 multicast group: ${strerror(e.errno)}`;
      throw new Fatal(text, EC_BADNET);
    }
  }
}
