import type { Simulator } from '@labwire/core/sim';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import { Ipv4 } from '../ipv4/ipv4.ts';
import { Ipv6 } from '../ipv6/ipv6.ts';
import type { NetDevice } from '../link/net-device.ts';
import { TcpLayer } from '../tcp/tcp-layer.ts';
import { UdpLayer } from '../udp/udp-layer.ts';
import { DeviceTable } from './device-table.ts';
import type { Kernel } from './kernel.ts';

/** What happens to a device: Linux include/linux/netdevice.h, `enum netdev_cmd`, NETDEV_*. */
export type NetdevEvent =
  | 'REGISTER'
  | 'UNREGISTER'
  | 'UP'
  | 'GOING_DOWN'
  | 'DOWN'
  /** The carrier came or went. */
  | 'CHANGE'
  | 'CHANGEADDR'
  | 'CHANGEMTU'
  | 'CHANGENAME';

const ETH_P_IP = 0x0800;
const ETH_P_ARP = 0x0806;
const ETH_P_IPV6 = 0x86dd;

/** A network namespace: composes the layers below for one set of devices, addresses, routes and sockets. */
export class Netns {
  readonly kernel: Kernel;
  /** Inode number in nsfs. */
  readonly ino: number;
  readonly sim: Simulator;
  readonly devices: DeviceTable = new DeviceTable();
  readonly ipv4: Ipv4 = new Ipv4(this);
  readonly ipv6: Ipv6 = new Ipv6(this);
  readonly udp: UdpLayer = new UdpLayer(this);
  readonly tcp: TcpLayer = new TcpLayer(this);

  constructor(kernel: Kernel, ino: number) {
    this.kernel = kernel;
    this.sim = kernel.sim;
    this.ino = ino;
  }

  /**
   * Takes in a frame that arrived at a device of this namespace: `skb.dev` is set, `skb.data` is at the Ethernet
   * header. Takes ownership. `__netif_receive_skb_core()`
   */
  receive(skb: SkBuff): void {
    // to be written: capture taps, master's rxHandler, VLAN, PACKET_* type, pull of the Ethernet header
    switch (skb.protocol) {
      case ETH_P_IP:
        this.ipv4.receive(skb);
        break;
      case ETH_P_ARP:
        this.ipv4.receiveArp(skb);
        break;
      case ETH_P_IPV6:
        this.ipv6.receive(skb);
        break;
      default:
        freeSkb(skb);
    }
  }

  /** Tells every layer what happened to a device. `call_netdevice_notifiers()` */
  notify(dev: NetDevice, event: NetdevEvent): void {
    this.ipv4.onDeviceEvent(dev, event);
    this.ipv6.onDeviceEvent(dev, event);
  }
}
