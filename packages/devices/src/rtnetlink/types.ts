import type { Ipv4Addr, Ipv6Addr, MacAddr } from '@labwire/core/addr';
import type { OperState } from '../link/net-device.ts';

/** An address of either family: a number is IPv4. */
export type InetAddr = Ipv4Addr | Ipv6Addr;
/** Address families as `ip` names them. */
export type Family = 'inet' | 'inet6';

/** What RTM_GETLINK answers about one device: Linux net/core/rtnetlink.c, rtnl_fill_ifinfo(). */
export interface LinkInfo {
  readonly ifindex: number;
  readonly name: string;
  /** ARPHRD_*: 1 ether, 772 loopback, 65534 none. */
  readonly arphrd: number;
  /** IFF_* as dev_get_flags() gives them, with RUNNING and LOWER_UP. */
  readonly flags: number;
  readonly mtu: number;
  readonly minMtu: number;
  readonly maxMtu: number;
  readonly qdisc: string;
  readonly operState: OperState;
  /** 0 default, 1 dormant. */
  readonly linkMode: number;
  readonly group: number;
  readonly txQueueLen: number;
  readonly addr: MacAddr;
  readonly broadcast: MacAddr;
  readonly permAddr: MacAddr | undefined;
  readonly alias: string | undefined;
  readonly altNames: readonly string[];
  /** Index of the device at the other end or below; equals nothing here if it is in another namespace. */
  readonly linkIfindex: number | undefined;
  /** The id of that device's namespace as seen from here, if it is another one; -1 if it has no id. */
  readonly linkNetnsid: number | undefined;
  readonly masterIfindex: number | undefined;
  readonly promiscuity: number;
  readonly allmulti: number;
  readonly numTxQueues: number;
  readonly numRxQueues: number;
  readonly gsoMaxSize: number;
  readonly gsoMaxSegs: number;
  /** IFLA_TSO_MAX_SIZE, IFLA_TSO_MAX_SEGS, IFLA_GRO_MAX_SIZE; shown by `ip -d` where present. */
  readonly tsoMaxSize?: number;
  readonly tsoMaxSegs?: number;
  readonly groMaxSize?: number;
  /** IFLA_INFO_KIND: veth, bridge, dummy, vlan, macvlan, …; undefined for a NIC and for lo. */
  readonly kind: string | undefined;
  /** IFLA_INFO_DATA by the kernel's attribute names in lower case without prefix (`forward_delay`); values in kernel units. */
  readonly infoData: Readonly<Record<string, unknown>> | undefined;
  /** IFLA_INFO_SLAVE_KIND and its data, for a port. */
  readonly slaveKind: string | undefined;
  readonly slaveData: Readonly<Record<string, unknown>> | undefined;
  /** IFLA_INET6_ADDR_GEN_MODE: 0 eui64, 1 none. */
  readonly addrGenMode: number;
  readonly carrierChanges: number;
  readonly stats: Readonly<LinkStatsInfo>;
}

/** A bridge id in `infoData` and `slaveData`: IFLA_BR_BRIDGE_ID, `struct ifla_bridge_id`. */
export interface BridgeId {
  readonly prio: number;
  readonly addr: MacAddr;
}

/** Counters of one device. */
export interface LinkStatsInfo {
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDropped: number;
  readonly txDropped: number;
  readonly multicast: number;
  readonly collisions: number;
  readonly txCarrierErrors: number;
}

/** What RTM_GETADDR answers about one address. */
export interface AddrInfo {
  readonly family: Family;
  readonly ifindex: number;
  readonly local: InetAddr;
  /** The peer of a point-to-point address; equals `local` otherwise. */
  readonly address: InetAddr;
  readonly prefixLen: number;
  readonly broadcast: Ipv4Addr | undefined;
  /** RT_SCOPE_*: 0 global, 200 site, 253 link, 254 host. */
  readonly scope: number;
  /** IFA_F_*: 0x01 secondary, 0x40 tentative, 0x08 dadfailed, 0x80 permanent, 0x100 mngtmpaddr, 0x200 noprefixroute, 0x20 deprecated. */
  readonly flags: number;
  readonly label: string | undefined;
  /** Seconds; 0xffffffff for ever. */
  readonly preferredLft: number;
  readonly validLft: number;
  /** IFA_PROTO: 0 unspecified, 1 kernel_lo, 2 kernel_ra, 3 kernel_ll. */
  readonly proto: number;
  /** rt_priority of its prefix route; 0 default. */
  readonly metric: number;
}

/** One next hop of a route. */
export interface NexthopInfo {
  readonly ifindex: number;
  readonly via: InetAddr | undefined;
  /** 1 to 256. */
  readonly weight: number;
  /** RTNH_F_*: 1 dead, 4 onlink, 16 linkdown. */
  readonly flags: number;
}

/** What RTM_GETNEXTHOP answers about one nexthop. */
export interface NexthopObjectInfo {
  readonly id: number;
  /** undefined for a group. */
  readonly family: Family | undefined;
  readonly protocol: number;
  readonly blackhole: boolean;
  readonly fdb: boolean;
  readonly ifindex: number | undefined;
  readonly via: InetAddr | undefined;
  /** RTNH_F_* */
  readonly flags: number;
  readonly scope: number;
  /** undefined for one that is no group. */
  readonly group: readonly { readonly id: number; readonly weight: number }[] | undefined;
}

/** RTN_*: 1 unicast, 2 local, 3 broadcast, 4 anycast, 5 multicast, 6 blackhole, 7 unreachable, 8 prohibit, 9 throw. */
export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw';

/** Flag of a route that is what a look-up found, not one of a table. Linux include/uapi/linux/rtnetlink.h */
export const RTM_F_CLONED = 0x200;

/** What RTM_GETROUTE answers about one route. */
export interface RouteInfo {
  readonly family: Family;
  readonly type: RouteType;
  readonly dst: InetAddr;
  readonly dstLen: number;
  readonly table: number;
  /** RTPROT_*: 1 redirect, 2 kernel, 3 boot, 4 static, 9 ra, 16 dhcp. */
  readonly protocol: number;
  /** RT_SCOPE_* */
  readonly scope: number;
  readonly tos: number;
  readonly priority: number;
  readonly prefsrc: InetAddr | undefined;
  /** The nexthop that it goes by; absent for none. */
  readonly nhid?: number;
  /** Its next hops are shown one by one, be it only one. RTA_MULTIPATH */
  readonly multipath?: boolean;
  readonly nexthops: readonly NexthopInfo[];
  /** RTAX_* metrics by name: mtu, advmss, window, rtt, initcwnd, hoplimit, … */
  readonly metrics: Readonly<Record<string, number>>;
  /** RTM_F_CLONED and the like of a looked-up route, for `ip route get`. */
  readonly cacheFlags: number;
  /** Seconds; for a route that expires. */
  readonly expires: number | undefined;
}

/** NUD_* states by name. */
export type NudState =
  | 'NONE'
  | 'INCOMPLETE'
  | 'REACHABLE'
  | 'STALE'
  | 'DELAY'
  | 'PROBE'
  | 'FAILED'
  | 'NOARP'
  | 'PERMANENT';

/** What RTM_GETNEIGH answers about one neighbour. */
export interface NeighInfo {
  readonly family: Family;
  readonly ifindex: number;
  readonly dst: InetAddr;
  readonly lladdr: MacAddr | undefined;
  readonly state: NudState;
  /** NTF_PROXY entry: `ip neigh show proxy`. */
  readonly proxy: boolean;
  /** NTF_ROUTER. */
  readonly router: boolean;
  readonly refcnt: number;
  /** Seconds since used, confirmed, updated. */
  readonly used: number;
  readonly confirmed: number;
  readonly updated: number;
  readonly probes: number;
  readonly protocol: number;
}

/** One entry of a bridge's forwarding database, or of a device's address list. */
export interface FdbInfo {
  readonly lladdr: MacAddr;
  readonly ifindex: number;
  readonly masterIfindex: number | undefined;
  readonly vlan: number;
  /** NTF_SELF, NTF_MASTER */
  readonly self: boolean;
  readonly master: boolean;
  /** permanent (local), noarp (static), reachable, stale */
  readonly state: 'permanent' | 'static' | 'reachable' | 'stale';
  readonly extern: boolean;
  /** Where vxlan sends to. */
  readonly dst: InetAddr | undefined;
  /** UDP port, network number and device of that, where they are not the device's own. */
  readonly port?: number;
  readonly vni?: number;
  readonly viaIfindex?: number;
  readonly offload: boolean;
  readonly sticky: boolean;
  /** Seconds since used and updated. */
  readonly used: number;
  readonly updated: number;
}

/** What a policy rule does with the packets that it holds for. FR_ACT_* */
export type RuleAction = 'to_tbl' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit';

/** A closed range of ports or user ids. */
export interface RuleRange {
  readonly start: number;
  readonly end: number;
}

/** What RTM_GETRULE answers about one policy rule. */
export interface RuleInfo {
  readonly family: Family;
  readonly priority: number;
  readonly action: RuleAction;
  /** 0 if the action is not to look a table up. */
  readonly table: number;
  /** undefined for all. */
  readonly src: InetAddr | undefined;
  readonly srcLen: number;
  readonly dst: InetAddr | undefined;
  readonly dstLen: number;
  readonly tos: number;
  readonly iifname: string | undefined;
  /** No device has that name. FIB_RULE_IIF_DETACHED */
  readonly iifDetached: boolean;
  readonly oifname: string | undefined;
  readonly oifDetached: boolean;
  readonly mark: number;
  readonly mask: number;
  readonly invert: boolean;
  /** 0 for any. */
  readonly ipproto: number;
  readonly sport: RuleRange | undefined;
  readonly dport: RuleRange | undefined;
  readonly uidRange: RuleRange | undefined;
  /** -1 for none. */
  readonly suppressPrefixLen: number;
  /** The table is that of the flow's layer 3 domain. FRA_L3MDEV */
  readonly l3mdev: boolean;
  /** Priority of the rule that `goto` leads to. */
  readonly goto: number;
  /** No rule has that priority. FIB_RULE_UNRESOLVED */
  readonly unresolved: boolean;
  /** RTPROT_* */
  readonly protocol: number;
}
