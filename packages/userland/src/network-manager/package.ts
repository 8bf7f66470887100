import { withOptions } from '../libc-net/index.ts';
import { type DebPackage, type Process, type Unit, withManual } from '../machine/index.ts';
import { NETWORK_MANAGER_OPTIONS, networkManager } from './daemon/index.ts';
import { nmcli, nmcliManual } from './nmcli/index.ts';

const PATH = '/usr/sbin/NetworkManager';

/** Debian's configuration: what /etc/network/interfaces names is ifupdown's. */
const CONFIG = `[main]
plugins=ifupdown,keyfile

[ifupdown]
managed=false
`;

async function start(proc: Process): Promise<Process> {
  return proc.spawn([PATH, '--no-daemon'], networkManager, { newGroup: true });
}

const unit: Unit = {
  name: 'NetworkManager.service',
  description: 'Network Manager',
  documentation: ['man:NetworkManager(8)'],
  enabledByDefault: true,
  sysv: false,
  start,
};

/** NetworkManager and nmcli. */
export const networkManagerPackage: DebPackage = {
  name: 'network-manager',
  version: '1.42.4-1+deb12u1',
  description: 'network management framework (daemon and userspace tools)',
  preinstalled: false,
  programs: {
    [PATH]: withOptions(networkManager, NETWORK_MANAGER_OPTIONS),
    '/usr/bin/nmcli': withManual(nmcli, nmcliManual),
  },
  install: (fs) => {
    for (const dir of [
      'conf.d',
      'dispatcher.d',
      'dnsmasq-shared.d',
      'dnsmasq.d',
      'system-connections',
    ])
      fs.mkdir(`/etc/NetworkManager/${dir}`, { recursive: true });
    fs.writeFile('/etc/NetworkManager/NetworkManager.conf', CONFIG);
  },
  units: [unit],
};
