import type { DebPackage } from '../machine/index.ts';
import { hostnamectl } from './hostnamectl.ts';
import { journalctl } from './journalctl.ts';
import { halt, poweroff, reboot, shutdown } from './power.ts';
import { service, systemctl } from './systemctl.ts';

/** systemd: system and service manager. */
export const systemdPackage: DebPackage = {
  name: 'systemd',
  version: '252.38-1~deb12u1',
  description: 'system and service manager',
  preinstalled: true,
  programs: {
    '/usr/bin/hostnamectl': hostnamectl,
    '/usr/bin/systemctl': systemctl,
    '/usr/bin/journalctl': journalctl,
    '/usr/sbin/service': service,
  },
};

/** systemd-sysv: system and service manager - SysV compatibility symlinks. */
export const systemdSysv: DebPackage = {
  name: 'systemd-sysv',
  version: '252.38-1~deb12u1',
  description: 'system and service manager - SysV compatibility symlinks',
  preinstalled: true,
  programs: {
    '/usr/sbin/halt': halt,
    '/usr/sbin/poweroff': poweroff,
    '/usr/sbin/reboot': reboot,
    '/usr/sbin/shutdown': shutdown,
  },
};
