import { KernelError } from '@labwire/core/error';
import type { NetDevice } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import { type Qdisc, TC_H_CLSACT_HANDLE, TcScheduler } from '../../qdisc/index.ts';
import type { TcStatsInfo } from './types.ts';

/** The device of a request. @throws {@link KernelError} ENODEV */
export function deviceOf(netns: Netns, ifindex: number): NetDevice {
  const dev = netns.devices.byIndex(ifindex);
  if (dev === undefined) throw new KernelError('ENODEV');
  return dev;
}

/** What `tc` has put on a device, made when first needed. */
export function schedulerOf(dev: NetDevice): TcScheduler {
  dev.tc ??= new TcScheduler(dev);
  return dev.tc;
}

/** A qdisc of a device by its handle; the default one has none. */
export function qdiscOf(dev: NetDevice, handle: number): Qdisc | undefined {
  if (handle === TC_H_CLSACT_HANDLE) return dev.tc?.clsact ?? undefined;
  return dev.tc?.byHandle(handle);
}

/** The counters of a qdisc or class. */
export function statsOf(q: {
  readonly stats: Omit<TcStatsInfo, 'qlen' | 'backlog'>;
  readonly qlen: number;
  readonly backlog: number;
}): TcStatsInfo {
  const { bytes, packets, drops, overlimits, requeues } = q.stats;
  return { bytes, packets, drops, overlimits, requeues, qlen: q.qlen, backlog: q.backlog };
}
