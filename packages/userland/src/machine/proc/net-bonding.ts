import { formatMac } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { Bond, MODE_ACTIVEBACKUP, MODE_XOR, type Slave } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import type { VirtualDir } from '../fs/index.ts';
import { KERNEL_VERSIONS } from '../kernel-version.ts';

const MODES = [
  'load balancing (round-robin)',
  'fault-tolerance (active-backup)',
  'load balancing (xor)',
  'fault-tolerance (broadcast)',
];
const LINKS = ['up', 'going down', 'down', 'going back'];
const POLICIES = ['layer2', 'layer3+4', 'layer2+3'];
const RESELECT = ['always', 'better', 'failure'];

function bonds(netns: Netns): Bond[] {
  return netns.devices.list().filter((dev) => dev instanceof Bond);
}

/** Linux drivers/net/bonding/bond_procfs.c, bond_info_show_master() */
function master(bond: Bond): string[] {
  const lines = [`Bonding Mode: ${MODES[bond.mode]}`];
  if (bond.mode === MODE_XOR)
    lines.push(`Transmit Hash Policy: ${POLICIES[bond.xmitPolicy]} (${bond.xmitPolicy})`);
  if (bond.mode === MODE_ACTIVEBACKUP) {
    const primary = bond.slaves.find((s) => s.dev.ifindex === bond.primary);
    const how = `${primary?.dev.name} (primary_reselect ${RESELECT[bond.primaryReselect]})`;
    lines.push(
      `Primary Slave: ${primary === undefined ? 'None' : how}`,
      `Currently Active Slave: ${bond.active?.dev.name ?? 'None'}`,
    );
  }
  return [
    ...lines,
    `MII Status: ${bond.carrier ? 'up' : 'down'}`,
    `MII Polling Interval (ms): ${bond.miimon}`,
    `Up Delay (ms): ${bond.updelay}`,
    `Down Delay (ms): ${bond.downdelay}`,
    'Peer Notification Delay (ms): 0',
  ];
}

/** `bond_info_show_slave()` */
function slave({ dev, link, failures, permAddr }: Slave): string[] {
  return [
    '',
    `Slave Interface: ${dev.name}`,
    `MII Status: ${LINKS[link]}`,
    `Speed: ${dev.speed < 0 ? 'Unknown' : `${dev.speed} Mbps`}`,
    `Duplex: ${dev.speed < 0 ? 'Unknown' : 'full'}`,
    `Link Failure Count: ${failures}`,
    `Permanent HW addr: ${formatMac(permAddr)}`,
    'Slave queue ID: 0',
  ];
}

function show(netns: Netns, name: string): string {
  const bond = bonds(netns).find((b) => b.name === name);
  if (bond === undefined) throw new KernelError('ENOENT');
  const { release } = KERNEL_VERSIONS[netns.kernel.profile];
  const head = [`Ethernet Channel Bonding Driver: v${release}`, ''];
  return `${[...head, ...master(bond), ...bond.slaves.flatMap(slave)].join('\n')}\n`;
}

/** /proc/net/bonding. */
export const PROC_NET_BONDING: VirtualDir = {
  list: ({ netns }) => bonds(netns).map((b) => b.name),
  lookup: (name, { netns }) =>
    bonds(netns).some((b) => b.name === name)
      ? { read: (caller) => show(caller.netns, name) }
      : undefined,
};
