import { type Nanos, SEC } from '@labwire/core/sim';
import type { SockAddr } from '@labwire/devices/sock';

/** What may be said of a server in an upstream. */
export interface PeerOptions {
  readonly weight?: number;
  /** Failures after which it is left alone for a while; 0 for never. */
  readonly maxFails?: number;
  readonly failTimeout?: Nanos;
  readonly down?: boolean;
  readonly backup?: boolean;
}

/** A server that requests are handed on to, and how it has fared. */
export interface Peer extends Required<PeerOptions> {
  readonly addr: SockAddr;
  currentWeight: number;
  effectiveWeight: number;
  fails: number;
  /** When it last failed, and when it was last tried after that. */
  accessed: Nanos;
  checked: Nanos;
}

/** A group of servers that requests are handed on to in turn. */
export interface Upstream {
  readonly name: string;
  readonly peers: readonly Peer[];
}

/** A server with nginx's defaults for what is not said. */
export function makePeer(addr: SockAddr, options: PeerOptions): Peer {
  const weight = options.weight ?? 1;
  return {
    addr,
    weight,
    maxFails: options.maxFails ?? 1,
    failTimeout: options.failTimeout ?? 10 * SEC,
    down: options.down ?? false,
    backup: options.backup ?? false,
    currentWeight: 0,
    effectiveWeight: weight,
    fails: 0,
    accessed: 0,
    checked: 0,
  };
}

/** Chooses servers for one request, smoothly by their weights. nginx src/http/ngx_http_upstream_round_robin.c */
export class Balancer {
  readonly #upstream: Upstream;
  readonly #tried = new Set<Peer>();

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  /** The next server to try; undefined if none is left. ngx_http_upstream_get_round_robin_peer() */
  next(now: Nanos): Peer | undefined {
    const { peers } = this.#upstream;
    const only = peers.length === 1 ? peers[0] : undefined;
    const peer =
      only !== undefined && !only.down && !this.#tried.has(only)
        ? only
        : (heaviest(this.#ready(now, false)) ?? heaviest(this.#ready(now, true)));
    if (peer === undefined) return undefined;
    this.#tried.add(peer);
    if (now - peer.checked > peer.failTimeout) peer.checked = now;
    return peer;
  }

  /** Whether another server may yet be tried. */
  get hasMore(): boolean {
    return this.#upstream.peers.some((p) => !p.down && !this.#tried.has(p));
  }

  #ready(now: Nanos, backup: boolean): Peer[] {
    return this.#upstream.peers.filter(
      (p) =>
        p.backup === backup &&
        !p.down &&
        !this.#tried.has(p) &&
        (p.maxFails === 0 || p.fails < p.maxFails || now - p.checked > p.failTimeout),
    );
  }

  /** How a server did. ngx_http_upstream_free_round_robin_peer() */
  report(peer: Peer, failed: boolean, now: Nanos): void {
    if (!failed) {
      if (peer.accessed < peer.checked) peer.fails = 0;
      return;
    }
    peer.fails++;
    peer.accessed = now;
    peer.checked = now;
    if (peer.maxFails > 0) peer.effectiveWeight -= Math.floor(peer.weight / peer.maxFails);
    if (peer.effectiveWeight < 0) peer.effectiveWeight = 0;
  }
}

function heaviest(peers: readonly Peer[]): Peer | undefined {
  let total = 0;
  let best: Peer | undefined;
  for (const p of peers) {
    p.currentWeight += p.effectiveWeight;
    total += p.effectiveWeight;
    if (p.effectiveWeight < p.weight) p.effectiveWeight++;
    if (best === undefined || p.currentWeight > best.currentWeight) best = p;
  }
  if (best !== undefined) best.currentWeight -= total;
  return best;
}
