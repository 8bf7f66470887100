import type { SkBuff } from '@labwire/core/skb';

/** Takes frames that go to a guest: a {@link NicPort}, or a hub's port. */
export interface FrameSink {
  /** Sends a frame on its way; it arrives as a later event. Takes ownership. */
  deliver(skb: SkBuff): void;
}

/** Whoever is at the guest's end of a {@link NetBackend}. */
export interface GuestEnd extends FrameSink {
  /** Whether `most` frames wait already for room in the NIC's ring. */
  isBehind(most: number): boolean;
}

/** What a guest's NIC is connected to: QEMU's `-netdev`. Source: QEMU include/net/net.h, NetClientState */
export abstract class NetBackend {
  /** Where frames for the guest go; null while it is connected to nothing. */
  guest: GuestEnd | null = null;
  /** Carries super-segments of TCP whole: there are virtio's headers before its frames. IFF_VNET_HDR */
  get superSegments(): boolean {
    return false;
  }

  /** Says whether the guest takes super-segments. QEMU net/net.c, qemu_set_offload() */
  setOffload(_superSegments: boolean): void {}

  /** Looks at every frame between it and the guest; null for nobody. */
  watch: ((skb: SkBuff, toGuest: boolean) => void) | null = null;

  /** A frame from the guest has arrived, `skb.data` at its Ethernet header. Takes ownership. */
  abstract receive(skb: SkBuff): void;

  /** Lets go of what it holds on the host. */
  abstract close(): void;
}
