import { IPV4_ANY } from '@labwire/core/addr';
import { get8, get32 } from '@labwire/core/bytes';
import { cloneSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import { UDP_HLEN } from '@labwire/core/wire';
import type { Netns } from '../../netns/netns.ts';
import type { DatagramInet } from '../../sock/datagram-inet.ts';
import { UdpSocket } from '../../udp/index.ts';
import { VXLAN_HLEN } from './headers.ts';
import type { Vxlan } from './vxlan.ts';

/** The flag that says there is a network number. RFC 7348 section 5 */
const FLAG_I = 0x08;

/** The UDP port that the VXLAN devices of a namespace share. Linux `struct vxlan_sock` */
export class VxlanSocket extends UdpSocket {
  readonly #devices = new Map<number, Vxlan>();
  readonly #port: number;

  private constructor(netns: Netns, port: number) {
    super(netns.udp, 'inet');
    this.#port = port;
    this.mcLoop = false;
    this.bind({ addr: IPV4_ANY, port });
  }

  /**
   * Begins to listen for a device. `vxlan_sock_add()`
   * @throws {@link KernelError} EADDRINUSE if somebody else has the port
   */
  static open(netns: Netns, port: number, device: Vxlan): VxlanSocket {
    const shared = SOCKETS.get(netns) ?? new Map<number, VxlanSocket>();
    SOCKETS.set(netns, shared);
    const socket = shared.get(port) ?? new VxlanSocket(netns, port);
    shared.set(port, socket);
    socket.#devices.set(device.vni, device);
    return socket;
  }

  /** A device listens no longer; with the last the port is free. `vxlan_sock_release()` */
  release(netns: Netns, device: Vxlan): void {
    if (this.#devices.get(device.vni) === device) this.#devices.delete(device.vni);
    if (this.#devices.size > 0) return;
    SOCKETS.get(netns)?.delete(this.#port);
    this.close();
  }

  /** A datagram has come, `skb.data` at the UDP header: the frame in it goes to its device. `vxlan_rcv()` */
  override deliver(skb: SkBuff, inet: DatagramInet): boolean {
    const at = skb.data + UDP_HLEN;
    if (skb.len < UDP_HLEN + VXLAN_HLEN || (get8(skb.buf, at) & FLAG_I) === 0) return true;
    const device = this.#devices.get(get32(skb.buf, at + 4) >>> 8);
    if (device === undefined || inet.family !== 'inet') return true;
    const frame = cloneSkb(skb);
    const from = get32(skb.buf, skb.nh + 12);
    frame.pull(UDP_HLEN + VXLAN_HLEN);
    if (frame.len < 14) freeSkb(frame);
    else device.decapsulated(frame, from);
    return true;
  }
}

/** The ports that are open, by namespace. */
const SOCKETS = new WeakMap<Netns, Map<number, VxlanSocket>>();
