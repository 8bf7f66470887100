import type { SkBuff } from '@labwire/core/skb';
import type { Netns } from '../netns/netns.ts';

/** Connection tracking of one namespace. Linux net/netfilter/nf_conntrack_core.c. */
export class Conntrack {
  readonly netns: Netns;

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** Makes a packet that answers another one of its connection, in the other direction. `nf_conntrack_attach()` */
  attach(skb: SkBuff, to: SkBuff): void {
    skb.ct = to.ct;
    skb.ctinfo = to.ctinfo;
  }
}
