import { effectiveFlags, type NetDevice, shownOperState } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { LinkInfo } from '../types.ts';

/** Everything that `ip -d -s link` prints of a device. `rtnl_fill_ifinfo()` */
export function linkInfo(dev: NetDevice): LinkInfo {
  const { master } = dev;
  return {
    ifindex: dev.ifindex,
    name: dev.name,
    arphrd: dev.arphrd,
    flags: effectiveFlags(dev),
    mtu: dev.mtu,
    minMtu: dev.minMtu,
    maxMtu: dev.maxMtu,
    qdisc: dev.qdisc,
    operState: shownOperState(dev),
    linkMode: dev.linkMode,
    group: dev.group,
    txQueueLen: dev.txQueueLen,
    addr: dev.addr,
    broadcast: dev.broadcast,
    permAddr: dev.permAddr,
    alias: dev.alias,
    altNames: dev.altNames ?? [],
    linkIfindex: dev.iflink,
    linkNetnsid: linkNetnsid(dev),
    masterIfindex: master?.ifindex,
    promiscuity: dev.promiscuity,
    allmulti: dev.allmulti,
    numTxQueues: dev.numTxQueues,
    numRxQueues: dev.numRxQueues,
    gsoMaxSize: 65_536,
    gsoMaxSegs: 65_535,
    tsoMaxSize: dev.tsoMaxSize,
    tsoMaxSegs: 65_535,
    groMaxSize: 65_536,
    kind: dev.linkType,
    infoData: dev.infoData,
    slaveKind: master?.ports === undefined ? undefined : master.linkType,
    slaveData: master?.ports?.data(dev),
    addrGenMode: dev.netns?.ipv6.idev(dev)?.conf.addr_gen_mode ?? 0,
    carrierChanges: dev.carrierChanges,
    stats: { ...dev.stats },
  };
}

/** The id of the namespace that the other end is in, which gets one if it has none. `rtnl_fill_link_netnsid()` */
function linkNetnsid(dev: NetDevice): number | undefined {
  const own = dev.netns as Netns;
  const other = dev.linkNetns ?? own;
  return other === own ? undefined : own.nsids.alloc(other);
}
