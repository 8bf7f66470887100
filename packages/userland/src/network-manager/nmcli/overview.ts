import {
  DeviceState,
  dnsDevices,
  dnsOf,
  type NetworkManager,
  type NmDevice,
  stateText,
} from '../daemon/index.ts';
import type { Context } from './command.ts';
import { addressesOf, routesOf } from './ip-groups.ts';
import { sortedDevices } from './order.ts';

const HINT = `Use "nmcli device show" to get complete information about known devices and
"nmcli connection show" to get an overview on active connection profiles.

Consult nmcli(1) and nmcli-examples(7) manual pages for complete usage details.
`;

/** `nmcli` alone: every device with what it has. nmc_command_func_overview() */
export async function overview({ proc, manager }: Context): Promise<number> {
  const m = manager();
  const blocks = sortedDevices(m).map((dev) => deviceBlock(m, dev));
  const dns = dnsBlock(m);
  await proc.out(`${blocks.join('')}${dns}${HINT}`);
  return 0;
}

function deviceBlock(m: NetworkManager, dev: NmDevice): string {
  const { active } = dev;
  const to = active === undefined ? '' : ` to ${active.profile.id}`;
  const driver = dev.driver === undefined || dev.driver === dev.type ? '' : ` (${dev.driver})`;
  const kind = dev.isSoftware ? 'sw' : 'hw';
  const lines = [
    `"${dev.name}"`,
    `${dev.type}${driver}, ${dev.hwAddress}, ${kind}, mtu ${dev.link.mtu}`,
  ];
  if (dev === m.defaultDevice && !dev.isExternal) lines.push('ip4 default');
  if (dev.state >= DeviceState.ipCheck) lines.push(...masterLine(dev), ...ipLines(m, dev));
  return `${dev.name}: ${stateText(dev)}${to}\n${lines.map((l) => `\t${l}\n`).join('')}\n`;
}

function masterLine(dev: NmDevice): string[] {
  const { master } = dev.link;
  return master === null ? [] : [`master ${master.name}`];
}

function ipLines(m: NetworkManager, dev: NmDevice): string[] {
  if (dev.link.master !== null) return [];
  const lines: string[] = [];
  for (const [family, digit] of [
    ['inet', '4'],
    ['inet6', '6'],
  ] as const) {
    for (const address of addressesOf(m, dev, family)) lines.push(`inet${digit} ${address}`);
    for (const { dst, via, metric } of routesOf(m, dev, family)) {
      const to = dst.endsWith('/0') ? 'default' : dst;
      const by = via === undefined ? '' : ` via ${via}`;
      lines.push(`route${digit} ${to}${by} metric ${metric}`);
    }
  }
  return lines;
}

function dnsBlock(m: NetworkManager): string {
  const devices = dnsDevices(m);
  if (devices.length === 0) return '';
  const blocks = devices.map((dev) => {
    const { servers, searches, domains } = dnsOf(dev);
    const all = [...searches, ...domains];
    const names = all.length > 0 ? `\tdomains: ${all.join(' ')}\n` : '';
    return `\tservers: ${servers.join(' ')}\n${names}\tinterface: ${dev.name}\n\n`;
  });
  return `DNS configuration:\n${blocks.join('')}`;
}
