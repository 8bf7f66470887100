import type { Pollable } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import type { TunBackend } from './tun/index.ts';

/** A program's end of a device: what an open /dev/net/tun or /dev/tapN is. */
export interface TapQueue extends Pollable {
  /** Takes frames in place of {@link recv}. */
  backend: TunBackend | null;
  /** Takes the next frame, which the caller then owns; null if there is none. */
  recv(): SkBuff | null;
  /** Hands a frame to the device; `skb.data` is at its first byte. Takes ownership. @returns false if it was dropped */
  send(skb: SkBuff): boolean;
  /** Lets the device go. */
  close(): void;
}
