import type { SkBuff } from '@labwire/core/skb';
import type { BridgedFrame } from '../bridge/index.ts';
import type { NetDevice } from '../link/net-device.ts';

/** The places of netfilter on a packet's path. Linux include/uapi/linux/netfilter.h, `enum nf_inet_hooks`. */
export const NF_INET_PRE_ROUTING = 0;
export const NF_INET_LOCAL_IN = 1;
export const NF_INET_FORWARD = 2;
export const NF_INET_LOCAL_OUT = 3;
export const NF_INET_POST_ROUTING = 4;

/** What hangs on the hooks of one namespace and family; null stands for none, which costs nothing. */
export interface NfHooks {
  /**
   * Shows a packet to everything that hangs on a hook, in order of priority; `skb.nh` is its IP header. It may
   * change the packet, its mark and its route.
   * @returns whether the packet goes on; if not it has been dropped, counted and freed, or stolen. `nf_hook()`
   */
  run(hook: number, skb: SkBuff, inDev: NetDevice | null, outDev: NetDevice | null): boolean;
  /** Whether the last packet that {@link run} kept from going on was dropped, of which its sender hears EPERM. */
  readonly dropped: boolean;
}

/**
 * Whether a bridge has shown a packet to PRE_ROUTING before it handed the packet up; says so once.
 * Linux net/bridge/br_netfilter_hooks.c, ip_sabotage_in()
 */
export function isPreRouted(skb: SkBuff): boolean {
  const frame = skb.nfBridge as BridgedFrame | null;
  if (frame === null || !frame.preRouted) return false;
  skb.nfBridge = frame.taken;
  return true;
}
