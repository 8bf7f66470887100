import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { HOST_OPTIONS, host } from './host.ts';

/** host(1). */
export const bind9Host: DebPackage = {
  name: 'bind9-host',
  version: '1:9.18.49-1~deb12u3',
  description: 'DNS Lookup Utility',
  preinstalled: true,
  programs: { '/usr/bin/host': withOptions(host, HOST_OPTIONS) },
};
