import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { Netns } from '../netns/netns.ts';

/** UDP of one namespace: its sockets by port. */
export class UdpLayer {
  readonly netns: Netns;

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** `udp_rcv()`: `skb.data` is at the UDP header, `skb.nh` at the IPv4 header. Takes ownership. */
  receive(skb: SkBuff): void {
    freeSkb(skb);
  }
}
