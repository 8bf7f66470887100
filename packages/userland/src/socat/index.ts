import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { socat as program, SOCAT_OPTIONS } from './socat.ts';

/** socat(1). */
export const socat: DebPackage = {
  name: 'socat',
  version: '1.7.4.4-2',
  description: 'multipurpose relay for bidirectional data transfer',
  preinstalled: true,
  programs: { '/usr/bin/socat': withOptions(program, SOCAT_OPTIONS) },
};
