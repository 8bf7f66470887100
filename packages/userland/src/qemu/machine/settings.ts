import { type Item, Opts } from '../command-line/index.ts';
import { QemuError } from '../qemu-error.ts';

/** What a command line says beside networks. */
export interface Settings {
  /** `-name`, or else the name of the first disk's file without its ending. */
  readonly guestName: string;
  /** Path of the first disk. */
  readonly disk: string | undefined;
  readonly daemonize: boolean;
  readonly pidFile: string | undefined;
  /** The guest does not run before the monitor says so. */
  readonly stopped: boolean;
  /** Console and monitor are on the terminal. */
  readonly nographic: boolean;
  /** The host's processors run the guest. */
  readonly kvm: boolean;
  /** A reset ends it: `-no-reboot`, `-action reboot=shutdown`. */
  readonly noReboot: boolean;
}

const last = (items: readonly Item[], name: string): Item | undefined =>
  items.filter((i) => i.name === name).at(-1);

/** Reads the options that are not about networks, and refuses what QEMU refuses. @throws QemuError */
export function readSettings(items: readonly Item[]): Settings {
  for (const item of items) REFUSALS[item.name]?.(item);
  const atTerminal = items.find((i) => i.name === 'monitor' && i.value === 'stdio');
  if (atTerminal !== undefined && items.some((i) => i.name === 'daemonize'))
    throw new QemuError(atTerminal.where, 'cannot use stdio with -daemonize');
  const disk = firstDisk(items);
  const has = (name: string) => items.some((i) => i.name === name);
  if (has('daemonize') && has('nographic'))
    throw new QemuError(undefined, '-nographic cannot be used with -daemonize');
  return {
    guestName: nameOf(items) ?? stem(disk) ?? 'guest',
    disk,
    daemonize: has('daemonize'),
    pidFile: last(items, 'pidfile')?.value,
    stopped: has('S'),
    nographic: has('nographic'),
    kvm: has('enable-kvm') || /^kvm/.test(last(items, 'accel')?.value ?? ''),
    noReboot: has('no-reboot') || last(items, 'action')?.value === 'reboot=shutdown',
  };
}

function nameOf(items: readonly Item[]): string | undefined {
  const item = last(items, 'name');
  return item === undefined ? undefined : new Opts(item.where, item.value, 'guest').get('guest');
}

/** `/srv/vm/web.qcow2` is `web`. */
function stem(disk: string | undefined): string | undefined {
  const file = disk?.slice(disk.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  return file === '' ? undefined : file;
}

/** The first hard disk; a CD if there is none. */
function firstDisk(items: readonly Item[]): string | undefined {
  for (const item of items) {
    if (/^hd[a-d]$/.test(item.name)) return item.value;
    if (item.name !== 'drive' && item.name !== 'blockdev') continue;
    const opts = new Opts(item.where, item.value, 'file');
    const file = opts.get('file') ?? opts.get('filename') ?? opts.get('file.filename');
    if (file !== undefined && opts.get('media') !== 'cdrom') return file;
  }
  return last(items, 'cdrom')?.value;
}

/** Checks of one option each. */
const REFUSALS: Readonly<Record<string, (item: Item) => void>> = {
  m: ({ value, where }) => {
    const size = new Opts(where, value, 'size').get('size') ?? '';
    if (!/^\d+(\.\d+)?[bkmgtpe]?$/i.test(size))
      throw new QemuError(
        where,
        "Parameter 'size' expects a non-negative number below 2^64\nOptional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\nand exabytes, respectively.",
      );
  },
  smp: ({ value, where }) => {
    const cpus = new Opts(where, value, 'cpus').get('cpus');
    if (cpus !== undefined && !/^\d+$/.test(cpus))
      throw new QemuError(undefined, "Parameter 'smp.cpus' expects integer");
  },
  machine: ({ value, where }) => {
    const type = new Opts(where, value, 'type').get('type');
    if (type !== undefined && !/^(pc|q35|microvm|isapc|none|pc-(i440fx|q35)-[\d.]+)$/.test(type))
      throw new QemuError(
        undefined,
        'unsupported machine type\nUse -machine help to list supported machines',
      );
  },
  accel: ({ value, where }) => {
    const accel = new Opts(where, value, 'accel').get('accel') ?? '';
    const wrong = accel.split(':').find((a) => !['kvm', 'tcg', 'xen', 'qtest'].includes(a));
    if (wrong !== undefined) throw new QemuError(where, `invalid accelerator ${wrong}`);
  },
  display: ({ value, where }) => {
    const type = new Opts(where, value, 'type').get('type') ?? '';
    if (!/^(none|gtk|sdl|egl-headless|curses|spice-app|dbus|vnc(=.*)?)$/.test(type))
      throw new QemuError(where, `Parameter 'type' does not accept value '${type}'`);
  },
  boot: ({ value, where }) => {
    const order = new Opts(where, value, 'order').get('order') ?? '';
    const wrong = [...order].find((c) => c < 'a' || c > 'p');
    if (wrong !== undefined) throw new QemuError(undefined, `Invalid boot device '${wrong}'`);
  },
};
