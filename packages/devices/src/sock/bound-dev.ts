import type { SkBuff } from '@labwire/core/skb';
import { IFF_LOOPBACK, type NetDevice } from '../link/net-device.ts';

/**
 * Whether a socket that is bound to a device, or to none, hears what came in at `skb.dev`.
 * @param acrossDomains whether one that is bound to none hears layer 3 domains: net.ipv4.*_l3mdev_accept. `inet_bound_dev_eq()`
 */
export function boundDevHears(
  bound: NetDevice | null,
  skb: SkBuff,
  acrossDomains: boolean,
): boolean {
  if (bound === null) return skb.sdif === 0 || acrossDomains;
  return bound === skb.dev || (skb.sdif !== 0 && skb.sdif === bound.ifindex);
}

/** The same for a connection, one end of which may be on this machine's `lo` for the other. */
export function connectionHears(
  bound: NetDevice | null,
  skb: SkBuff,
  acrossDomains: boolean,
): boolean {
  if (bound === null) return skb.sdif === 0 || acrossDomains;
  const dev = skb.dev as NetDevice | null;
  if (dev !== null && (dev.flags & IFF_LOOPBACK) !== 0) return true;
  return boundDevHears(bound, skb, acrossDomains);
}
