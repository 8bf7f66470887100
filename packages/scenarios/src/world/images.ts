import type { GuestImage } from '@labwire/userland/machine';
import { type ImageConfig, type LabConfig, plainImage } from '../lab/config/index.ts';

/** What the kinds of images start as they boot. */
const SERVICES: Readonly<Record<ImageConfig['kind'], readonly string[]>> = {
  linux: [],
  web: ['nginx'],
};

/** What a lab says of a disk, or else what its name does: `web.qcow2` is a web server's. */
export function imageOf(config: LabConfig, disk: string | undefined): ImageConfig {
  const file = disk?.slice(disk.lastIndexOf('/') + 1) ?? '';
  const said = config.images.get(file);
  return said ?? plainImage(/^web(?![a-z])/.test(file) ? 'web' : 'linux');
}

/** What a guest with that disk does as it boots. */
export function guestImage({ kind, nic, dhcp, run }: ImageConfig): GuestImage {
  return { nic, dhcp, run: [...SERVICES[kind], ...run] };
}
