import { KernelError } from '@labwire/core/error';
import { VLAN_FLAG_REORDER_HDR, Vlan } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import type { VirtualDir, VirtualFile } from '../fs/index.ts';

const CONFIG_HEAD = `VLAN Dev name\t | VLAN ID
Name-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD
`;

/** dev->priv_flags of a VLAN device, in hexadecimal. */
const PRIV_FLAGS = '81021';

function vlans(netns: Netns): Vlan[] {
  return netns.devices.list().filter((dev) => dev instanceof Vlan);
}

/** Linux net/8021q/vlanproc.c, vlan_seq_show() */
function config(netns: Netns): string {
  const line = (v: Vlan) => `${v.name.padEnd(15)}| ${v.vid}  | ${v.lower.name}\n`;
  return CONFIG_HEAD + vlans(netns).map(line).join('');
}

/** Linux net/8021q/vlanproc.c, vlandev_seq_show() */
function device(netns: Netns, name: string): string {
  const vlan = vlans(netns).find((v) => v.name === name);
  if (vlan === undefined) throw new KernelError('ENOENT');
  const { stats, qos } = vlan;
  const count = (label: string, n: number) => `${label.padStart(30)} ${String(n).padStart(12)}\n`;
  const reorder = Number((vlan.vlanFlags & VLAN_FLAG_REORDER_HDR) !== 0);
  const [p0, p1, p2, p3, p4, p5, p6, p7] = qos.ingressTable;
  return [
    `${name}  VID: ${vlan.vid}\t REORDER_HDR: ${reorder}  dev->priv_flags: ${PRIV_FLAGS}\n`,
    count('total frames received', stats.rxPackets),
    count('total bytes received', stats.rxBytes),
    count('Broadcast/Multicast Rcvd', stats.multicast),
    '\n',
    count('total frames transmitted', stats.txPackets),
    count('total bytes transmitted', stats.txBytes),
    `Device: ${vlan.lower.name}\n`,
    `INGRESS priority mappings: 0:${p0}  1:${p1}  2:${p2}  3:${p3}  4:${p4}  5:${p5}  6:${p6} 7:${p7}\n`,
    ` EGRESS priority mappings: ${qos.egressMap.map(({ from, to }) => `${from}:${to} `).join('')}\n`,
  ].join('');
}

const CONFIG: VirtualFile = { read: ({ netns }) => config(netns) };

/** /proc/net/vlan. */
export const PROC_NET_VLAN: VirtualDir = {
  list: ({ netns }) => ['config', ...vlans(netns).map((v) => v.name)],
  lookup: (name, { netns }) => {
    if (name === 'config') return CONFIG;
    if (!vlans(netns).some((v) => v.name === name)) return undefined;
    return { read: (caller) => device(caller.netns, name) };
  },
};
