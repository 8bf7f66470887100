/** /proc/sys/net/ipv4/conf. Linux net/ipv4/devinet.c, devinet_conf_proc() and devinet_sysctl_forward(). */
import type { Netns } from '../../netns/netns.ts';
import {
  intFile,
  readOnlyFile,
  type SysctlFile,
  type SysctlTable,
} from '../../netns/sysctl/index.ts';
import type { InDevice } from '../in-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import { IPV4_DEV_CONF_DEFAULT, type Ipv4DevConf } from './dev-conf.ts';

/** One directory: `all`, `default` or a device's. */
interface ConfDir {
  readonly ip: Ipv4;
  readonly of: 'all' | 'default' | InDevice;
}

function inDevices(ip: Ipv4): InDevice[] {
  return ip.netns.devices.list().flatMap((dev) => dev.inDev ?? []);
}

function confOf({ ip, of }: ConfDir): Ipv4DevConf {
  if (of === 'all') return ip.allConf;
  return of === 'default' ? ip.defaultConf : of.conf;
}

/** What is written to `default` also goes to devices for which nobody has set it. `devinet_copy_dflt_conf()` */
function write(dir: ConfDir, name: keyof Ipv4DevConf, v: number): void {
  const { ip, of } = dir;
  if (of === 'all') ip.allConf = { ...ip.allConf, [name]: v };
  else if (of === 'default') {
    ip.defaultConf = { ...ip.defaultConf, [name]: v };
    for (const idev of inDevices(ip)) if (!idev.isSet(name)) idev.setConf(name, v);
  } else {
    of.markSet(name);
    of.setConf(name, v);
  }
  ip.fib.flushCache();
}

/** Turns forwarding on or off for all devices there are and will be. `inet_forward_change()` */
export function setForwarding(ip: Ipv4, v: number): void {
  const changed = (ip.allConf.forwarding !== 0) !== (v !== 0);
  ip.allConf = { ...ip.allConf, forwarding: v };
  if (!changed) return;
  ip.allConf = { ...ip.allConf, accept_redirects: v === 0 ? 1 : 0 };
  ip.defaultConf = { ...ip.defaultConf, forwarding: v };
  for (const idev of inDevices(ip)) idev.setConf('forwarding', v);
  ip.fib.flushCache();
}

function file(name: keyof Ipv4DevConf): SysctlFile<ConfDir> {
  if (name === 'mc_forwarding') return readOnlyFile(name, (dir) => String(confOf(dir)[name]));
  return intFile<ConfDir>(
    name,
    (dir) => confOf(dir)[name],
    (dir, v) => {
      if (name === 'forwarding' && dir.of === 'all') setForwarding(dir.ip, v);
      else write(dir, name, v);
    },
  );
}

const NAMES = (Object.keys(IPV4_DEV_CONF_DEFAULT) as (keyof Ipv4DevConf)[]).sort();

/** `net/ipv4/conf/*` */
export const IPV4_DEV_SYSCTLS: SysctlTable<Netns, ConfDir> = {
  dir: 'net/ipv4/conf',
  members: (netns) => ['all', 'default', ...inDevices(netns.ipv4).map((idev) => idev.dev.name)],
  of: (netns, member) => {
    if (member === 'all' || member === 'default') return { ip: netns.ipv4, of: member };
    const idev = netns.devices.byName(member)?.inDev;
    return { ip: netns.ipv4, of: idev ?? 'default' };
  },
  files: NAMES.map(file),
};
