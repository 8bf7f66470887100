import { closeSync, constants as fs, openSync } from 'node:fs';
import { constants as os } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { Libc } from '../libc/index.ts';
import { DeviceRefusal, DeviceWire, type OpenDevice } from './device-wire.ts';

const CLONE = '/dev/net/tun';
const IFNAMSIZ = 16;

/** Linux include/uapi/linux/if_tun.h */
const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
const IFF_MULTI_QUEUE = 0x0100;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;

/** Bytes of struct ifreq, and where its flags are. */
const IFREQ_LEN = 40;
const IFR_FLAGS = 16;

const NEEDS_ROOT = 'a TAP device needs root or CAP_NET_ADMIN';

/** A TAP device of this computer, made if it is not there, taken over if it persists. Needs CAP_NET_ADMIN. */
export class TapWire extends DeviceWire {
  protected override openDevice(libc: Libc): OpenDevice {
    const { name } = this;
    if (name.length >= IFNAMSIZ || /[\s/]/.test(name))
      throw new DeviceRefusal('no name of a network device', 'write another');
    const fd = openClone();
    let result = attach(libc, fd, name, IFF_TAP);
    if (result === -os.errno.EINVAL) result = attach(libc, fd, name, IFF_TAP | IFF_MULTI_QUEUE);
    if (result >= 0) return { fd };
    closeSync(fd);
    throw refusalOf(getSystemErrorName(result));
  }
}

function openClone(): number {
  try {
    return openSync(CLONE, fs.O_RDWR | fs.O_NONBLOCK);
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    const denied = code === 'EACCES' || code === 'EPERM';
    throw new DeviceRefusal(`${CLONE}: ${code}`, denied ? NEEDS_ROOT : 'load the module tun', true);
  }
}

/** Asks for the device; one that was made for several queues has to be asked for as that. */
function attach(libc: Libc, fd: number, name: string, kind: number): number {
  const ifreq = Buffer.alloc(IFREQ_LEN);
  ifreq.write(name, 'latin1');
  new Uint16Array(ifreq.buffer, ifreq.byteOffset + IFR_FLAGS, 1)[0] =
    kind | IFF_NO_PI | IFF_VNET_HDR;
  return libc.ioctl(fd, TUNSETIFF, ifreq);
}

function refusalOf(code: string): DeviceRefusal {
  if (code === 'EPERM') return new DeviceRefusal('not permitted', NEEDS_ROOT, true);
  if (code === 'EBUSY') return new DeviceRefusal('busy', 'another program holds it; end that');
  if (code === 'EINVAL')
    return new DeviceRefusal('a device of another kind has that name', 'write another');
  return new DeviceRefusal(`TUNSETIFF: ${code}`, 'write another name');
}
