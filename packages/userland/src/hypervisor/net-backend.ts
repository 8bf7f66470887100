import type { SkBuff } from '@labwire/core/skb';

/** Takes frames that go to a guest: a {@link NicPort}, or a hub's port. */
export interface FrameSink {
  /** Sends a frame on its way; it arrives as a later event. Takes ownership. */
  deliver(skb: SkBuff): void;
}

/** What a guest's NIC is connected to: QEMU's `-netdev`. Source: QEMU include/net/net.h, NetClientState */
export abstract class NetBackend {
  /** Where frames for the guest go; null while it is connected to nothing. */
  guest: FrameSink | null = null;

  /** A frame from the guest has arrived, `skb.data` at its Ethernet header. Takes ownership. */
  abstract receive(skb: SkBuff): void;

  /** Lets go of what it holds on the host. */
  abstract close(): void;
}
