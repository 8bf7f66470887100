import type { MacAddr } from '@labwire/core/addr';

/** What becomes of a frame. Linux include/uapi/linux/netfilter_bridge/ebtables.h, EBT_ACCEPT … EBT_RETURN */
export type EbtVerdict = 'ACCEPT' | 'DROP' | 'CONTINUE' | 'RETURN';

/** Changes the packet's mark. Linux net/bridge/netfilter/ebt_mark.c */
export interface EbtMarkTarget {
  readonly kind: 'mark';
  readonly op: 'set' | 'or' | 'and' | 'xor';
  readonly value: number;
  readonly verdict: EbtVerdict;
}

/** Changes the frame's source address, with `arp` also within an ARP message. Linux net/bridge/netfilter/ebt_snat.c */
export interface EbtSnat {
  readonly kind: 'snat';
  readonly mac: MacAddr;
  readonly arp: boolean;
  readonly verdict: EbtVerdict;
}

/** Changes the frame's destination address. Linux net/bridge/netfilter/ebt_dnat.c */
export interface EbtDnat {
  readonly kind: 'dnat';
  readonly mac: MacAddr;
  readonly verdict: EbtVerdict;
}

/** Sends the frame to the bridge's own machine. Linux net/bridge/netfilter/ebt_redirect.c */
export interface EbtRedirect {
  readonly kind: 'redirect';
  readonly verdict: EbtVerdict;
}

/** Answers an ARP request. Linux net/bridge/netfilter/ebt_arpreply.c */
export interface EbtArpreply {
  readonly kind: 'arpreply';
  readonly mac: MacAddr;
  readonly verdict: EbtVerdict;
}

/** Targets that act on a frame. */
export type EbtAction = EbtMarkTarget | EbtSnat | EbtDnat | EbtRedirect | EbtArpreply;

/** What is done with a frame; `jump` leads to a chain. */
export type EbtTarget = EbtVerdict | EbtAction | { readonly kind: 'jump'; readonly chain: string };
