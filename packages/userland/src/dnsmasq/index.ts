import type { DebPackage } from '../machine/index.ts';
import { dnsmasq as program } from './dnsmasq.ts';

const VERSION = '2.90-4~deb12u2';

/** dnsmasq without its service: what libvirt uses. */
export const dnsmasqBase: DebPackage = {
  name: 'dnsmasq-base',
  version: VERSION,
  description: 'Small caching DNS proxy and DHCP/TFTP server - executable',
  preinstalled: true,
  programs: { '/usr/sbin/dnsmasq': program },
  install: (fs) => fs.mkdir('/var/lib/misc', { recursive: true }),
};
