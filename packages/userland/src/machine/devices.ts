import { KernelError } from '@labwire/core/error';
import { POLLIN, POLLOUT, WaitQueue } from '@labwire/core/sim';
import type { Caller, VirtualDir } from './fs/index.ts';
import type { Machine } from './machine.ts';
import type { OpenFile } from './open-file.ts';
import { TapDeviceFile, TunDeviceFile } from './tun-device.ts';

/** A device that is always ready. */
class MemoryDevice implements OpenFile {
  readonly isTty = false;
  readonly wq: WaitQueue = new WaitQueue();
  readonly #read: (max: number) => Uint8Array;
  readonly #full: boolean;

  constructor(read: (max: number) => Uint8Array, full = false) {
    this.#read = read;
    this.#full = full;
  }

  poll(): number {
    return POLLIN | POLLOUT;
  }

  read(max: number): Uint8Array {
    return this.#read(max);
  }

  write(data: Uint8Array): number {
    if (this.#full) throw new KernelError('ENOSPC');
    return data.length;
  }

  ref(): void {}

  unref(): void {}
}

/** The major number that the kernel gave to macvtaps. */
const TAP_MAJOR = 246;

const EMPTY = new Uint8Array(0);

/** Fills /dev. Device numbers: Linux Documentation/admin-guide/devices.txt */
export function layOutDevices(machine: Machine): void {
  const { fs } = machine;
  const random = machine.kernel.sim.random(`${machine.name} /dev/urandom`);
  const zeros = (max: number) => new Uint8Array(max);
  const noise = (max: number) => new Uint8Array(max).map(() => random.u32() & 0xff);
  fs.addDevice('/dev/null', [1, 3], () => new MemoryDevice(() => EMPTY));
  fs.addDevice('/dev/zero', [1, 5], () => new MemoryDevice(zeros));
  fs.addDevice('/dev/full', [1, 7], () => new MemoryDevice(zeros, true));
  fs.addDevice('/dev/random', [1, 8], () => new MemoryDevice(noise));
  fs.addDevice('/dev/urandom', [1, 9], () => new MemoryDevice(noise));
  fs.addDevice('/dev/kmsg', [1, 11], () => new MemoryDevice(() => EMPTY));
  fs.addDevice('/dev/net/tun', [10, 200], (caller) => new TunDeviceFile(caller));
  fs.addDevice('/dev/tty', [5, 0], controllingTty);
  ['stdin', 'stdout', 'stderr'].forEach((name, fd) => {
    fs.addDevice(`/dev/${name}`, [136, fd], (caller) => descriptor(caller, fd));
  });
  fs.addVirtual('/dev/fd', descriptors);
  fs.mkdir('/dev/shm', { mode: 0o1777 });
  machine.kernel.devNodes = {
    add: (name, open) => {
      const rdev = [TAP_MAJOR, Number(name.slice(3))] as const;
      fs.addDevice(`/dev/${name}`, rdev, () => new TapDeviceFile(open()), 0o600);
    },
    remove: (name) => fs.unlink(`/dev/${name}`),
  };
}

function descriptor(caller: Caller, fd: number): OpenFile {
  const file = caller.self?.fds.get(fd);
  if (file === undefined) throw new KernelError('ENOENT');
  return file;
}

/** @throws KernelError ENXIO if the caller has no terminal */
function controllingTty(caller: Caller): OpenFile {
  for (const file of caller.self?.fds.values() ?? []) if (file.isTty) return file;
  throw new KernelError('ENXIO');
}

const descriptors: VirtualDir = {
  list: (caller) => [...(caller.self?.fds.keys() ?? [])].map(String),
  lookup: (name, caller) => {
    const file = caller.self?.fds.get(Number(name));
    return file === undefined ? undefined : { open: () => file };
  },
};
