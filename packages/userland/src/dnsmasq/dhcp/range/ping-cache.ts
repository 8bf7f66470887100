import type { Ipv4Addr } from '@labwire/core/addr';

/** Seconds for which an address counts as free without another ping. PING_CACHE_TIME */
const CACHE_TIME = 30;
/** Seconds that a ping waits for an answer. PING_WAIT */
export const PING_WAIT = 3;
/** Pings in one time of the cache above which no more are sent. */
const MAX_PINGS = Math.floor((0.6 * CACHE_TIME) / PING_WAIT);

/** What a reply waits for: whether an address answers pings, or time to pass. */
export type ReplyWait = PingWait | { readonly delay: number };

/** Whether somebody has this address. */
export interface PingWait {
  readonly ping: Ipv4Addr;
}

interface PingResult {
  readonly addr: Ipv4Addr;
  readonly time: number;
  /** Of the client that it was offered to. */
  readonly hash: number;
}

/** Addresses that have not answered a ping. dnsmasq src/dhcp.c, do_icmp_ping() */
export class PingCache {
  readonly #enabled: boolean;
  #results: PingResult[] = [];

  /** @param enabled whether addresses are pinged at all: not with --no-ping */
  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /**
   * Asks whether an address is free.
   * @returns undefined if it is in use, else the hash of the client that it was last found free for
   */
  *check(
    addr: Ipv4Addr,
    hash: number,
    now: number,
    loopback: boolean,
  ): Generator<PingWait, number | undefined, boolean> {
    this.#results = this.#results.filter((r) => now - r.time <= CACHE_TIME);
    const known = this.#results.find((r) => r.addr === addr);
    if (known !== undefined) return known.hash;
    if (!this.#enabled || loopback || this.#results.length >= MAX_PINGS) return hash;
    const used = yield { ping: addr };
    if (used) return undefined;
    this.#results.unshift({ addr, time: now, hash });
    return hash;
  }
}
