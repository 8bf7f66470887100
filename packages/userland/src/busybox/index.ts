import { type DebPackage, withManual } from '../machine/index.ts';
import { busyboxManual, busybox as program } from './busybox.ts';
import { DEFAULT_SCRIPT } from './default-script.ts';
import { udhcpc as client, udhcpcManual } from './udhcpc/index.ts';

/** busybox(1). */
export const busybox: DebPackage = {
  name: 'busybox',
  version: '1:1.35.0-4+deb12u1+b1',
  description: 'Tiny utilities for small and embedded systems',
  preinstalled: true,
  programs: { '/usr/bin/busybox': withManual(program, busyboxManual) },
};

/** udhcpc(8). */
export const udhcpc: DebPackage = {
  name: 'udhcpc',
  version: '1:1.35.0-4+deb12u1+b1',
  description: 'Provides the busybox DHCP client implementation',
  preinstalled: true,
  depends: ['busybox'],
  programs: { '/usr/sbin/udhcpc': withManual(client, udhcpcManual) },
  install: (fs) => {
    fs.mkdir('/etc/udhcpc', { recursive: true });
    fs.writeFile('/etc/udhcpc/default.script', DEFAULT_SCRIPT, { mode: 0o755 });
  },
};
