import type { NetDevice } from '../link/net-device.ts';
import type { Family, InetAddr } from '../rtnetlink/types.ts';

/** One nexthop of a group. Linux `struct nh_grp_entry` */
export interface GroupMember {
  readonly nh: Nexthop;
  /** 1 to 256. */
  readonly weight: number;
}

/** What a nexthop leads to, which a replacement changes. Linux `struct nh_info` */
export interface NexthopWay {
  /** undefined for a group. */
  readonly family: Family | undefined;
  /** Packets are dropped. */
  readonly blackhole: boolean;
  /** For entries of a vxlan's forwarding database, not for routes. */
  readonly fdb: boolean;
  /** null for a group, a blackhole, and for `fdb`. */
  readonly dev: NetDevice | null;
  readonly gateway: InetAddr | undefined;
  /** RTNH_F_ONLINK */
  readonly flags: number;
  /** RT_SCOPE_* */
  readonly scope: number;
  /** null for one that is no group. */
  readonly group: readonly GroupMember[] | null;
  /** RTPROT_* */
  readonly protocol: number;
}

/** A nexthop that routes name by its id. Linux `struct nexthop` */
export class Nexthop {
  readonly id: number;
  way: NexthopWay;

  constructor(id: number, way: NexthopWay) {
    this.id = id;
    this.way = way;
  }

  /** Whether it, or what it consists of, drops packets. `nexthop_is_blackhole()` */
  get blackhole(): boolean {
    const { group, blackhole } = this.way;
    return group === null ? blackhole : group.length === 1 && group[0]?.nh.way.blackhole === true;
  }

  /** Itself, or the members of the group. */
  get members(): readonly GroupMember[] {
    return this.way.group ?? [{ nh: this, weight: 1 }];
  }
}
