import type { MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { Bridge } from '../../bridge/index.ts';
import {
  allocName,
  changeFlags,
  checkMtu,
  checkStationAddr,
  Dummy,
  IFF_UP,
  isValidIfname,
  type NetDevice,
  registerNetdevice,
  unregisterNetdevice,
  Veth,
  type VethEnd,
} from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { LinkAddRequest, LinkSetRequest } from '../requests.ts';
import { setMaster } from './link-set.ts';

/** Least and greatest MTU of Ethernet. Linux include/uapi/linux/if_ether.h. */
const ETH_MIN_MTU = 68;
const ETH_MAX_MTU = 65_535;

/** What makes a device of one kind: checks its attributes, creates and registers. `rtnl_link_ops.newlink` */
type NewLink = (netns: Netns, request: LinkAddRequest, pattern: string) => NetDevice;

const KINDS: Readonly<Record<string, NewLink>> = {
  veth: newVeth,
  dummy: (netns, request, pattern) =>
    newSingle(netns, request, (addr) => new Dummy(allocName(netns, pattern), addr)),
  bridge: newBridge,
  tun: refuseTun,
};

/**
 * Makes a device. RTM_NEWLINK with NLM_F_CREATE and NLM_F_EXCL
 * @returns its index
 * @throws {@link KernelError} EOPNOTSUPP `Unknown device type`, EEXIST, EINVAL, … with the kernel's words
 */
export function linkAdd(netns: Netns, request: LinkAddRequest): number {
  const target = request.netns ?? netns;
  refuseTaken(target, request);
  const newLink = KINDS[request.kind];
  if (newLink === undefined || !Object.hasOwn(KINDS, request.kind))
    throw new KernelError('EOPNOTSUPP', 'Unknown device type');
  const pattern = request.name ?? `${request.kind}%d`;
  checkName(pattern);
  const dev = newLink(target, request, pattern);
  try {
    applyTo(dev, request);
  } catch (e) {
    unregisterNetdevice(dev);
    throw e;
  }
  return dev.ifindex;
}

function refuseTaken(netns: Netns, request: LinkAddRequest): void {
  const { ifindex = 0, name } = request;
  if (ifindex !== 0 && netns.devices.byIndex(ifindex) !== undefined)
    throw new KernelError('EEXIST');
  if (name !== undefined && netns.devices.byName(name) !== undefined)
    throw new KernelError('EEXIST');
}

function checkName(pattern: string): void {
  if (pattern.length > 15) throw new KernelError('ERANGE', 'Attribute failed policy validation');
  if (!isValidIfname(pattern)) throw new KernelError('EINVAL');
}

function newSingle<D extends NetDevice>(
  netns: Netns,
  request: LinkAddRequest,
  make: (addr: MacAddr) => D,
): D {
  if (request.addr !== undefined) checkStationAddr(request.addr);
  const dev = make(request.addr ?? netns.kernel.randomMac());
  dev.addrWasSet = request.addr !== undefined;
  dev.numTxQueues = request.numTxQueues ?? dev.numTxQueues;
  dev.numRxQueues = request.numRxQueues ?? dev.numRxQueues;
  if (request.mtu !== undefined) checkMtu(dev, request.mtu);
  registerNetdevice(netns, dev, request.ifindex);
  return dev;
}

/** `tun_validate()` */
function refuseTun(): never {
  throw new KernelError('EOPNOTSUPP', 'tun/tap creation via rtnetlink is not supported');
}

function newBridge(netns: Netns, request: LinkAddRequest, pattern: string): NetDevice {
  const bridge = newSingle(netns, request, (addr) => new Bridge(allocName(netns, pattern), addr));
  bridge.initAddress();
  if (request.infoData === undefined) return bridge;
  try {
    bridge.changeLink(request.infoData);
  } catch (e) {
    unregisterNetdevice(bridge);
    throw e;
  }
  return bridge;
}

function newVeth(netns: Netns, request: LinkAddRequest, pattern: string): NetDevice {
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
  applyTo(other, peer);
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

/** What a new device gets beside name, address, index and the attributes of its kind. */
function applyTo(dev: NetDevice, request: LinkSetRequest): void {
  if (request.mtu !== undefined) dev.mtu = request.mtu;
  if (request.txQueueLen !== undefined) dev.txQueueLen = request.txQueueLen;
  if (request.group !== undefined) dev.group = request.group;
  if (request.broadcast !== undefined) dev.broadcast = request.broadcast;
  if (request.linkMode !== undefined) dev.linkMode = request.linkMode;
  if (request.setFlags !== undefined || request.clearFlags !== undefined)
    changeFlags(dev, request.setFlags ?? 0, request.clearFlags ?? 0);
  if (request.master !== undefined) setMaster(dev, request.master);
}
