import { type DebPackage, withManual } from '../machine/index.ts';
import { dhclientManual } from './command-line.ts';
import { DHCLIENT_CONF, DHCLIENT_SCRIPT } from './default-files.ts';
import { dhclient } from './dhclient.ts';

/** dhclient(8). */
export const iscDhcpClient: DebPackage = {
  name: 'isc-dhcp-client',
  version: '4.4.3-P1-2',
  description: 'DHCP client for automatically obtaining an IP address',
  preinstalled: true,
  programs: { '/usr/sbin/dhclient': withManual(dhclient, dhclientManual) },
  install: (fs) => {
    for (const dir of [
      '/etc/dhcp/dhclient-enter-hooks.d',
      '/etc/dhcp/dhclient-exit-hooks.d',
      '/var/lib/dhcp',
    ])
      fs.mkdir(dir, { recursive: true });
    fs.writeFile('/etc/dhcp/dhclient.conf', DHCLIENT_CONF);
    fs.writeFile('/usr/sbin/dhclient-script', DHCLIENT_SCRIPT, { mode: 0o755 });
  },
};
