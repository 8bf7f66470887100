import type { MacAddr } from '@labwire/core/addr';
import type { IfaceMatch } from '../../netfilter/xt/index.ts';

/** A value that a frame has or, inverted, has not. */
export interface Is<T> {
  readonly value: T;
  readonly invert: boolean;
}

/** The bits of an address that count. */
export interface Bits<T> {
  readonly addr: T;
  readonly mask: T;
}

/** Least and greatest of a range, both in it. */
export type Span = readonly [number, number];

/** What a rule asks of an IPv4 packet. Linux net/bridge/netfilter/ebt_ip.c */
export interface EbtIp {
  readonly src?: Is<Bits<number>>;
  readonly dst?: Is<Bits<number>>;
  readonly tos?: Is<number>;
  readonly proto?: Is<number>;
  readonly sport?: Is<Span>;
  readonly dport?: Is<Span>;
}

/** What a rule asks of an ARP message. Linux net/bridge/netfilter/ebt_arp.c */
export interface EbtArp {
  readonly op?: Is<number>;
  readonly htype?: Is<number>;
  readonly ptype?: Is<number>;
  readonly ipSrc?: Is<Bits<number>>;
  readonly ipDst?: Is<Bits<number>>;
  readonly macSrc?: Is<Bits<MacAddr>>;
  readonly macDst?: Is<Bits<MacAddr>>;
  /** Sender and target address are the same. */
  readonly gratuitous?: Is<true>;
}

/** What is done with a frame; an object leads to a chain. */
export type EbtTarget = 'ACCEPT' | 'DROP' | 'CONTINUE' | 'RETURN' | { readonly jump: string };

/** What becomes of a frame at a chain's end. */
export type EbtPolicy = 'ACCEPT' | 'DROP' | 'RETURN';

/** One rule of ebtables. Linux include/uapi/linux/netfilter_bridge/ebtables.h, `struct ebt_entry`. */
export interface EbtRule {
  /** An EtherType, or 0 for frames that have a length in its place. */
  readonly proto?: Is<number>;
  readonly src?: Is<Bits<MacAddr>>;
  readonly dst?: Is<Bits<MacAddr>>;
  /** The ports. */
  readonly iif?: IfaceMatch;
  readonly oif?: IfaceMatch;
  /** The bridges that they are of. */
  readonly logicalIn?: IfaceMatch;
  readonly logicalOut?: IfaceMatch;
  readonly ip?: EbtIp;
  readonly arp?: EbtArp;
  readonly target: EbtTarget;
  readonly counters: { packets: number; bytes: number };
}

/** The chains that every table has, in the order of their hooks. */
export const EBT_BASE_CHAINS = ['INPUT', 'FORWARD', 'OUTPUT'] as const;
export type EbtHook = (typeof EBT_BASE_CHAINS)[number];

/** A list of rules. */
export interface EbtChain {
  readonly name: string;
  policy: EbtPolicy;
  rules: EbtRule[];
}
