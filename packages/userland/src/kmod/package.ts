import type { DebPackage } from '../machine/index.ts';
import { lsmod, modprobe } from './modprobe.ts';

/** kmod: tools for managing Linux kernel modules. */
export const kmodPackage: DebPackage = {
  name: 'kmod',
  version: '30+20221128-1',
  description: 'tools for managing Linux kernel modules',
  preinstalled: true,
  programs: { '/usr/sbin/lsmod': lsmod, '/usr/sbin/modprobe': modprobe },
};
