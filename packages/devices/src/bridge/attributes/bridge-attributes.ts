import type { MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type Nanos, SEC } from '@labwire/core/sim';
import { ETH_P_8021AD, ETH_P_8021Q } from '@labwire/core/wire';
import type { Bridge } from '../bridge.ts';
import { HELLO_TIMER, TCN_TIMER, TOPOLOGY_CHANGE_TIMER } from '../stp/index.ts';
import {
  type Attribute,
  type Attributes,
  type AttributeTable,
  changeAttributes,
  fromUserTicks,
  showAttributes,
  timerValue,
  toUserTicks,
} from './attribute.ts';
import { MULTICAST_ATTRIBUTES } from './multicast-attributes.ts';

/** 01:80:c2:00:00:00, the first of sixteen reserved addresses. */
const RESERVED_BASE = 0x0180c2000000;
/** Bits of a mask for STP, pause and LACP, which are never forwarded. BR_GROUPFWD_RESTRICTED */
const GROUPFWD_RESTRICTED = 0x0007;
/** BR_BOOLOPT_* */
const NO_LL_LEARN = 1;
const MCAST_VLAN_SNOOPING = 2;
/** Those that the kernel knows of. */
const BOOLOPTS = 0x3;

/** A protocol time: shown in force, changed for the bridge itself, in force at once on the root. */
function protocolTime(
  inForce: 'maxAge' | 'helloTime' | 'forwardDelay',
  own: 'bridgeMaxAge' | 'bridgeHelloTime' | 'bridgeForwardDelay',
  [least, most]: readonly [Nanos, Nanos],
  limited: (bridge: Bridge) => boolean,
): Attribute<Bridge> {
  return {
    show: ({ stp }) => toUserTicks(stp[inForce]),
    change: (bridge, value) => {
      const time = fromUserTicks(Number(value));
      if (limited(bridge) && (time < least || time > most)) throw new KernelError('ERANGE');
      bridge.fdb.expire();
      bridge.stp[own] = time;
      if (bridge.stp.isRoot) bridge.stp[inForce] = time;
    },
  };
}

function flag(name: 'nfCallIptables' | 'nfCallIp6tables' | 'nfCallArptables'): Attribute<Bridge> {
  return {
    show: (bridge) => Number(bridge[name]),
    change: (bridge, value) => {
      bridge[name] = Number(value) !== 0;
    },
  };
}

function bridgeTimer(kind: 0 | 1 | 2): Attribute<Bridge> {
  return { show: ({ stp, clock }) => timerValue(stp.deadline(kind), clock.now) };
}

const always = (): boolean => true;

const PROTOCOL: AttributeTable<Bridge> = {
  forward_delay: protocolTime(
    'forwardDelay',
    'bridgeForwardDelay',
    [2 * SEC, 30 * SEC],
    (bridge) => bridge.stp.enabled,
  ),
  hello_time: protocolTime('helloTime', 'bridgeHelloTime', [SEC, 10 * SEC], always),
  max_age: protocolTime('maxAge', 'bridgeMaxAge', [6 * SEC, 40 * SEC], always),
  ageing_time: {
    show: ({ stp }) => toUserTicks(stp.ageingTime),
    change: ({ stp, fdb }, value) => {
      fdb.expire();
      stp.bridgeAgeingTime = fromUserTicks(Number(value));
      stp.ageingTime = stp.bridgeAgeingTime;
    },
  },
  stp_state: {
    show: ({ stp }) => Number(stp.enabled),
    change: ({ stp }, value) => stp.setEnabled(Number(value) !== 0),
  },
  priority: {
    show: ({ stp }) => stp.bridgeId.prio,
    change: ({ stp }, value) => stp.setBridgePriority(Number(value)),
  },
  vlan_filtering: {
    show: (bridge) => Number(bridge.filtersVlans),
    change: (bridge, value) => {
      if (Number(value) !== 0) bridge.vlanAware();
      bridge.filtersVlans = Number(value) !== 0;
      bridge.chooseGroupAddr();
    },
  },
  vlan_protocol: {
    show: ({ vlanFilter }) => vlanFilter?.protocol,
    change: (bridge, value) => {
      if (value !== ETH_P_8021Q && value !== ETH_P_8021AD) throw new KernelError('EPROTONOSUPPORT');
      if (value === (bridge.vlanFilter?.protocol ?? ETH_P_8021Q)) return;
      bridge.vlanAware().protocol = value;
      bridge.chooseGroupAddr();
    },
  },
  vlan_default_pvid: {
    show: ({ vlanFilter }) => vlanFilter?.defaultPvid,
    change: (bridge, value) => {
      if (Number(value) >= 4095) throw new KernelError('EINVAL');
      bridge.vlanAware().setDefaultPvid(Number(value));
    },
  },
  vlan_stats_enabled: {
    show: ({ vlanFilter }) => (vlanFilter === null ? undefined : Number(vlanFilter.counts)),
    change: (bridge, value) => {
      if (Number(value) > 1) throw new KernelError('EINVAL');
      if (bridge.vlanFilter !== null || Number(value) !== 0)
        bridge.vlanAware().counts = Number(value) !== 0;
    },
  },
  vlan_stats_per_port: {
    show: ({ vlanFilter }) => (vlanFilter === null ? undefined : Number(vlanFilter.countsPerPort)),
    change: (bridge, value) => {
      if (Number(value) > 1) throw new KernelError('EINVAL');
      if (bridge.portList.length > 0) throw new KernelError('EBUSY');
      if (bridge.vlanFilter !== null || Number(value) !== 0)
        bridge.vlanAware().countsPerPort = Number(value) !== 0;
    },
  },
  bridge_id: { show: ({ stp }) => stp.bridgeId },
  root_id: { show: ({ stp }) => stp.designatedRoot },
  root_port: { show: ({ stp }) => stp.rootPort },
  root_path_cost: { show: ({ stp }) => stp.rootPathCost },
  topology_change: { show: ({ stp }) => Number(stp.topologyChange) },
  topology_change_detected: { show: ({ stp }) => Number(stp.topologyChangeDetected) },
  hello_timer: bridgeTimer(HELLO_TIMER),
  tcn_timer: bridgeTimer(TCN_TIMER),
  topology_change_timer: bridgeTimer(TOPOLOGY_CHANGE_TIMER),
  gc_timer: { show: (bridge) => timerValue(bridge.fdb.gcDeadline(), bridge.clock.now) },
};

const FORWARDING: AttributeTable<Bridge> = {
  group_fwd_mask: {
    show: (bridge) => bridge.groupFwdMask,
    change: (bridge, value) => {
      if ((Number(value) & GROUPFWD_RESTRICTED) !== 0) throw new KernelError('EINVAL');
      bridge.groupFwdMask = Number(value);
    },
  },
  group_addr: {
    show: (bridge) => bridge.groupAddr,
    change: (bridge, value) => {
      const digit = Number(value) - RESERVED_BASE;
      if (!(digit >= 0 && digit <= 0xf) || (digit >= 1 && digit <= 3))
        throw new KernelError('EINVAL');
      bridge.groupAddr = value as MacAddr;
      bridge.groupAddrWasSet = true;
    },
  },
  fdb_flush: { change: (bridge) => bridge.fdb.flush() },
  multi_boolopt: {
    show: (bridge) => ({ optval: bridge.noLinkLocalLearn ? NO_LL_LEARN : 0, optmask: BOOLOPTS }),
    change: (bridge, value) => {
      const { optval, optmask } = value as { readonly optval: number; readonly optmask: number };
      if ((optval & MCAST_VLAN_SNOOPING) !== 0 && !bridge.filtersVlans)
        throw new KernelError(
          'EINVAL',
          'bridge: Cannot enable multicast vlan snooping with vlan filtering disabled',
        );
      if ((optval & MCAST_VLAN_SNOOPING) !== 0)
        throw new KernelError(
          'EOPNOTSUPP',
          'Labwire does not act on mcast_vlan_snooping: it stays 0',
        );
      if ((optmask & NO_LL_LEARN) !== 0) bridge.noLinkLocalLearn = (optval & NO_LL_LEARN) !== 0;
    },
  },
};

const NETFILTER: AttributeTable<Bridge> = {
  nf_call_iptables: flag('nfCallIptables'),
  nf_call_ip6tables: flag('nfCallIp6tables'),
  nf_call_arptables: flag('nfCallArptables'),
};

/** IFLA_BR_* without the prefix, in lower case. Linux net/bridge/br_netlink.c, br_fill_info() and br_changelink(). */
const BRIDGE_ATTRIBUTES: AttributeTable<Bridge> = {
  ...PROTOCOL,
  ...FORWARDING,
  ...MULTICAST_ATTRIBUTES,
  ...NETFILTER,
};

/** What `ip -d link` prints of a bridge. */
export function bridgeData(bridge: Bridge): Attributes {
  return showAttributes(BRIDGE_ATTRIBUTES, bridge);
}

/** `ip link set … type bridge`. @throws {@link KernelError} ERANGE, EINVAL, EOPNOTSUPP */
export function changeBridge(bridge: Bridge, data: Attributes): void {
  changeAttributes(BRIDGE_ATTRIBUTES, bridge, data, 'bridge');
}
