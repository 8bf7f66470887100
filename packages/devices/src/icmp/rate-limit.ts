import { type Nanos, SEC } from '@labwire/core/sim';

/** Messages that a destination may get at once after a pause. XRLIM_BURST_FACTOR */
const BURST_FACTOR = 6;
/** Nanos that one error about a missing route costs, and that a host may save up. `ip_rt_error_cost`, `ip_rt_error_burst` */
const ERROR_COST: Nanos = SEC;
const ERROR_BURST: Nanos = 5 * SEC;
/** Redirects after which a host that does not listen gets no more. net.ipv4.route.redirect_number */
const REDIRECT_NUMBER = 9;
/** Nanos between the first two redirects to a host. net.ipv4.route.redirect_load */
const REDIRECT_LOAD: Nanos = 20_000_000;
/** Nanos after which a host gets redirects again. net.ipv4.route.redirect_silence */
const REDIRECT_SILENCE: Nanos = 20.48 * SEC;
/** Destinations that are remembered. */
const MAX_PEERS = 4096;

/** What is remembered of one destination. Linux `struct inet_peer`. */
class InetPeer {
  tokens: Nanos = 0;
  last: Nanos = -60 * SEC;
  redirects = 0;
}

/** Keeps ICMP messages from flooding. Linux net/ipv4/icmp.c, net/ipv4/route.c. */
export class IcmpRateLimit {
  readonly #peers = new Map<number, InetPeer>();
  #credit = -1;
  #stamp: Nanos = 0;

  #peer(daddr: number): InetPeer {
    let peer = this.#peers.get(daddr);
    if (peer === undefined) {
      const oldest = this.#peers.size >= MAX_PEERS ? this.#peers.keys().next().value : undefined;
      if (oldest !== undefined) this.#peers.delete(oldest);
      peer = new InetPeer();
      this.#peers.set(daddr, peer);
    }
    return peer;
  }

  /** Takes one of the messages that the namespace may send in all. `icmp_global_allow()` */
  allowGlobal(now: Nanos, perSec: number, burst: number): boolean {
    if (this.#credit < 0) this.#credit = burst;
    const earned = Math.floor(((now - this.#stamp) * perSec) / SEC);
    if (earned > 0) {
      this.#credit = Math.min(burst, this.#credit + earned);
      this.#stamp = now;
    }
    if (this.#credit < 1) return false;
    this.#credit--;
    return true;
  }

  /** Takes one of the messages that a destination may get, one every `interval`. `inet_peer_xrlim_allow()` */
  allowPeer(now: Nanos, daddr: number, interval: Nanos): boolean {
    if (interval === 0) return true;
    const peer = this.#peer(daddr);
    peer.tokens = Math.min(peer.tokens + now - peer.last, BURST_FACTOR * interval);
    peer.last = now;
    if (peer.tokens < interval) return false;
    peer.tokens -= interval;
    return true;
  }

  /** Takes one of the errors about missing routes that a host may get; they count as messages to it too. `ip_error()` */
  allowError(now: Nanos, host: number): boolean {
    const peer = this.#peer(host);
    peer.tokens = Math.min(peer.tokens + now - peer.last, ERROR_BURST);
    peer.last = now;
    if (peer.tokens < ERROR_COST) return false;
    peer.tokens -= ERROR_COST;
    return true;
  }

  /** Whether a host may be sent another redirect: ever more seldom, at last no more. `ip_rt_send_redirect()` */
  allowRedirect(now: Nanos, host: number): boolean {
    const peer = this.#peer(host);
    if (now > peer.last + REDIRECT_SILENCE) {
      peer.tokens = 0;
      peer.redirects = 0;
    }
    if (peer.redirects >= REDIRECT_NUMBER) {
      peer.last = now;
      return false;
    }
    if (peer.redirects > 0 && now <= peer.last + REDIRECT_LOAD * 2 ** peer.redirects) return false;
    peer.last = now;
    peer.redirects++;
    return true;
  }
}
