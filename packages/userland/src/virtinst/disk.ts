import type { Process } from '../machine/index.ts';
import type { OsInfo } from './os-list.ts';
import { checkSuboptions, parseSuboptions } from './suboptions.ts';
import { VirtInstallError } from './virt-install-error.ts';
import { element } from './xml.ts';

const KNOWN: readonly string[] = [
  ...['path', 'size', 'format', 'sparse', 'bus', 'target.bus', 'cache', 'driver.cache', 'device'],
  ...['target.dev', 'perms', 'type', 'pool', 'vol', 'backing_store', 'backing_format'],
  ...['readonly', 'shareable', 'boot.order', 'boot_order', 'serial', 'io', 'discard'],
];
/** Where libvirt's pool `default` keeps volumes. */
const POOL = '/var/lib/libvirt/images';

/** A disk to be given to the guest. */
export interface Disk {
  readonly device: string;
  readonly path: string | undefined;
  /** The file is made. */
  readonly made: boolean;
  readonly bus: string | undefined;
  readonly format: string;
}

/** What a format's files end with. */
const EXTENSIONS: Readonly<Record<string, string>> = { raw: '.img' };

/** A file in the pool that is not there yet. StorageVolume.find_free_name() */
function freeName(proc: Process, name: string, format: string): string {
  const end = EXTENSIONS[format] ?? `.${format}`;
  for (let n = 0; ; n++) {
    const path = `${POOL}/${name}${n === 0 ? '' : `-${n}`}${end}`;
    if (!proc.fs.exists(path)) return path;
  }
}

/** Reads one `--disk`. @throws VirtInstallError */
export function readDisk(proc: Process, text: string, guest: string): Disk {
  const o = parseSuboptions(text, 'path');
  checkSuboptions('disk', o, KNOWN);
  const size = o.get('size');
  if (size !== undefined && Number.isNaN(Number(size)))
    throw new VirtInstallError(
      `Improper value for 'size': could not convert string to float: '${size}'`,
    );
  const given = o.get('path');
  const device = o.get('device') ?? 'disk';
  const bus = o.get('bus') ?? o.get('target.bus');
  const format = o.get('format') ?? 'qcow2';
  if (given === undefined && size === undefined)
    return { device, path: undefined, made: false, bus, format: 'raw' };
  const path = given === undefined ? freeName(proc, guest, format) : proc.path(given);
  if (proc.fs.exists(path)) return { device, path, made: false, bus, format: formatOf(proc, path) };
  if (size === undefined)
    throw new VirtInstallError(
      `Error: --disk ${text}: Size must be specified for non existent volume '${baseName(path)}'`,
    );
  return { device, path, made: true, bus, format };
}

/** What a file says of itself: a qcow2 file begins with `QFI` and 0xfb. */
function formatOf(proc: Process, path: string): string {
  return proc.fs.readFile(path)[0] === 0x51 ? 'qcow2' : 'raw';
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Makes a disk's file; it holds nothing but what tells its format. */
export function makeDisk(proc: Process, disk: Disk): void {
  if (!disk.made || disk.path === undefined) return;
  const magic = disk.format === 'qcow2' ? [0x51, 0x46, 0x49, 0xfb] : [0, 0, 0, 0];
  proc.fs.writeFile(disk.path, new Uint8Array(magic));
}

const BUS_PREFIX: Readonly<Record<string, string>> = {
  virtio: 'vd',
  ide: 'hd',
  fdc: 'fd',
};

/** The disks as XML, each with the next name of its bus. */
export function disksXml(disks: readonly Disk[], os: OsInfo): string[] {
  const counts = new Map<string, number>();
  return disks.flatMap((disk) => {
    const plain = os.q35 ? 'sata' : 'ide';
    const bus = disk.bus ?? (os.virtio && disk.device === 'disk' ? 'virtio' : plain);
    const prefix = BUS_PREFIX[bus] ?? 'sd';
    const n = counts.get(prefix) ?? 0;
    counts.set(prefix, n + 1);
    const discard = disk.made && disk.format === 'qcow2' ? 'unmap' : undefined;
    const driver = { name: 'qemu', type: disk.format, discard };
    return element('disk', { type: 'file', device: disk.device }, [
      ...(disk.path === undefined ? [] : element('driver', driver)),
      ...(disk.path === undefined ? [] : element('source', { file: disk.path })),
      ...element('target', { dev: `${prefix}${String.fromCharCode(97 + n)}`, bus }),
      ...(disk.device === 'cdrom' ? element('readonly', {}) : []),
    ]);
  });
}
