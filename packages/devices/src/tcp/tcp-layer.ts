import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { Netns } from '../netns/netns.ts';

/** TCP of one namespace: its sockets by port and by connection. */
export class TcpLayer {
  readonly netns: Netns;

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** `tcp_v4_rcv()`: `skb.data` is at the TCP header, `skb.nh` at the IPv4 header. Takes ownership. */
  receive(skb: SkBuff): void {
    freeSkb(skb);
  }
}
