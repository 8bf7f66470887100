/** The calls of the C library that Node has no way to. Results below zero are `-errno`, as a kernel gives them. */
export interface Libc {
  /** ioctl(2) with an argument in memory. */
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  /** ioctl(2) with a number as its argument. */
  ioctlValue(fd: number, request: number, value: number): number;
  /** read(2) to the beginning of `into`. @returns bytes read */
  read(fd: number, into: Uint8Array, most: number): number;
  /** if_nametoindex(3): the index of a network device, in the namespace that this process is in; 0 if there is none. */
  ifNameToIndex(name: string): number;
  /** write(2) from the beginning of `from`. @returns bytes written */
  write(fd: number, from: Uint8Array, length: number): number;
}

/** There is no way to the C library: a package that is not installed, a platform that it is not made for. */
export class NoLibc extends Error {}

/** What {@link loadLibc} needs of koffi. */
interface Koffi {
  /** @param path null for what the process itself is linked to */
  load(path: null): { func(prototype: string): unknown };
  errno(): number;
}

/**
 * Finds the C library that this process runs with.
 * @param load brings koffi, an optional package
 * @throws {@link NoLibc}
 */
export async function loadLibc(
  load: () => Promise<unknown> = () => import('koffi'),
): Promise<Libc> {
  let koffi: Koffi;
  try {
    koffi = ((await load()) as { default: Koffi }).default;
  } catch {
    throw new NoLibc('needs the package koffi, which is not installed');
  }
  return bind(koffi);
}

function bind(koffi: Koffi): Libc {
  const own = koffi.load(null);
  const ioctl = own.func('int ioctl(int, unsigned long, void *)') as Libc['ioctl'];
  const ioctlValue = own.func('int ioctl(int, unsigned long, unsigned long)') as Libc['ioctlValue'];
  const read = own.func('int64_t read(int, void *, uint64_t)') as Libc['read'];
  const write = own.func('int64_t write(int, void *, uint64_t)') as Libc['write'];
  const ifNameToIndex = own.func('uint if_nametoindex(const char *)') as Libc['ifNameToIndex'];
  const orErrno = (result: number): number => (result < 0 ? -koffi.errno() : result);
  return {
    ioctl: (fd, request, argument) => orErrno(ioctl(fd, request, argument)),
    ioctlValue: (fd, request, value) => orErrno(ioctlValue(fd, request, value)),
    ifNameToIndex,
    read: (fd, into, most) => orErrno(read(fd, into, most)),
    write: (fd, from, length) => orErrno(write(fd, from, length)),
  };
}
