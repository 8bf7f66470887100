import type { Nanos } from '@labwire/core/sim';
import type { Socket } from '@labwire/devices/sock';
import type { ServerRule } from '../../config/index.ts';

/** A rule and, where it leads to a server, how that has done. dnsmasq src/dnsmasq.h, struct server */
export class DomainServer {
  readonly rule: ServerRule;
  /** Its place among servers, for --strict-order. */
  serial = 0;
  /** Its place in the table. */
  position = 0;
  /** Of the first server of a group: the place of the one that answered last; -1 for none. */
  lastServer = -1;
  /** Of the first server of a group: queries since all were last asked, and when that was (seconds). */
  forwardCount = 0;
  forwardTime = 0;
  queries = 0;
  failed = 0;
  retries = 0;
  /** When its answers were found to get lost unless they are small (seconds). */
  reducedAt: number = Number.NEGATIVE_INFINITY;
  nxdomains = 0;
  /** Milliseconds, and its moving sum. */
  latency = 0;
  #latencySum = 0;
  /** The socket that all its queries go out of, if its source port is given. */
  socket: Socket | undefined;

  constructor(rule: ServerRule) {
    this.rule = rule;
  }

  /** Takes the time of an answer into account. */
  noteLatency(sent: Nanos, now: Nanos): void {
    const millis = Math.round((now - sent) / 1e6);
    if (this.latency === 0) this.#latencySum = millis * 128;
    else this.#latencySum += millis - this.latency;
    this.latency = Math.trunc(this.#latencySum / 128);
  }
}
