import type { CongestionControl } from './congestion-control.ts';
import { Cubic } from './cubic.ts';
import { Reno } from './reno.ts';

export type { CongestionControl, CongestionState } from './congestion-control.ts';
export { Cubic } from './cubic.ts';
export { Reno } from './reno.ts';

/** Makes the algorithm of a name: what TCP_CONGESTION and `net.ipv4.tcp_congestion_control` take. */
export function newCongestionControl(name: 'cubic' | 'reno'): CongestionControl {
  return name === 'cubic' ? new Cubic() : new Reno();
}
