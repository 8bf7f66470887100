import type { SkBuff } from '@labwire/core/skb';

/** Gives a packet the Ethernet header of another, for those who look at it or send by it: bridges and `-m mac`. */
export function copyLinkHeader(to: SkBuff, from: SkBuff): void {
  const length = from.mac < 0 ? 0 : from.nh - from.mac;
  if (length <= 0 || length > to.nh) return;
  to.mac = to.nh - length;
  to.buf.set(from.buf.subarray(from.mac, from.nh), to.mac);
}
