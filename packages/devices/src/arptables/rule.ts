import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import type { EbtArp } from '../bridge/index.ts';
import type { IfaceMatch } from '../netfilter/index.ts';

/** Changes an ARP message. Linux net/ipv4/netfilter/arpt_mangle.c */
export interface ArpMangle {
  readonly kind: 'mangle';
  readonly ipSrc?: Ipv4Addr;
  readonly ipDst?: Ipv4Addr;
  readonly macSrc?: MacAddr;
  readonly macDst?: MacAddr;
  readonly verdict: 'ACCEPT' | 'DROP' | 'CONTINUE';
}

/** Changes the message's mark: the bits of `mask` are cleared, then `value` is added by exclusive or. Linux net/netfilter/xt_mark.c */
export interface ArpMark {
  readonly kind: 'MARK';
  readonly value: number;
  readonly mask: number;
}

/** Sets the message's priority. Linux net/netfilter/xt_CLASSIFY.c */
export interface ArpClassify {
  readonly kind: 'CLASSIFY';
  readonly priority: number;
}

/** What is done with a message; undefined: it is only counted. */
export type ArpTarget =
  | 'ACCEPT'
  | 'DROP'
  | 'RETURN'
  | ArpMangle
  | ArpMark
  | ArpClassify
  | { readonly kind: 'jump'; readonly chain: string };

/** One rule of arptables. Linux include/uapi/linux/netfilter_arp/arp_tables.h, `struct arpt_entry`. */
export interface ArpRule {
  readonly iif?: IfaceMatch;
  readonly oif?: IfaceMatch;
  readonly arp: EbtArp;
  readonly target: ArpTarget | undefined;
  readonly counters: { packets: number; bytes: number };
}

/** The chains that the kernel calls, in the order of their hooks. NF_ARP_IN, NF_ARP_OUT */
export const ARP_BASE_CHAINS = ['INPUT', 'OUTPUT'] as const;

/** A list of rules; a base chain has a policy. */
export interface ArpChain {
  readonly name: string;
  policy: 'ACCEPT' | 'DROP' | undefined;
  rules: ArpRule[];
}
