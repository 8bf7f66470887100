import type { DebPackage } from '../machine/index.ts';
import { hostname } from './hostname.ts';

/** hostname: utility to set/show the host name or domain name. */
export const hostnamePackage: DebPackage = {
  name: 'hostname',
  version: '3.23+nmu1',
  description: 'utility to set/show the host name or domain name',
  preinstalled: true,
  programs: { '/usr/bin/hostname': hostname },
};
