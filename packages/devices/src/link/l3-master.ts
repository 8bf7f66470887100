import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from './net-device.ts';

/** A device that stands for a layer 3 domain: for programs, what comes in at one of its ports comes in at it. Linux `struct l3mdev_ops` */
export interface L3Master extends NetDevice {
  /** The routing table of its domain. `l3mdev_fib_table` */
  readonly table: number;
  /** Counts a packet that came in at a port: `skb.data` is at its IP header. */
  countRx(skb: SkBuff): void;
  /** Shows a packet to those who capture at the device: `skb.nh` is at its IP header. `dev_queue_xmit_nit()` */
  show(skb: SkBuff): void;
}

/** The routing table of the layer 3 domain that a device is in; 0 if it is in none. `l3mdev_fib_table()` */
export function l3Table(dev: NetDevice): number {
  return dev.l3Master === null ? 0 : dev.l3Master.table;
}

/** Who finds the devices of a namespace by their indexes. */
export interface DevicesByIndex {
  byIndex(ifindex: number): NetDevice | undefined;
}

/** What of a flow its layer 3 domain is found by. Linux `struct flowi_common` */
interface L3Flow {
  oif: number;
  iif: number;
  l3mdev: number;
}

/**
 * Finds the layer 3 domain of a flow by the devices it goes out of or came in through, and lets one that names the domain's own
 * device go out of any. `l3mdev_update_flow()`
 */
export function l3UpdateFlow(devices: DevicesByIndex, flow: L3Flow): void {
  if (flow.oif !== 0) {
    const dev = devices.byIndex(flow.oif);
    if (dev === undefined) return;
    if (flow.l3mdev === 0) flow.l3mdev = dev.l3Master?.ifindex ?? 0;
    if (dev.l3Master === dev) flow.oif = 0;
  } else if (flow.iif > 1 && flow.l3mdev === 0)
    flow.l3mdev = devices.byIndex(flow.iif)?.l3Master?.ifindex ?? 0;
}

/** The table of a flow's layer 3 domain, for a rule that asks for it; 0 if it has none. `l3mdev_fib_rule_match()` */
export function l3FlowTable(devices: DevicesByIndex | null, l3mdev: number): number {
  if (devices === null || l3mdev === 0) return 0;
  const dev = devices.byIndex(l3mdev);
  return dev === undefined || dev.l3Master !== dev ? 0 : dev.l3Master.table;
}
