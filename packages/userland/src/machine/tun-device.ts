import { KernelError } from '@labwire/core/error';
import type { WaitQueue } from '@labwire/core/sim';
import { allocSkb, freeSkb } from '@labwire/core/skb';
import { TunFile } from '@labwire/devices/link';
import type { Caller } from './fs/index.ts';
import type { OpenFile } from './open-file.ts';
import type { Process } from './process.ts';

/** Bytes of a frame that a program may write. */
const MAX_FRAME = 65_536;

/** What opening /dev/net/tun gives: `tun` takes the ioctls, reads and writes carry one frame each. Linux drivers/net/tun.c */
export class TunDeviceFile implements OpenFile {
  readonly isTty = false;
  readonly tun: TunFile;
  #refs = 0;

  constructor(caller: Caller) {
    this.tun = new TunFile(caller.netns);
  }

  get wq(): WaitQueue {
    return this.tun.wq;
  }

  poll(): number {
    return this.tun.poll();
  }

  read(max: number): Uint8Array | undefined {
    const skb = this.tun.recv();
    if (skb === null) return undefined;
    const frame = skb.buf.slice(skb.data, Math.min(skb.tail, skb.data + max));
    freeSkb(skb);
    return frame;
  }

  write(data: Uint8Array): number {
    if (data.length > MAX_FRAME) throw new KernelError('EINVAL');
    const skb = allocSkb(data.length);
    skb.buf.set(data, skb.put(data.length));
    if (!this.tun.send(skb)) throw new KernelError('EIO');
    return data.length;
  }

  ref(): void {
    this.#refs++;
  }

  unref(): void {
    if (--this.#refs === 0) this.tun.close();
  }
}

/**
 * Opens /dev/net/tun for a process, which holds it until it closes the descriptor or ends.
 * @returns the descriptor, and what takes the ioctls
 * @throws {@link KernelError} ENOENT, EACCES
 */
export function openTun(proc: Process): { readonly fd: number; readonly tun: TunFile } {
  const fd = proc.open('/dev/net/tun', { read: true, write: true });
  const file = proc.file(fd);
  if (!(file instanceof TunDeviceFile)) throw new KernelError('ENOTTY');
  return { fd, tun: file.tun };
}
