import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/net-device.ts';
import type { NetdevEvent, Netns } from '../netns/netns.ts';

/** IPv6 of one namespace: addresses, routes, neighbours; input, output; ICMPv6. */
export class Ipv6 {
  readonly netns: Netns;

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** `ipv6_rcv()`: `skb.data` is at the IPv6 header. Takes ownership. */
  receive(skb: SkBuff): void {
    freeSkb(skb);
  }

  /** `addrconf_notify()` */
  onDeviceEvent(_dev: NetDevice, _event: NetdevEvent): void {}
}
