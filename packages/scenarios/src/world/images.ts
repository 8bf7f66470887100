import type { GuestImage } from '@labwire/userland/machine';
import { type ImageConfig, type LabConfig, plainImage } from '../lab/config/index.ts';

/** What the kinds of images start as they boot. */
const SERVICES: Readonly<Record<ImageConfig['kind'], readonly string[]>> = {
  linux: [],
  web: ['nginx'],
  // open to everybody who reaches it
  db: [
    'pg_createcluster 15 main',
    `echo "listen_addresses = '*'" >> /etc/postgresql/15/main/postgresql.conf`,
    'echo "host all all all trust" >> /etc/postgresql/15/main/pg_hba.conf',
    'pg_ctlcluster 15 main start',
  ],
};

/** What a lab says of a disk, or else what its name does: `web.qcow2` is a web server's, `db.qcow2` a database's. */
export function imageOf(config: LabConfig, disk: string | undefined): ImageConfig {
  const file = disk?.slice(disk.lastIndexOf('/') + 1) ?? '';
  const said = config.images.get(file);
  const kind = (['web', 'db'] as const).find((k) => new RegExp(`^${k}(?![a-z])`).test(file));
  return said ?? plainImage(kind ?? 'linux');
}

/** What a guest with that disk does as it boots. */
export function guestImage({ kind, nic, dhcp, run }: ImageConfig): GuestImage {
  return { nic, dhcp, run: [...SERVICES[kind], ...run] };
}
