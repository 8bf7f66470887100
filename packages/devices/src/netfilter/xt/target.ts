import type { AddrRange, Range } from './match.ts';

/**
 * What a rule does with a packet: the targets of the xtables modules as plain data.
 * Linux include/uapi/linux/netfilter/xt_*.h, netfilter_ipv4/ipt_*.h, netfilter_ipv6/ip6t_*.h.
 */

/** `-j ACCEPT`, `DROP`, `RETURN`, `QUEUE` */
export interface VerdictTarget {
  readonly kind: 'verdict';
  readonly verdict: 'ACCEPT' | 'DROP' | 'RETURN' | 'QUEUE';
}
/** `-j CHAIN` and `-g CHAIN` */
export interface ChainTarget {
  readonly kind: 'jump' | 'goto';
  readonly chain: string;
}
/** `-j REJECT`; `with` by its name: icmp-port-unreachable, tcp-reset, … (icmp6-… in IPv6 rules). */
export interface RejectTarget {
  readonly kind: 'REJECT';
  readonly with: string;
}
/** `-j LOG` */
export interface LogTarget {
  readonly kind: 'LOG';
  /** 0 emerg to 7 debug; default 4, warning. */
  readonly level: number;
  readonly prefix: string;
  readonly tcpSequence: boolean;
  readonly tcpOptions: boolean;
  readonly ipOptions: boolean;
  readonly uid: boolean;
  readonly macdecode: boolean;
}
/** `-j NFLOG` */
export interface NflogTarget {
  readonly kind: 'NFLOG';
  readonly group: number;
  readonly prefix: string;
  /** --nflog-size; undefined if not given. */
  readonly size: number | undefined;
  /** --nflog-range; undefined if not given. */
  readonly range: number | undefined;
  readonly threshold: number;
}
/** `-j MARK` and `-j CONNMARK`: new = (old & ~mask) ^ value; `save` and `restore` are CONNMARK's. */
export interface MarkTarget {
  readonly kind: 'MARK' | 'CONNMARK';
  readonly op: 'set' | 'save' | 'restore';
  readonly value: number;
  readonly mask: number;
  /** save and restore: which bits of the packet's mark. */
  readonly nfmask: number;
  /** CONNMARK: what is set, saved or restored is shifted by this many bits. */
  readonly shift?: { readonly dir: 'left' | 'right'; readonly bits: number };
}
/** `-j SNAT`, `DNAT`, `MASQUERADE`, `REDIRECT`, `NETMAP` */
export interface NatTarget {
  readonly kind: 'SNAT' | 'DNAT' | 'MASQUERADE' | 'REDIRECT' | 'NETMAP';
  /** Absent: keep the address (MASQUERADE and REDIRECT choose it). For NETMAP the first address and the last of the network. */
  readonly addrs?: AddrRange;
  readonly ports?: Range;
  /** DNAT `first-last/base`: ports map one to one from `base`. */
  readonly basePort?: number;
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}
/** `-j TCPMSS`; `clampToPmtu` in place of `mss`. */
export interface TcpmssTarget {
  readonly kind: 'TCPMSS';
  readonly mss: number | undefined;
}
/** `-j TTL` and `-j HL` */
export interface TtlTarget {
  readonly kind: 'TTL' | 'HL';
  readonly op: 'set' | 'inc' | 'dec';
  readonly value: number;
}
/** `-j TOS`: new = (old & ~mask) ^ value. */
export interface TosTarget {
  readonly kind: 'TOS';
  readonly value: number;
  readonly mask: number;
}
/** `-j DSCP` */
export interface DscpTarget {
  readonly kind: 'DSCP';
  readonly dscp: number;
}
/** `-j ECN`: bits of the TCP header and the IP header's code point; undefined: left as they are. */
export interface EcnTarget {
  readonly kind: 'ECN';
  readonly ece: number | undefined;
  readonly cwr: number | undefined;
  readonly ect: number | undefined;
}
/** `-j CT`, and `-j NOTRACK`, which is `notrack` alone. */
export interface CtTarget {
  readonly kind: 'CT';
  /** It was written `-j NOTRACK`. XT_CT_NOTRACK_ALIAS */
  readonly isNotrack: boolean;
  readonly notrack: boolean;
  readonly helper: string | undefined;
  readonly timeout: string | undefined;
  readonly ctevents: readonly string[];
  readonly expevents: readonly string[];
  /** --zone, --zone-orig, --zone-reply */
  readonly zone:
    | { readonly id: number | 'mark'; readonly dir: 'both' | 'orig' | 'reply' }
    | undefined;
}
/** `-j CHECKSUM --checksum-fill` */
export interface ChecksumTarget {
  readonly kind: 'CHECKSUM';
}
/** `-j TRACE` */
export interface TraceTarget {
  readonly kind: 'TRACE';
}
/** `-j CLASSIFY --set-class major:minor` */
export interface ClassifyTarget {
  readonly kind: 'CLASSIFY';
  readonly priority: number;
}
/** `-j TCPOPTSTRIP` */
export interface TcpoptstripTarget {
  readonly kind: 'TCPOPTSTRIP';
  readonly options: readonly number[];
}
/** `-j TEE --gateway` */
export interface TeeTarget {
  readonly kind: 'TEE';
  readonly gateway: AddrRange['min'];
  readonly oif: string | undefined;
}
/** `-j NFQUEUE` */
export interface NfqueueTarget {
  readonly kind: 'NFQUEUE';
  readonly queues: Range;
  readonly bypass: boolean;
  readonly cpuFanout: boolean;
}
/** `-j TPROXY` */
export interface TproxyTarget {
  readonly kind: 'TPROXY';
  readonly port: number;
  readonly addr: AddrRange['min'];
  readonly mark: number;
  readonly mask: number;
}
/** `-j SET` */
export interface SetTarget {
  readonly kind: 'SET';
  readonly add?: { readonly name: string; readonly dirs: readonly ('src' | 'dst')[] };
  readonly del?: { readonly name: string; readonly dirs: readonly ('src' | 'dst')[] };
  readonly exist: boolean;
  /** Seconds; undefined for the set's. */
  readonly timeout: number | undefined;
}

/** A target of any module. */
export type XtTarget =
  | VerdictTarget
  | ChainTarget
  | RejectTarget
  | LogTarget
  | NflogTarget
  | MarkTarget
  | NatTarget
  | TcpmssTarget
  | TtlTarget
  | TosTarget
  | DscpTarget
  | EcnTarget
  | CtTarget
  | ChecksumTarget
  | TraceTarget
  | ClassifyTarget
  | TcpoptstripTarget
  | TeeTarget
  | NfqueueTarget
  | TproxyTarget
  | SetTarget;
