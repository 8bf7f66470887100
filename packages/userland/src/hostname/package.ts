import type { DebPackage } from '../machine/index.ts';
import { dnsdomainname, domainname, hostname, nisdomainname } from './hostname.ts';

/** hostname: utility to set/show the host name or domain name. */
export const hostnamePackage: DebPackage = {
  name: 'hostname',
  version: '3.23+nmu1',
  description: 'utility to set/show the host name or domain name',
  preinstalled: true,
  programs: {
    '/usr/bin/hostname': hostname,
    '/usr/bin/dnsdomainname': dnsdomainname,
    '/usr/bin/domainname': domainname,
    '/usr/bin/nisdomainname': nisdomainname,
    '/usr/bin/ypdomainname': nisdomainname,
  },
};
