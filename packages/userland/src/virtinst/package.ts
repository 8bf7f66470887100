import { type DebPackage, withManual } from '../machine/index.ts';
import { virtInstallManual } from './command-line.ts';
import { virtInstall } from './virt-install.ts';

/** virtinst: utilities to create and edit virtual machines. */
export const virtinst: DebPackage = {
  name: 'virtinst',
  version: '1:4.1.0-2',
  description: 'utilities to create and edit virtual machines',
  preinstalled: false,
  depends: ['libvirt-clients'],
  programs: { '/usr/bin/virt-install': withManual(virtInstall, virtInstallManual) },
};
