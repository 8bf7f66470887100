import { PACKET_HOST, type SkBuff } from '@labwire/core/skb';

/** Takes off what belongs to the sender's stack; of another namespace also the mark and the socket. `skb_scrub_packet()` */
export function scrub(skb: SkBuff, otherNetns: boolean): void {
  skb.pktType = PACKET_HOST;
  skb.dst = null;
  skb.sdif = 0;
  skb.ignoreDf = false;
  skb.iif = 0;
  skb.ct = null;
  skb.ctinfo = 0;
  skb.nfBridge = null;
  skb.priority = 0;
  if (!otherNetns) return;
  skb.mark = 0;
  skb.sk = null;
}
