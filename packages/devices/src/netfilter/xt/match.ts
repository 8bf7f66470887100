import type { MacAddr } from '@labwire/core/addr';
import type { InetAddr } from '../../rtnetlink/types.ts';

/**
 * What a rule asks of a packet beside its basic part: the matches of the xtables modules as plain data, one interface per
 * module and revision that iptables 1.8.9 uses. Addresses are numbers in IPv4 rules and records in IPv6 rules.
 * `invert` is the user's `!`. Linux include/uapi/linux/netfilter/xt_*.h, netfilter_ipv4/ipt_*.h, netfilter_ipv6/ip6t_*.h.
 */

/** Numbers from `min` to `max`, both included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** An address and the bits of it that count. */
export interface Masked {
  readonly addr: InetAddr;
  readonly mask: InetAddr;
}

/** An address range, both ends included. */
export interface AddrRange {
  readonly min: InetAddr;
  readonly max: InetAddr;
}

/** `-m tcp` */
export interface TcpMatch {
  readonly kind: 'tcp';
  readonly sports?: Range & { readonly invert: boolean };
  readonly dports?: Range & { readonly invert: boolean };
  /** Of the flags in `mask` exactly those in `comp` are set; bits as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
  readonly flags?: { readonly mask: number; readonly comp: number; readonly invert: boolean };
  /** An option of this kind is there. */
  readonly option?: { readonly kind: number; readonly invert: boolean };
}

/** `-m udp` */
export interface UdpMatch {
  readonly kind: 'udp';
  readonly sports?: Range & { readonly invert: boolean };
  readonly dports?: Range & { readonly invert: boolean };
}

/** `-m icmp`, and `-m icmp6` in IPv6 rules. `type` 255 with codes 0 to 255 is any (IPv4 only). */
export interface IcmpMatch {
  readonly kind: 'icmp' | 'icmp6';
  readonly type: number;
  readonly codes: Range;
  readonly invert: boolean;
}

/** `-m multiport` */
export interface MultiportMatch {
  readonly kind: 'multiport';
  readonly which: 'source' | 'destination' | 'either';
  readonly ports: readonly Range[];
  readonly invert: boolean;
}

/** Bits of `ctstate`: Linux nf_conntrack_common.h, NF_CT_STATE_BIT, and XT_CONNTRACK_STATE_*. */
export type CtStateName =
  | 'INVALID'
  | 'NEW'
  | 'RELATED'
  | 'ESTABLISHED'
  | 'UNTRACKED'
  | 'SNAT'
  | 'DNAT';
/** Bits of `ctstatus`. IPS_* */
export type CtStatusName = 'NONE' | 'EXPECTED' | 'SEEN_REPLY' | 'ASSURED' | 'CONFIRMED';

/** `-m conntrack` */
export interface ConntrackMatch {
  readonly kind: 'conntrack';
  readonly ctstate?: { readonly in: readonly CtStateName[]; readonly invert: boolean };
  readonly ctproto?: { readonly protocol: number; readonly invert: boolean };
  readonly ctorigsrc?: Masked & { readonly invert: boolean };
  readonly ctorigdst?: Masked & { readonly invert: boolean };
  readonly ctreplsrc?: Masked & { readonly invert: boolean };
  readonly ctrepldst?: Masked & { readonly invert: boolean };
  readonly ctorigsrcport?: Range & { readonly invert: boolean };
  readonly ctorigdstport?: Range & { readonly invert: boolean };
  readonly ctreplsrcport?: Range & { readonly invert: boolean };
  readonly ctrepldstport?: Range & { readonly invert: boolean };
  readonly ctstatus?: { readonly in: readonly CtStatusName[]; readonly invert: boolean };
  /** Seconds left. */
  readonly ctexpire?: Range & { readonly invert: boolean };
  readonly ctdir?: 'ORIGINAL' | 'REPLY';
}

/** `-m state` */
export interface StateMatch {
  readonly kind: 'state';
  readonly in: readonly CtStateName[];
  readonly invert: boolean;
}

/** `-m mark` and `-m connmark` */
export interface MarkMatch {
  readonly kind: 'mark' | 'connmark';
  readonly value: number;
  readonly mask: number;
  readonly invert: boolean;
}

/** `-m mac --mac-source` */
export interface MacMatch {
  readonly kind: 'mac';
  readonly source: MacAddr;
  readonly invert: boolean;
}

/** `-m limit`. `avg` is the cost of a packet in 1/10000 s (XT_LIMIT_SCALE / rate). */
export interface LimitMatch {
  readonly kind: 'limit';
  readonly avg: number;
  readonly burst: number;
}

/** `-m hashlimit`, revision 3. */
export interface HashlimitMatch {
  readonly kind: 'hashlimit';
  readonly name: string;
  /** --hashlimit-above rather than --hashlimit-upto. */
  readonly above: boolean;
  /** Bytes per second (a rate like 512kb/s) rather than packets. */
  readonly bytes: boolean;
  /** Cost of one packet in parts of a second, XT_HASHLIMIT_SCALE_v2 / rate; of 16 bytes in parts of 2^32. */
  readonly avg: number;
  /** Packets; of byte rates seconds that may come at once, 0 for one. */
  readonly burst: number;
  readonly mode: readonly ('srcip' | 'srcport' | 'dstip' | 'dstport')[];
  readonly srcmask: number;
  readonly dstmask: number;
  readonly htableSize: number;
  readonly htableMax: number;
  /** Milliseconds. */
  readonly htableGcInterval: number;
  /** Milliseconds. */
  readonly htableExpire: number;
  readonly rateMatch: boolean;
  /** Seconds. */
  readonly rateInterval: number;
}

/** `-m recent` */
export interface RecentMatch {
  readonly kind: 'recent';
  readonly action: 'set' | 'rcheck' | 'update' | 'remove';
  readonly invert: boolean;
  readonly name: string;
  readonly side: 'source' | 'dest';
  readonly mask: InetAddr;
  readonly seconds: number;
  readonly hitcount: number;
  readonly reap: boolean;
  readonly rttl: boolean;
}

/** `-m connlimit` */
export interface ConnlimitMatch {
  readonly kind: 'connlimit';
  readonly limit: number;
  /** --connlimit-upto rather than --connlimit-above. */
  readonly upto: boolean;
  readonly mask: number;
  readonly side: 'source' | 'dest';
}

/** `-m connbytes` */
export interface ConnbytesMatch {
  readonly kind: 'connbytes';
  readonly from: bigint;
  /** The largest number of 64 bits stands for no upper limit. */
  readonly to: bigint;
  readonly dir: 'original' | 'reply' | 'both';
  readonly mode: 'packets' | 'bytes' | 'avgpkt';
  readonly invert: boolean;
}

/** RTN_* by the names of `-m addrtype`. */
export type AddrTypeName =
  | 'UNSPEC'
  | 'UNICAST'
  | 'LOCAL'
  | 'BROADCAST'
  | 'ANYCAST'
  | 'MULTICAST'
  | 'BLACKHOLE'
  | 'UNREACHABLE'
  | 'PROHIBIT'
  | 'THROW'
  | 'NAT'
  | 'XRESOLVE';

/** `-m addrtype` */
export interface AddrtypeMatch {
  readonly kind: 'addrtype';
  readonly source?: { readonly in: readonly AddrTypeName[]; readonly invert: boolean };
  readonly dest?: { readonly in: readonly AddrTypeName[]; readonly invert: boolean };
  readonly limitIfaceIn: boolean;
  readonly limitIfaceOut: boolean;
}

/** `-m iprange` */
export interface IprangeMatch {
  readonly kind: 'iprange';
  readonly src?: AddrRange & { readonly invert: boolean };
  readonly dst?: AddrRange & { readonly invert: boolean };
}

/** `-m length`: bytes of the layer-3 packet. */
export interface LengthMatch {
  readonly kind: 'length';
  readonly range: Range;
  readonly invert: boolean;
}

/** `-m ttl` and, for IPv6, `-m hl`. */
export interface TtlMatch {
  readonly kind: 'ttl' | 'hl';
  readonly op: 'eq' | 'ne' | 'lt' | 'gt';
  readonly value: number;
}

/** `-m tos` */
export interface TosMatch {
  readonly kind: 'tos';
  readonly value: number;
  readonly mask: number;
  readonly invert: boolean;
}

/** `-m dscp` */
export interface DscpMatch {
  readonly kind: 'dscp';
  readonly dscp: number;
  readonly invert: boolean;
}

/** `-m ecn` */
export interface EcnMatch {
  readonly kind: 'ecn';
  readonly cwr?: { readonly invert: boolean };
  readonly ece?: { readonly invert: boolean };
  readonly ipEct?: { readonly ect: number; readonly invert: boolean };
}

/** `-m owner` */
export interface OwnerMatch {
  readonly kind: 'owner';
  readonly uid?: Range & { readonly invert: boolean };
  readonly gid?: Range & { readonly invert: boolean };
  readonly socketExists?: { readonly invert: boolean };
  readonly supplGroups: boolean;
}

/** `-m physdev` */
export interface PhysdevMatch {
  readonly kind: 'physdev';
  readonly physin?: IfaceMatch;
  readonly physout?: IfaceMatch;
  readonly isIn?: { readonly invert: boolean };
  readonly isOut?: { readonly invert: boolean };
  readonly isBridged?: { readonly invert: boolean };
}

/** An interface by name. `wildcard`: any name that begins so (the user's `+`, which is not part of `name`). */
export interface IfaceMatch {
  readonly name: string;
  readonly wildcard: boolean;
  readonly invert: boolean;
}

/** `-m pkttype` */
export interface PkttypeMatch {
  readonly kind: 'pkttype';
  readonly type: 'unicast' | 'broadcast' | 'multicast' | 'otherhost';
  readonly invert: boolean;
}

/** `-m statistic` */
export interface StatisticMatch {
  readonly kind: 'statistic';
  readonly mode: 'random' | 'nth';
  /** For random: out of 0x80000000. */
  readonly probability: number;
  readonly every: number;
  readonly packet: number;
  readonly invert: boolean;
}

/** `-m string` */
export interface StringMatch {
  readonly kind: 'string';
  /** How the kernel searches: bm, kmp or fsm; all find the same. */
  readonly algo: string;
  readonly from: number;
  readonly to: number;
  readonly pattern: Uint8Array;
  readonly icase: boolean;
  readonly invert: boolean;
}

/** `-m time` */
export interface TimeMatch {
  readonly kind: 'time';
  /** Seconds since the epoch. */
  readonly dateStart: number;
  readonly dateStop: number;
  /** Seconds since midnight. */
  readonly daytimeStart: number;
  readonly daytimeStop: number;
  /** Bit n is day n of the month. */
  readonly monthdays: number;
  /** Bit n is weekday n, Monday 1. */
  readonly weekdays: number;
  readonly contiguous: boolean;
  /** --kerneltz */
  readonly localTz: boolean;
}

/** `-m comment` */
export interface CommentMatch {
  readonly kind: 'comment';
  readonly comment: string;
}

/** `-m u32` */
export interface U32Match {
  readonly kind: 'u32';
  readonly tests: readonly {
    readonly location: readonly { readonly op: '&' | '<<' | '>>' | '@'; readonly number: number }[];
    /** Offset that the first location operation starts from. */
    readonly offset: number;
    readonly values: readonly Range[];
  }[];
  readonly invert: boolean;
}

/** `-m ah` and `-m esp` */
export interface SpiMatch {
  readonly kind: 'ah' | 'esp';
  readonly spis: Range & { readonly invert: boolean };
  /** ah in IPv6 rules. */
  readonly length?: { readonly len: number; readonly invert: boolean };
  readonly reserved?: boolean;
}

/** `-m helper` */
export interface HelperMatch {
  readonly kind: 'helper';
  readonly name: string;
  readonly invert: boolean;
}

/** `-m quota` */
export interface QuotaMatch {
  readonly kind: 'quota';
  /** Bytes. */
  readonly quota: bigint;
  readonly invert: boolean;
}

/** `-m rpfilter` */
export interface RpfilterMatch {
  readonly kind: 'rpfilter';
  readonly loose: boolean;
  readonly validmark: boolean;
  readonly acceptLocal: boolean;
  readonly invert: boolean;
}

/** `-m tcpmss` */
export interface TcpmssMatch {
  readonly kind: 'tcpmss';
  readonly mss: Range;
  readonly invert: boolean;
}

/** `-m socket` */
export interface SocketMatch {
  readonly kind: 'socket';
  readonly transparent: boolean;
  readonly nowildcard: boolean;
  readonly restoreSkmark: boolean;
}

/** `-m cpu` */
export interface CpuMatch {
  readonly kind: 'cpu';
  readonly cpu: number;
  readonly invert: boolean;
}

/** `-m connlabel` */
export interface ConnlabelMatch {
  readonly kind: 'connlabel';
  readonly bit: number;
  readonly set: boolean;
  readonly invert: boolean;
}

/** `-m devgroup` */
export interface DevgroupMatch {
  readonly kind: 'devgroup';
  readonly src?: { readonly group: number; readonly mask: number; readonly invert: boolean };
  readonly dst?: { readonly group: number; readonly mask: number; readonly invert: boolean };
}

/** `-m set` */
export interface SetMatch {
  readonly kind: 'set';
  readonly name: string;
  readonly dirs: readonly ('src' | 'dst')[];
  readonly invert: boolean;
  readonly options: readonly string[];
}

/** Chunks that an SCTP packet is asked for. */
export interface SctpChunks {
  /** One of them is there, all are, or all and no others. */
  readonly mode: 'any' | 'all' | 'only';
  /** Numbers of chunks, the smallest first. */
  readonly types: readonly number[];
  /** Flags under `mask` that chunks of a type must have. */
  readonly flags: readonly {
    readonly type: number;
    readonly mask: number;
    readonly value: number;
  }[];
}

/** `-m sctp` */
export interface SctpMatch {
  readonly kind: 'sctp';
  readonly sports?: Range & { readonly invert: boolean };
  readonly dports?: Range & { readonly invert: boolean };
  readonly chunks?: SctpChunks & { readonly invert: boolean };
}

/** `-m dccp` */
export interface DccpMatch {
  readonly kind: 'dccp';
  readonly sports?: Range & { readonly invert: boolean };
  readonly dports?: Range & { readonly invert: boolean };
  /** Packet types; 10 stands for all from 10 on. */
  readonly types?: { readonly in: readonly number[]; readonly invert: boolean };
  readonly option?: { readonly kind: number; readonly invert: boolean };
}

/** `-m frag`: the fragment header of IPv6. Lengths are in bytes. */
export interface FragMatch {
  readonly kind: 'frag';
  readonly ids: Range & { readonly invert: boolean };
  readonly length?: { readonly len: number; readonly invert: boolean };
  readonly reserved: boolean;
  readonly first: boolean;
  readonly more: boolean;
  readonly last: boolean;
}

/** `-m hbh` and `-m dst`: the options headers of IPv6. Lengths are in bytes. */
export interface Ipv6OptsMatch {
  readonly kind: 'hbh' | 'dst';
  readonly length?: { readonly len: number; readonly invert: boolean };
  /** Options that come one after the other; `len` absent: of any length. */
  readonly options: readonly { readonly type: number; readonly len?: number }[];
}

/** `-m rt`: the routing header of IPv6. Lengths are in bytes. */
export interface RtMatch {
  readonly kind: 'rt';
  readonly type?: { readonly num: number; readonly invert: boolean };
  readonly segsleft: Range & { readonly invert: boolean };
  readonly length?: { readonly len: number; readonly invert: boolean };
  readonly reserved: boolean;
  readonly addrs?: readonly InetAddr[];
  /** Other addresses may stand between. */
  readonly notStrict: boolean;
}

/** `-m ipv6header` */
export interface Ipv6headerMatch {
  readonly kind: 'ipv6header';
  /** MASK_HOPOPTS 0x80, DSTOPTS 0x40, ROUTING 0x20, FRAGMENT 0x10, AH 8, ESP 4, NONE 2, PROTO 1. */
  readonly headers: number;
  /** Others may be there too. */
  readonly soft: boolean;
  readonly invert: boolean;
}

/** `-m eui64` */
export interface Eui64Match {
  readonly kind: 'eui64';
}

/** `-m mh`: types of mobility messages. */
export interface MhMatch {
  readonly kind: 'mh';
  readonly types: Range;
  readonly invert: boolean;
}

/** A match of any module. */
export type XtMatch =
  | TcpMatch
  | UdpMatch
  | IcmpMatch
  | MultiportMatch
  | ConntrackMatch
  | StateMatch
  | MarkMatch
  | MacMatch
  | LimitMatch
  | HashlimitMatch
  | RecentMatch
  | ConnlimitMatch
  | ConnbytesMatch
  | AddrtypeMatch
  | IprangeMatch
  | LengthMatch
  | TtlMatch
  | TosMatch
  | DscpMatch
  | EcnMatch
  | OwnerMatch
  | PhysdevMatch
  | PkttypeMatch
  | StatisticMatch
  | StringMatch
  | TimeMatch
  | CommentMatch
  | U32Match
  | SpiMatch
  | HelperMatch
  | QuotaMatch
  | RpfilterMatch
  | TcpmssMatch
  | SocketMatch
  | CpuMatch
  | ConnlabelMatch
  | DevgroupMatch
  | SetMatch
  | SctpMatch
  | DccpMatch
  | FragMatch
  | Ipv6OptsMatch
  | RtMatch
  | Ipv6headerMatch
  | Eui64Match
  | MhMatch;
