import { formatMac } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type NetDevice, Tun } from '@labwire/devices/link';
import { findLink, type LinkInfo, linkDump, linkSet } from '@labwire/devices/rtnetlink';
import type { Caller, VirtualDir, VirtualFile, VirtualNode } from '../fs/index.ts';
import { BONDING_MASTERS, bondFiles, bondSlaveFiles, bonds } from './bond-files.ts';
import { bridgeFiles, portFiles } from './bridge-files.ts';

const IFF_UP = 0x1;

function info(caller: Caller, name: string): LinkInfo {
  const found = linkDump(caller.netns).find((l) => l.name === name);
  if (found === undefined) throw new KernelError('ENODEV');
  return found;
}

/** `addr_assign_type` of an address that was set by hand; 0 is the hardware's, 1 a random one. */
const NET_ADDR_SET = 3;

/** What each file of /sys/class/net/DEV says. Linux net/core/net-sysfs.c */
const FILES: Readonly<Record<string, (l: LinkInfo, dev: NetDevice) => string | number>> = {
  addr_assign_type: (l, dev) => (dev.addrWasSet ? NET_ADDR_SET : Number(l.kind !== undefined)),
  addr_len: () => 6,
  address: (l) => formatMac(l.addr),
  broadcast: (l) => formatMac(l.broadcast),
  carrier: (l) => upOnly(l, Number((l.flags & 0x1_0000) !== 0)),
  carrier_changes: (l) => l.carrierChanges,
  dev_id: () => '0x0',
  dev_port: () => 0,
  dormant: (l) => upOnly(l, 0),
  duplex: (l) => (hasSpeed(l) ? upOnly(l, 'full') : invalid()),
  flags: (l) => `0x${(l.flags & 0xffff & ~0x40).toString(16)}`,
  gro_flush_timeout: () => 0,
  ifalias: (l) => l.alias ?? '',
  ifindex: (l) => l.ifindex,
  iflink: (l) => l.linkIfindex ?? l.ifindex,
  link_mode: (l) => l.linkMode,
  mtu: (l) => l.mtu,
  name_assign_type: () => 3,
  netdev_group: (l) => l.group,
  operstate: (l) => l.operState.toLowerCase(),
  proto_down: () => 0,
  speed: (l) => (hasSpeed(l) ? upOnly(l, 10_000) : invalid()),
  tx_queue_len: (l) => l.txQueueLen,
  type: (l) => l.arphrd,
};

/** What only a tun or tap device has. Linux drivers/net/tun.c */
const TUN_FILES: Readonly<Record<string, (tun: Tun) => string | number>> = {
  group: (tun) => tun.ownerGroup,
  owner: (tun) => tun.owner,
  tun_flags: (tun) => `0x${tun.tunFlags.toString(16)}`,
};

/** Kinds of devices that tell a speed by ethtool. */
function hasSpeed({ kind }: LinkInfo): boolean {
  return kind === 'veth' || kind === 'tun';
}

/** Files that a device which is down does not answer. */
function upOnly<T>(l: LinkInfo, value: T): T {
  return (l.flags & IFF_UP) !== 0 ? value : invalid();
}

function invalid(): never {
  throw new KernelError('EINVAL');
}

/** What can be written. */
const SETTERS: Readonly<Record<string, (text: string) => Parameters<typeof linkSet>[2]>> = {
  mtu: (text) => ({ mtu: integer(text) }),
  tx_queue_len: (text) => ({ txQueueLen: integer(text) }),
  ifalias: (text) => ({ alias: text.trim() }),
  netdev_group: (text) => ({ group: integer(text) }),
  flags: (text) => ((integer(text) & IFF_UP) !== 0 ? { setFlags: IFF_UP } : { clearFlags: IFF_UP }),
};

function integer(text: string): number {
  if (!/^\s*(0[xX][0-9a-fA-F]+|\d+)\s*$/.test(text)) throw new KernelError('EINVAL');
  return Number(text);
}

const STATISTICS: Readonly<Record<string, keyof LinkInfo['stats'] | undefined>> = {
  collisions: 'collisions',
  multicast: 'multicast',
  rx_bytes: 'rxBytes',
  rx_compressed: undefined,
  rx_crc_errors: undefined,
  rx_dropped: 'rxDropped',
  rx_errors: 'rxErrors',
  rx_fifo_errors: undefined,
  rx_frame_errors: undefined,
  rx_length_errors: undefined,
  rx_missed_errors: undefined,
  rx_nohandler: undefined,
  rx_over_errors: undefined,
  rx_packets: 'rxPackets',
  tx_aborted_errors: undefined,
  tx_bytes: 'txBytes',
  tx_carrier_errors: 'txCarrierErrors',
  tx_compressed: undefined,
  tx_dropped: 'txDropped',
  tx_errors: 'txErrors',
  tx_fifo_errors: undefined,
  tx_heartbeat_errors: undefined,
  tx_packets: 'txPackets',
  tx_window_errors: undefined,
};

function attribute(name: string, key: string): VirtualFile {
  const show = FILES[key] as (l: LinkInfo, dev: NetDevice) => string | number;
  const read = (caller: Caller) =>
    `${show(info(caller, name), findLink(caller.netns, { name }))}\n`;
  const set = SETTERS[key];
  if (set === undefined) return { read };
  return {
    read,
    write: (text, caller) => {
      if (caller.uid !== 0) throw new KernelError('EPERM');
      linkSet(caller.netns, findLink(caller.netns, { name }).ifindex, set(text));
    },
  };
}

const statistics = (name: string): VirtualDir => ({
  list: () => Object.keys(STATISTICS),
  lookup: (key) => {
    if (!Object.hasOwn(STATISTICS, key)) return undefined;
    const field = STATISTICS[key];
    return {
      read: (caller) => `${field === undefined ? 0 : info(caller, name).stats[field]}\n`,
    };
  },
});

/** Directories and links that a device has by what it is. */
function special(name: string, l: LinkInfo, key: string, caller: Caller): VirtualNode | undefined {
  const links = linkDump(caller.netns);
  const master = links.find((m) => m.ifindex === l.masterIfindex);
  if (key === 'statistics') return statistics(name);
  if (l.kind === 'tun' && Object.hasOwn(TUN_FILES, key)) return tunFile(name, key);
  if (key === 'bridge' && l.kind === 'bridge') return bridgeFiles((c) => info(c, name));
  if (key === 'brport' && master?.kind === 'bridge') return portFiles((c) => info(c, name));
  if (key === 'brif' && l.kind === 'bridge') return portLinks(l.ifindex);
  if (key === 'bonding' && l.kind === 'bond') return bondFiles((c) => info(c, name));
  if (key === 'bonding_slave' && master?.kind === 'bond')
    return bondSlaveFiles((c) => info(c, name));
  if (key.startsWith('lower_') && l.kind === 'bond') return lowerLink(links, l, key);
  if (key === 'macvtap' && l.kind === 'macvtap') return macvtapDir(`tap${l.ifindex}`);
  if (key === 'master' && master !== undefined) return { readlink: () => `../${master.name}` };
  return undefined;
}

function tunFile(name: string, key: string): VirtualFile {
  const show = TUN_FILES[key] as (tun: Tun) => string | number;
  return {
    read: ({ netns }) => {
      const dev = findLink(netns, { name });
      return dev instanceof Tun ? `${show(dev)}\n` : invalid();
    },
  };
}

function portLinks(ifindex: number): VirtualDir {
  const ports = (caller: Caller) =>
    linkDump(caller.netns).filter((l) => l.masterIfindex === ifindex);
  return {
    list: (caller) => ports(caller).map((l) => l.name),
    lookup: (name, caller) =>
      ports(caller).some((l) => l.name === name)
        ? { readlink: () => `/sys/class/net/${name}/brport` }
        : undefined,
  };
}

/** The character device of a macvtap. */
function macvtapDir(tap: string): VirtualDir {
  const dev: VirtualFile = {
    read: ({ self }) => `${self?.fs.stat(`/dev/${tap}`).rdev?.join(':') ?? ''}\n`,
  };
  const files: VirtualDir = {
    list: () => ['dev'],
    lookup: (key) => (key === 'dev' ? dev : undefined),
  };
  return { list: () => [tap], lookup: (name) => (name === tap ? files : undefined) };
}

/** The link to a port of a bond. */
function lowerLink(links: readonly LinkInfo[], l: LinkInfo, key: string): VirtualNode | undefined {
  const lower = links.find((s) => s.masterIfindex === l.ifindex && `lower_${s.name}` === key);
  return lower && { readlink: () => `../${lower.name}` };
}

const SPECIAL = [
  'bonding',
  'bonding_slave',
  'statistics',
  'macvtap',
  'bridge',
  'brport',
  'brif',
  'master',
  ...Object.keys(TUN_FILES),
];

function deviceDir(name: string): VirtualDir {
  return {
    list: (caller) => {
      const l = info(caller, name);
      const extra = SPECIAL.filter((key) => special(name, l, key, caller) !== undefined);
      const lowers = linkDump(caller.netns).filter((s) => s.masterIfindex === l.ifindex);
      const links = l.kind === 'bond' ? lowers.map((s) => `lower_${s.name}`) : [];
      return [...Object.keys(FILES), ...extra, ...links];
    },
    lookup: (key, caller) =>
      Object.hasOwn(FILES, key)
        ? attribute(name, key)
        : special(name, info(caller, name), key, caller),
  };
}

/** /sys/class/net: the devices of the caller's network namespace. */
export const CLASS_NET: VirtualDir = {
  list: ({ netns }) => [
    ...linkDump(netns).map((l) => l.name),
    ...(bonds(netns).length === 0 ? [] : ['bonding_masters']),
  ],
  lookup: (name, { netns }) => {
    if (name === 'bonding_masters' && bonds(netns).length > 0) return BONDING_MASTERS;
    return linkDump(netns).some((l) => l.name === name) ? deviceDir(name) : undefined;
  },
};
