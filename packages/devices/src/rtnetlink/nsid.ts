import type { Netns } from '../netns/netns.ts';

/** The id by which `netns` knows `peer`; -1 if it has none. RTM_GETNSID */
export function nsidGet(netns: Netns, peer: Netns): number {
  return netns.nsids.lookup(peer) ?? -1;
}

/** Gives `peer` an id in `netns`; -1: the lowest free one. RTM_NEWNSID @throws {@link KernelError} EEXIST */
export function nsidSet(netns: Netns, peer: Netns, id: number): void {
  if (id >= 0) netns.nsids.assign(peer, id);
  else netns.nsids.alloc(peer);
}
