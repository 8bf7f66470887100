import { KernelError } from '@labwire/core/error';
import type { BridgePort } from '../port.ts';
import {
  FORWARD_DELAY_TIMER,
  HOLD_TIMER,
  MESSAGE_AGE_TIMER,
  PORT_STATES,
  portStateNumber,
} from '../stp/index.ts';
import {
  type Attribute,
  type Attributes,
  type AttributeTable,
  changeAttributes,
  fixed,
  showAttributes,
  timerValue,
} from './attribute.ts';

/** A mask's bit for pause frames, which are never forwarded. BR_GROUPFWD_MACPAUSE */
const GROUPFWD_MACPAUSE = 0x2;
/** 16 bits less the ten of the port number. BR_MAX_PORT_PRIORITY */
const MAX_PRIORITY = 63;
const MAX_PATH_COST = 65_535;

type PortFlag =
  | 'hairpin'
  | 'guard'
  | 'rootBlock'
  | 'learning'
  | 'flood'
  | 'mcastFlood'
  | 'bcastFlood'
  | 'locked'
  | 'proxyArp'
  | 'proxyArpWifi'
  | 'neighSuppress'
  | 'fastLeave'
  | 'mcastToUnicast'
  | 'isolated';

function flag(name: PortFlag): Attribute<BridgePort> {
  return {
    show: (port) => Number(port[name]),
    change: (port, value) => {
      port[name] = Number(value) !== 0;
    },
  };
}

function portTimer(kind: 0 | 1 | 2): Attribute<BridgePort> {
  return { show: (port) => timerValue(port.deadline(kind), port.bridge.clock.now) };
}

/** `br_set_port_state()` */
function setState(port: BridgePort, value: unknown): void {
  const state = PORT_STATES[Number(value)];
  const { dev, bridge } = port;
  if (state === undefined) throw new KernelError('EINVAL');
  if (bridge.stp.enabled) throw new KernelError('EBUSY');
  if (!dev.isUp || (!dev.operUp && state !== 'disabled')) throw new KernelError('ENETDOWN');
  bridge.stp.setState(port, state);
  bridge.stp.portStateSelection();
}

/** `nbp_backup_change()` */
function backupOf(port: BridgePort, ifindex: number): BridgePort {
  const { bridge, dev } = port;
  const backup = bridge.netns?.devices.byIndex(ifindex);
  if (backup === undefined || backup.master?.linkType !== 'bridge') throw new KernelError('ENOENT');
  const found = bridge.portOf(backup);
  if (found === undefined || backup === dev) throw new KernelError('EINVAL');
  return found;
}

/** IFLA_BRPORT_* without the prefix, in lower case. Linux net/bridge/br_netlink.c, br_port_fill_attrs() and br_setport(). */
const PORT_ATTRIBUTES: AttributeTable<BridgePort> = {
  mode: flag('hairpin'),
  guard: flag('guard'),
  protect: flag('rootBlock'),
  fast_leave: flag('fastLeave'),
  learning: flag('learning'),
  unicast_flood: flag('flood'),
  mcast_flood: flag('mcastFlood'),
  bcast_flood: flag('bcastFlood'),
  mcast_to_ucast: flag('mcastToUnicast'),
  proxyarp: flag('proxyArp'),
  proxyarp_wifi: flag('proxyArpWifi'),
  vlan_tunnel: fixed(0),
  neigh_suppress: flag('neighSuppress'),
  isolated: flag('isolated'),
  locked: flag('locked'),
  mab: fixed(0),
  cost: {
    show: (port) => port.pathCost,
    change: (port, value) => {
      const cost = Number(value);
      if (!(cost >= 1 && cost <= MAX_PATH_COST)) throw new KernelError('ERANGE');
      port.bridge.stp.setPathCost(port, cost);
    },
  },
  priority: {
    show: (port) => port.priority,
    change: (port, value) => {
      if (!(Number(value) <= MAX_PRIORITY)) throw new KernelError('ERANGE');
      port.bridge.stp.setPortPriority(port, Number(value));
    },
  },
  state: { show: (port) => portStateNumber(port.state), change: setState },
  flush: { change: (port) => port.bridge.fdb.deletePort(port, false) },
  multicast_router: {
    show: (port) => port.mcast.router,
    change: (port, value) => {
      if (!port.bridge.mcast.setPortRouter(port, Number(value))) throw new KernelError('EINVAL');
    },
  },
  group_fwd_mask: {
    show: (port) => port.groupFwdMask,
    change: (port, value) => {
      if ((Number(value) & GROUPFWD_MACPAUSE) !== 0) throw new KernelError('EINVAL');
      port.groupFwdMask = Number(value);
    },
  },
  backup_port: {
    show: (port) => port.backupPort?.dev.ifindex,
    change: (port, value) => {
      port.backupPort = Number(value) === 0 ? null : backupOf(port, Number(value));
    },
  },
  root_id: { show: (port) => port.designatedRoot },
  bridge_id: { show: (port) => port.designatedBridge },
  designated_port: { show: (port) => port.designatedPort },
  designated_cost: { show: (port) => port.designatedCost },
  id: { show: (port) => port.id },
  no: { show: (port) => port.no },
  topology_change_ack: { show: (port) => Number(port.topologyChangeAck) },
  config_pending: { show: (port) => Number(port.configPending) },
  message_age_timer: portTimer(MESSAGE_AGE_TIMER),
  forward_delay_timer: portTimer(FORWARD_DELAY_TIMER),
  hold_timer: portTimer(HOLD_TIMER),
};

/** What `ip -d link` and `bridge -d link` print of a port. */
export function portData(port: BridgePort): Attributes {
  return showAttributes(PORT_ATTRIBUTES, port);
}

/** `ip link set … type bridge_slave` and `bridge link set`. @throws {@link KernelError} ERANGE, EINVAL, EBUSY, ENETDOWN, EOPNOTSUPP */
export function changePort(port: BridgePort, data: Attributes): void {
  changeAttributes(PORT_ATTRIBUTES, port, data, 'bridge port');
}
