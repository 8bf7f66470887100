import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/net-device.ts';
import type { NetdevEvent, Netns } from '../netns/netns.ts';

/** IPv4 of one namespace: addresses, routes, neighbours; input, forwarding, output; ICMP. */
export class Ipv4 {
  readonly netns: Netns;

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** `ip_rcv()`: `skb.data` is at the IPv4 header. Takes ownership. */
  receive(skb: SkBuff): void {
    freeSkb(skb);
  }

  /** `arp_rcv()`: `skb.data` is at the ARP header. Takes ownership. */
  receiveArp(skb: SkBuff): void {
    freeSkb(skb);
  }

  /** `inetdev_event()` and `fib_netdev_event()` */
  onDeviceEvent(_dev: NetDevice, _event: NetdevEvent): void {}
}
