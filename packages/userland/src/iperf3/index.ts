import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { iperf3 } from './iperf3.ts';
import { IPERF3_OPTIONS } from './options.ts';

/** iperf3(1). */
export const iperf3Package: DebPackage = {
  name: 'iperf3',
  version: '3.12-1+deb12u2',
  description: 'Internet Protocol bandwidth measuring tool',
  preinstalled: true,
  programs: { '/usr/bin/iperf3': withOptions(iperf3, IPERF3_OPTIONS) },
};
