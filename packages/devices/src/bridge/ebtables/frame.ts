import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { EbtVerdict } from './target.ts';

/** A frame as rules see it at one hook, its Ethernet header pulled; one object per namespace is used again for each. */
export class EbtFrame {
  readonly netns: Netns;
  skb!: SkBuff;
  hook = 0;
  /** The ports, null where there is none. */
  indev: NetDevice | null = null;
  outdev: NetDevice | null = null;

  constructor(netns: Netns) {
    this.netns = netns;
  }
}

// What a step says; the first four as Linux include/uapi/linux/netfilter_bridge/ebtables.h has them.
export const EBT_ACCEPT = -1;
export const EBT_DROP = -2;
export const EBT_CONTINUE = -3;
export const EBT_RETURN = -4;
/** The rule is not for this frame. NFT_BREAK */
export const EBT_BREAK = -5;

/** Numbers of the verdicts' names. */
export const EBT_VERDICTS: Readonly<Record<EbtVerdict, number>> = {
  ACCEPT: EBT_ACCEPT,
  DROP: EBT_DROP,
  CONTINUE: EBT_CONTINUE,
  RETURN: EBT_RETURN,
};

/** Whether something holds for a frame. */
export type EbtMatcher = (f: EbtFrame) => boolean;
/** Does something to a frame. @returns EBT_* */
export type EbtAct = (f: EbtFrame) => number;
