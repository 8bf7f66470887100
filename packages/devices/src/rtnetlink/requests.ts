import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import type { OperState } from '../link/net-device.ts';
import type { Netns } from '../netns/netns.ts';
import type { Family, InetAddr, NexthopInfo, NudState, RouteType, RuleInfo } from './types.ts';

/** NLM_F_* of a request that makes something: `add` is create+excl, `replace` create+replace, `append` create+append, `change` replace. */
export interface NewFlags {
  readonly create?: boolean;
  readonly excl?: boolean;
  readonly replace?: boolean;
  readonly append?: boolean;
}

/** RTM_NEWLINK for a device that exists; absent fields stay as they are. */
export interface LinkSetRequest {
  /** IFF_* bits to set and to clear. */
  readonly setFlags?: number;
  readonly clearFlags?: number;
  readonly name?: string;
  readonly addr?: MacAddr;
  readonly mtu?: number;
  readonly txQueueLen?: number;
  readonly alias?: string;
  readonly group?: number;
  /** ifindex of the new master; 0 for none. */
  readonly master?: number;
  /** The namespace to move to. */
  readonly netns?: Netns;
  /** IFLA_INET6_ADDR_GEN_MODE */
  readonly addrGenMode?: number;
  readonly carrier?: boolean;
  /** IF_LINK_MODE_*: 0 default, 1 dormant. */
  readonly linkMode?: number;
  /** The state to put the device in, if it has none of its own: IF_OPER_UP or IF_OPER_DORMANT. */
  readonly operState?: OperState;
  readonly broadcast?: MacAddr;
  /** The index to take in the new namespace. IFLA_NEW_IFINDEX */
  readonly newIfindex?: number;
  /** Alternative names to add and to take away: RTM_NEWLINKPROP, RTM_DELLINKPROP. */
  readonly addAltNames?: readonly string[];
  readonly delAltNames?: readonly string[];
  /** IFLA_INFO_KIND: what `infoData` is of; EOPNOTSUPP with it if the device is of another kind. */
  readonly kind?: string;
  /** IFLA_INFO_DATA by attribute name in lower case, as in `LinkInfo.infoData`. */
  readonly infoData?: Readonly<Record<string, unknown>>;
  /** IFLA_INFO_SLAVE_DATA (a bridge port's attributes). */
  readonly slaveData?: Readonly<Record<string, unknown>>;
}

/** RTM_NEWLINK for a new device. */
export interface LinkAddRequest extends LinkSetRequest {
  /** IFLA_INFO_KIND */
  readonly kind: string;
  /** Index of the device below: `link DEV`. */
  readonly link?: number;
  readonly ifindex?: number;
  readonly numTxQueues?: number;
  readonly numRxQueues?: number;
  /** A veth's other end. */
  readonly peer?: LinkSetRequest & { readonly ifindex?: number };
}

/** RTM_NEWADDR and RTM_DELADDR. */
export interface AddrRequest {
  readonly family: Family;
  readonly ifindex: number;
  readonly local: InetAddr;
  /** The peer; absent: same as local. */
  readonly address?: InetAddr;
  readonly prefixLen: number;
  readonly broadcast?: Ipv4Addr;
  readonly scope?: number;
  /** IFA_F_* */
  readonly flags?: number;
  readonly label?: string;
  readonly preferredLft?: number;
  readonly validLft?: number;
  readonly metric?: number;
}

/** RTM_NEWROUTE and RTM_DELROUTE; for a deletion absent fields match anything. */
export interface RouteRequest {
  readonly family: Family;
  readonly type?: RouteType;
  readonly dst: InetAddr;
  readonly dstLen: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly scope?: number;
  readonly tos?: number;
  readonly priority?: number;
  readonly prefsrc?: InetAddr;
  /** The nexthop that it goes by, in place of `nexthops`. */
  readonly nhid?: number;
  /** One: `via` and `dev`; more: multipath. */
  readonly nexthops: readonly Partial<NexthopInfo>[];
  readonly metrics?: Readonly<Record<string, number>>;
  /** RTM_F_CLONED: what was learnt of the destination, not a route of a table. */
  readonly cloned?: boolean;
}

/** RTM_NEWNEXTHOP. */
export interface NexthopRequest {
  /** Absent or 0: one that is free. */
  readonly id?: number;
  /** Absent for a group. */
  readonly family?: Family;
  readonly protocol?: number;
  readonly blackhole?: boolean;
  readonly fdb?: boolean;
  readonly ifindex?: number;
  readonly via?: InetAddr;
  /** RTNH_F_ONLINK */
  readonly flags?: number;
  /** The nexthops of a group, each of a weight from 1 to 256. */
  readonly group?: readonly { readonly id: number; readonly weight: number }[];
}

/** RTM_GETROUTE for one destination: `ip route get`. */
export interface RouteGetRequest {
  readonly family: Family;
  readonly dst: InetAddr;
  readonly src?: InetAddr;
  readonly iif?: number;
  readonly oif?: number;
  readonly tos?: number;
  readonly mark?: number;
  readonly uid?: number;
  readonly ipproto?: number;
  readonly sport?: number;
  readonly dport?: number;
  /** RTM_F_FIB_MATCH: the route itself rather than the result. */
  readonly fibMatch?: boolean;
}

/** RTM_NEWNEIGH and RTM_DELNEIGH. */
export interface NeighRequest {
  readonly family: Family;
  readonly ifindex: number;
  readonly dst: InetAddr;
  readonly lladdr?: MacAddr;
  readonly state?: NudState;
  readonly proxy?: boolean;
  readonly router?: boolean;
  readonly protocol?: number;
}

/** RTM_NEWNEIGH and RTM_DELNEIGH of family AF_BRIDGE: `bridge fdb`. */
export interface FdbRequest {
  readonly ifindex: number;
  readonly lladdr: MacAddr;
  readonly vlan?: number;
  readonly self?: boolean;
  readonly master?: boolean;
  /** permanent (local), static, or dynamic (reachable). */
  readonly state?: 'permanent' | 'static' | 'dynamic';
  readonly dst?: InetAddr;
  readonly port?: number;
  readonly vni?: number;
  /** ifindex */
  readonly via?: number;
  readonly sticky?: boolean;
  /** Was learnt elsewhere. NTF_EXT_LEARNED */
  readonly extern?: boolean;
  /** As if a frame had been seen. NTF_USE */
  readonly use?: boolean;
}

/** RTM_NEWRULE and RTM_DELRULE; for a deletion absent fields, and 0, match anything. */
export type RuleRequest = { readonly family: Family } & {
  readonly [K in keyof Omit<RuleInfo, 'family' | 'iifDetached' | 'oifDetached' | 'unresolved'>]?:
    | RuleInfo[K]
    | undefined;
};
