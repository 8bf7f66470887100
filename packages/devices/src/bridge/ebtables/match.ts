import type { Ipv6Addr, MacAddr } from '@labwire/core/addr';

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

/** A message of ICMP or IGMP: a range of types and, but for IGMP, of codes. */
export interface EbtIcmp {
  readonly types: Span;
  readonly codes: Span;
}

/** What a rule asks of an IPv4 packet. Linux net/bridge/netfilter/ebt_ip.c */
export interface EbtIp {
  readonly kind: 'ip';
  readonly src?: Is<Bits<number>>;
  readonly dst?: Is<Bits<number>>;
  readonly tos?: Is<number>;
  readonly proto?: Is<number>;
  readonly sport?: Is<Span>;
  readonly dport?: Is<Span>;
  readonly icmp?: Is<EbtIcmp>;
  readonly igmp?: Is<Span>;
}

/** What a rule asks of an IPv6 packet. Linux net/bridge/netfilter/ebt_ip6.c */
export interface EbtIp6 {
  readonly kind: 'ip6';
  readonly src?: Is<Bits<Ipv6Addr>>;
  readonly dst?: Is<Bits<Ipv6Addr>>;
  readonly tclass?: Is<number>;
  readonly proto?: Is<number>;
  readonly sport?: Is<Span>;
  readonly dport?: Is<Span>;
  readonly icmp?: Is<EbtIcmp>;
}

/** What a rule asks of an ARP message. Linux net/bridge/netfilter/ebt_arp.c */
export interface EbtArp {
  readonly kind: 'arp';
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

/** What a rule asks of a VLAN tag. Linux net/bridge/netfilter/ebt_vlan.c */
export interface EbtVlan {
  readonly kind: 'vlan';
  readonly id?: Is<number>;
  readonly prio?: Is<number>;
  /** The EtherType behind the tag. */
  readonly encap?: Is<number>;
}

/** What a rule asks of the LLC header of a frame that has a length. Linux net/bridge/netfilter/ebt_802_3.c */
export interface Ebt8023 {
  readonly kind: '802_3';
  readonly sap?: Is<number>;
  readonly type?: Is<number>;
}

/** Whom the frame is addressed to, PACKET_*. Linux net/bridge/netfilter/ebt_pkttype.c */
export interface EbtPkttype {
  readonly kind: 'pkttype';
  readonly type: Is<number>;
}

/** The packet's mark. `any`: some bit of the mask is set, whatever `value`. Linux net/bridge/netfilter/ebt_mark_m.c */
export interface EbtMarkMatch {
  readonly kind: 'mark_m';
  readonly value: number;
  readonly mask: number;
  readonly any: boolean;
  readonly invert: boolean;
}

/** At most so many frames. `avg` is the cost of a frame in 1/10000 s. Linux net/netfilter/nft_limit.c */
export interface EbtLimit {
  readonly kind: 'limit';
  readonly avg: number;
  readonly burst: number;
}

/** What a rule asks of a BPDU; times in 1/256 s. Linux net/bridge/netfilter/ebt_stp.c */
export interface EbtStp {
  readonly kind: 'stp';
  readonly type?: Is<number>;
  readonly flags?: Is<number>;
  readonly rootPrio?: Is<Span>;
  readonly rootAddr?: Is<Bits<MacAddr>>;
  readonly rootCost?: Is<Span>;
  readonly senderPrio?: Is<Span>;
  readonly senderAddr?: Is<Bits<MacAddr>>;
  readonly port?: Is<Span>;
  readonly msgAge?: Is<Span>;
  readonly maxAge?: Is<Span>;
  readonly helloTime?: Is<Span>;
  readonly forwardDelay?: Is<Span>;
}

/** Pairs of a MAC address and, if not null, an IPv4 address. Linux nft_lookup.c over what ebtables' `among` asks */
export type EbtPair = readonly [mac: MacAddr, ip: number | null];

/** Whether the addresses of a frame are in a list. iptables extensions/libebt_among.c */
export interface EbtAmong {
  readonly kind: 'among';
  readonly src?: Is<readonly EbtPair[]>;
  readonly dst?: Is<readonly EbtPair[]>;
}

/** A line in the kernel's log. Linux net/bridge/netfilter/ebt_log.c */
export interface EbtLog {
  readonly kind: 'log';
  readonly prefix: string;
  /** 0 to 7. */
  readonly level: number;
  readonly ip: boolean;
  readonly arp: boolean;
  readonly ip6: boolean;
}

/** A copy for those who listen to a group. Linux net/bridge/netfilter/ebt_nflog.c */
export interface EbtNflog {
  readonly kind: 'nflog';
  readonly prefix: string;
  readonly group: number;
  /** Bytes of the frame; 0 for all. */
  readonly range: number;
  readonly threshold: number;
}

/** What a rule asks of a frame beyond its Ethernet header. */
export type EbtMatch =
  | EbtIp
  | EbtIp6
  | EbtArp
  | EbtVlan
  | Ebt8023
  | EbtPkttype
  | EbtMarkMatch
  | EbtLimit
  | EbtStp
  | EbtAmong;

/** What a rule does on the way to its target. */
export type EbtWatcher = EbtLog | EbtNflog;
