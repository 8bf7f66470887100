import type { SkBuff } from '@labwire/core/skb';

/** Takes the frames that leave the lab at a port. */
export interface Outside {
  /** A frame leaves; `skb.data` is at its Ethernet header. Takes ownership. */
  transmit(skb: SkBuff): void;
  /** The port is gone: its device was deleted. */
  portGone(): void;
}

/** Where the lab ends and the outside begins. */
export interface Port {
  /** Puts a frame into the lab. Takes ownership. */
  deliver(skb: SkBuff): void;
  /** Somebody is outside, or nobody: the carrier of a NIC. */
  setConnected(connected: boolean): void;
}
