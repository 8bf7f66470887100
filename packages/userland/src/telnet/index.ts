import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { telnet as program, TELNET_OPTIONS } from './telnet.ts';

/** telnet(1). */
export const telnet: DebPackage = {
  name: 'telnet',
  version: '0.17+2.4-2+deb12u1',
  description: 'basic telnet client',
  preinstalled: true,
  programs: { '/usr/bin/telnet': withOptions(program, TELNET_OPTIONS) },
};
