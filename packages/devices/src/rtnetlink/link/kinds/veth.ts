import { KernelError } from '@labwire/core/error';
import {
  checkStationAddr,
  IFF_UP,
  type NetDevice,
  Veth,
  type VethEnd,
} from '../../../link/index.ts';
import type { Netns } from '../../../netns/netns.ts';
import type { LinkSetRequest } from '../../requests.ts';
import { checkName, finishLink, type LinkPlan } from './new-link.ts';

/** Least and greatest MTU of Ethernet. Linux include/uapi/linux/if_ether.h. */
const ETH_MIN_MTU = 68;
const ETH_MAX_MTU = 65_535;

/** `veth_newlink()` */
export function newVeth({ netns, request, pattern }: LinkPlan): NetDevice {
  const peer = request.peer ?? {};
  checkVeth(request);
  checkVeth(peer);
  const peerPattern = peer.name ?? 'veth%d';
  checkName(peerPattern);
  if (((peer.setFlags ?? 0) & IFF_UP) !== 0) throw new KernelError('ENOTCONN');
  const [dev, other] = Veth.createPair(
    vethEnd(netns, pattern, request),
    vethEnd(peer.netns ?? netns, peerPattern, peer),
  );
  finishLink(other, peer);
  dev.numTxQueues = request.numTxQueues ?? dev.numTxQueues;
  dev.numRxQueues = request.numRxQueues ?? dev.numRxQueues;
  return dev;
}

/** `veth_validate()`: refuses without a word what other kinds explain. */
function checkVeth(end: LinkSetRequest): void {
  if (end.addr !== undefined) checkStationAddr(end.addr);
  if (end.mtu !== undefined && (end.mtu < ETH_MIN_MTU || end.mtu > ETH_MAX_MTU))
    throw new KernelError('EINVAL');
}

function vethEnd(
  netns: Netns,
  name: string,
  end: LinkSetRequest & { readonly ifindex?: number },
): VethEnd {
  return {
    netns,
    name,
    ...(end.addr === undefined ? {} : { addr: end.addr }),
    ...(end.ifindex === undefined ? {} : { ifindex: end.ifindex }),
  };
}
