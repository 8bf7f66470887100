import { ipv4Mask } from '@labwire/core/addr';
import { formatInet } from '../../../libc-net/index.ts';
import type { Process } from '../../../machine/index.ts';
import { LibvirtError } from '../../base/index.ts';
import {
  isIpv4,
  maskByPrefix,
  type NetworkDef,
  prefixOfIp,
  prefixOfRoute,
  prefixToNetmask,
} from '../conf/index.ts';

/** Refuses a network that the machine reaches otherwise already. networkCheckRouteCollision() @throws LibvirtError */
export function checkRouteCollision(proc: Process, def: NetworkDef): void {
  if (!proc.fs.exists('/proc/net/route')) return;
  for (const line of proc.fs.readText('/proc/net/route').split('\n').slice(1)) {
    const [iface, dest, , , , , , mask] = line.split(/\s+/);
    if (iface === undefined || dest === undefined || mask === undefined) continue;
    checkAgainst(def, { iface, dest: swapped(dest), mask: swapped(mask) });
  }
}

/** A number that /proc/net/route shows in the machine's order. */
function swapped(hex: string): number {
  const word = Number.parseInt(hex, 16);
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

function checkAgainst(
  def: NetworkDef,
  route: { readonly iface: string; readonly dest: number; readonly mask: number },
): void {
  for (const ip of def.ips) {
    if (!isIpv4(ip.address)) continue;
    const prefix = prefixOfIp(ip);
    if (prefix < 0) continue;
    const mask = ipv4Mask(prefix);
    if ((ip.address & mask) === (route.dest & route.mask) && mask === route.mask)
      throw new LibvirtError('internal', `Network is already in use by interface ${route.iface}`);
  }
  for (const own of def.routes) {
    if (!isIpv4(own.address)) continue;
    const prefix = prefixOfRoute(own);
    const address = maskByPrefix(own.address, prefix);
    if (address === (route.dest & route.mask) && prefixToNetmask(prefix) === route.mask)
      throw new LibvirtError(
        'internal',
        `Route address '${formatInet(address)}' conflicts with IP address for '${route.iface}'`,
      );
  }
}
