import { KernelError } from '@labwire/core/error';
import type { Netns } from './netns.ts';

/** The ids by which one namespace knows others: what `ip netns list` shows as `(id: N)`. Linux net/core/net_namespace.c. */
export class NetnsIds {
  #ids: Map<Netns, number> | null = null;

  /** The id of a namespace, giving it the lowest free one if it has none. `peernet2id_alloc()` */
  alloc(peer: Netns): number {
    const known = this.lookup(peer);
    if (known !== undefined) return known;
    const used = new Set(this.#ids?.values());
    let id = 0;
    while (used.has(id)) id++;
    this.#put(peer, id);
    return id;
  }

  /** The id of a namespace; undefined if it has none. `peernet2id()` */
  lookup(peer: Netns): number | undefined {
    return this.#ids?.get(peer);
  }

  /** Gives a namespace an id. RTM_NEWNSID @throws {@link KernelError} EEXIST */
  assign(peer: Netns, id: number): void {
    if (this.lookup(peer) !== undefined)
      throw new KernelError('EEXIST', 'Peer netns already has a nsid assigned');
    for (const used of this.#ids?.values() ?? [])
      if (used === id) throw new KernelError('EEXIST', 'The specified nsid is already used');
    this.#put(peer, id);
  }

  /** Forgets a namespace that is gone. `unhash_nsid()` */
  forget(peer: Netns): void {
    this.#ids?.delete(peer);
  }

  /** All ids with their namespaces, in order of the ids. RTM_GETNSID with NLM_F_DUMP */
  list(): readonly (readonly [peer: Netns, id: number])[] {
    return [...(this.#ids ?? [])].sort((a, b) => a[1] - b[1]);
  }

  #put(peer: Netns, id: number): void {
    this.#ids ??= new Map();
    this.#ids.set(peer, id);
  }
}
