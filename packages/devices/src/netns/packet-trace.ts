import { Tracepoint } from '@labwire/core/sim';
import type { DropReason, SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/net-device.ts';

/** Where one machine's packets can be watched; the frame of an skb begins at `skb.mac`. Listeners copy what they keep. */
export class PacketTrace {
  /** A frame came in at a device: `netif_receive_skb`. */
  readonly receive: Tracepoint<[skb: SkBuff, dev: NetDevice]> = new Tracepoint();
  /** A frame goes out of a device: `net_dev_start_xmit`. */
  readonly xmit: Tracepoint<[skb: SkBuff, dev: NetDevice]> = new Tracepoint();
  /** A packet is dropped, at a device or before it has one: `kfree_skb`. */
  readonly drop: Tracepoint<[reason: DropReason, skb: SkBuff, dev: NetDevice | null]> =
    new Tracepoint();
  /** NFLOG: a packet for a group, with the rule's prefix and the devices it came by and goes by. */
  readonly nflog: Tracepoint<
    [skb: SkBuff, group: number, prefix: string, indev: NetDevice | null, outdev: NetDevice | null]
  > = new Tracepoint();
}
