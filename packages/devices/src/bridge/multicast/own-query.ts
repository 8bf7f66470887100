import { Timer, type TimerOwner } from '@labwire/core/sim';
import type { Bridge } from '../bridge.ts';
import type { BridgePort } from '../port.ts';
import type { McastFamily } from './port-multicast.ts';
import { sendQuery } from './send-query.ts';

/** The general queries of one family that a bridge sends to one port, or with null to itself. Linux `struct bridge_mcast_own_query`. */
export class OwnQuery implements TimerOwner {
  readonly #bridge: Bridge;
  readonly #port: BridgePort | null;
  readonly #family: McastFamily;
  readonly #timer: Timer;
  #startupSent = 0;

  constructor(bridge: Bridge, port: BridgePort | null, family: McastFamily) {
    this.#bridge = bridge;
    this.#port = port;
    this.#family = family;
    this.#timer = new Timer(bridge.clock, this, 0);
  }

  /** Whether another is to follow. */
  get running(): boolean {
    return this.#timer.armed;
  }

  /** Asks now, and some times more in short intervals. `__br_multicast_open_query()`, `br_multicast_enable()` */
  start(): void {
    this.#startupSent = 0;
    this.#timer.arm(0);
  }

  /** Asks next when a query about one group has been answered. */
  postpone(delay: number): void {
    this.#timer.arm(delay);
  }

  stop(): void {
    this.#timer.cancel();
  }

  /** `br_multicast_query_expired()`, `br_multicast_port_query_expired()`, `br_multicast_send_query()` */
  onTimer(): void {
    const { mcast, isUp } = this.#bridge;
    const port = this.#port;
    if (port !== null && (port.state === 'disabled' || port.state === 'blocking')) return;
    if (this.#startupSent < mcast.startupQueryCount) this.#startupSent++;
    if (!isUp || !mcast.snooping || !mcast.querier) return;
    if (mcast.other(this.#family).pending) return;
    sendQuery(this.#bridge, port, this.#family, null);
    const starting = this.#startupSent < mcast.startupQueryCount;
    this.#timer.arm(starting ? mcast.startupQueryInterval : mcast.queryInterval);
  }
}
