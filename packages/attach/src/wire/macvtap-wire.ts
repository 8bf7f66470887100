import { constants as fs, openSync, readFileSync } from 'node:fs';
import { DeviceRefusal, DeviceWire } from './device-wire.ts';

/**
 * A macvtap of this computer: `ip link add link eth0 name IF type macvtap mode bridge`. Its frames pass by a character device
 * that is named after its index. Linux drivers/net/macvtap.c
 */
export class MacvtapWire extends DeviceWire {
  protected override openDevice(): number {
    const path = `/dev/tap${indexOf(this.name)}`;
    try {
      return openSync(path, fs.O_RDWR | fs.O_NONBLOCK);
    } catch (e) {
      const { code } = e as NodeJS.ErrnoException;
      throw new DeviceRefusal(`${path}: ${code}`, mendOf(code), code === 'EACCES');
    }
  }
}

function mendOf(code: string | undefined): string {
  if (code === 'EBUSY') return 'another program holds it; end that';
  if (code === 'ENOENT') return 'udev makes it; make it with mknod where there is no udev';
  return 'its owner or root may open it';
}

function indexOf(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
  } catch {
    throw new DeviceRefusal(
      'no such device',
      `make it: ip link add link DEV name ${name} type macvtap`,
    );
  }
}
