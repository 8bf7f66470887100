import { KernelError } from '@labwire/core/error';
import {
  changeFlags,
  changeName,
  changeNetns,
  type NetDevice,
  setMacAddress,
  setMtu,
} from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { LinkSetRequest } from '../requests.ts';
import { findLink } from './link.ts';

/** IN6_ADDR_GEN_MODE_NONE; 0 is EUI64. */
const ADDR_GEN_MODE_NONE = 1;

/** Bytes that an alias may have. IFALIASZ */
const IFALIASZ = 256;

/**
 * Changes a device; what comes before a change that is refused stays changed, as in the kernel. RTM_NEWLINK, do_setlink()
 * @throws {@link KernelError} ENODEV, EINVAL, EBUSY, EOPNOTSUPP, … with the kernel's words
 */
export function linkSet(netns: Netns, ifindex: number, request: LinkSetRequest): void {
  const dev = findLink(netns, { ifindex });
  changeByKind(dev, request);
  if (request.netns !== undefined)
    changeNetns(dev, request.netns, { name: request.name, ifindex: request.newIfindex });
  setAttributes(dev, request);
  if (request.master !== undefined) setMaster(dev, request.master);
  if (request.setFlags !== undefined || request.clearFlags !== undefined)
    changeFlags(dev, request.setFlags ?? 0, request.clearFlags ?? 0);
  setStates(dev, request);
  setAltNames(dev, request);
}

/** `changelink` and `slave_changelink`. */
function changeByKind(dev: NetDevice, request: LinkSetRequest): void {
  if (request.infoData !== undefined) {
    if (request.kind !== undefined && request.kind !== dev.linkType)
      throw new KernelError('EOPNOTSUPP');
    dev.changeLink(request.infoData);
  }
  if (request.slaveData === undefined) return;
  const ports = dev.master?.ports;
  if (ports === undefined) throw new KernelError('EOPNOTSUPP');
  ports.change(dev, request.slaveData);
}

function setAttributes(dev: NetDevice, request: LinkSetRequest): void {
  if (request.addr !== undefined) setMacAddress(dev, request.addr);
  if (request.mtu !== undefined) setMtu(dev, request.mtu);
  if (request.group !== undefined) dev.group = request.group;
  if (request.name !== undefined) changeName(dev.netns as Netns, dev, request.name);
  if (request.alias !== undefined) setAlias(dev, request.alias);
  if (request.broadcast !== undefined) dev.broadcast = request.broadcast;
  if (request.txQueueLen !== undefined) dev.txQueueLen = request.txQueueLen;
}

/** RTM_NEWLINKPROP and RTM_DELLINKPROP. */
function setAltNames(dev: NetDevice, request: LinkSetRequest): void {
  const devices = (dev.netns as Netns).devices;
  for (const name of request.addAltNames ?? []) {
    if (devices.byName(name) !== undefined) throw new KernelError('EEXIST');
    devices.setAltNames(dev, [...(dev.altNames ?? []), name]);
  }
  for (const name of request.delAltNames ?? []) {
    const has = dev.altNames ?? [];
    if (!has.includes(name)) throw new KernelError('ENOENT');
    devices.setAltNames(
      dev,
      has.filter((n) => n !== name),
    );
  }
}

function setAlias(dev: NetDevice, alias: string): void {
  if (alias.length >= IFALIASZ) throw new KernelError('EINVAL');
  dev.alias = alias === '' ? undefined : alias;
  dev.netns?.rtnl.tell('link', false, dev);
}

/** `do_set_master()` @param ifindex 0 for none */
export function setMaster(dev: NetDevice, ifindex: number): void {
  if (dev.master !== null) {
    if (dev.master.ifindex === ifindex) return;
    dev.master.ports?.remove(dev);
  }
  if (ifindex === 0) return;
  const master = dev.netns?.devices.byIndex(ifindex);
  if (master === undefined) throw new KernelError('EINVAL');
  if (master.ports === undefined) throw new KernelError('EOPNOTSUPP');
  master.ports.add(dev);
}

function setStates(dev: NetDevice, request: LinkSetRequest): void {
  if (request.addrGenMode !== undefined) setAddrGenMode(dev, request.addrGenMode);
  if (request.carrier !== undefined) dev.changeCarrier(request.carrier);
  if (request.operState !== undefined) setOperState(dev, request.operState);
  if (request.linkMode !== undefined) dev.linkMode = request.linkMode;
}

/** `inet6_set_link_af()` */
function setAddrGenMode(dev: NetDevice, mode: number): void {
  const idev = dev.netns?.ipv6.idev(dev);
  if (idev === undefined) throw new KernelError('EAFNOSUPPORT');
  if (mode > ADDR_GEN_MODE_NONE)
    throw new KernelError('EOPNOTSUPP', 'Labwire generates IPv6 addresses by eui64 or none');
  idev.setConf('addr_gen_mode', mode);
}

/** Users may choose between UP and DORMANT, where the device is in neither's way. `set_operstate()` */
function setOperState(dev: NetDevice, wanted: NonNullable<LinkSetRequest['operState']>): void {
  const { operState } = dev;
  if (wanted === 'UP' && (operState === 'DORMANT' || operState === 'UNKNOWN')) dev.operState = 'UP';
  else if (wanted === 'DORMANT' && (operState === 'UP' || operState === 'UNKNOWN'))
    dev.operState = 'DORMANT';
  else return;
  dev.netns?.notify(dev, 'CHANGE');
}
