import { constants as fs, openSync } from 'node:fs';
import type { Libc } from '../libc/index.ts';
import { DeviceRefusal, DeviceWire, type OpenDevice } from './device-wire.ts';

/** Linux include/uapi/linux/sockios.h */
const SIOCGIFHWADDR = 0x8927;
/** Bytes of struct ifreq, and where its address is, behind a family. */
const IFREQ_LEN = 40;
const IFR_HWADDR = 18;
const MAC_LEN = 6;

/**
 * A macvtap of this computer: `ip link add link eth0 name IF type macvtap mode bridge`. Its frames pass by a character device
 * that is named after its index. Linux drivers/net/macvtap.c
 */
export class MacvtapWire extends DeviceWire {
  protected override openDevice(libc: Libc): OpenDevice {
    const index = libc.ifNameToIndex(this.name);
    if (index === 0)
      throw new DeviceRefusal(
        'no such device',
        `make it: ip link add link DEV name ${this.name} type macvtap`,
      );
    const path = `/dev/tap${index}`;
    try {
      const fd = openSync(path, fs.O_RDWR | fs.O_NONBLOCK);
      const address = addressOf(libc, fd);
      const hint = `it gives the lab what is sent to ${address} (in passthru mode, all): ip link set DEV address ${address}`;
      return { fd, hint };
    } catch (e) {
      const { code } = e as NodeJS.ErrnoException;
      throw new DeviceRefusal(`${path}: ${code}`, mendOf(code), code === 'EACCES');
    }
  }
}

function addressOf(libc: Libc, fd: number): string {
  const ifreq = Buffer.alloc(IFREQ_LEN);
  libc.ioctl(fd, SIOCGIFHWADDR, ifreq);
  const address = ifreq.subarray(IFR_HWADDR, IFR_HWADDR + MAC_LEN);
  return Array.from(address, (b) => b.toString(16).padStart(2, '0')).join(':');
}

function mendOf(code: string | undefined): string {
  if (code === 'EBUSY') return 'another program holds it; end that';
  if (code === 'ENOENT') return 'udev makes it; make it with mknod where there is no udev';
  return 'its owner or root may open it';
}
