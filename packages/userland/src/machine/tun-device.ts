import { KernelError } from '@labwire/core/error';
import type { WaitQueue } from '@labwire/core/sim';
import { allocSkb, freeSkb } from '@labwire/core/skb';
import { type TapQueue, TunFile } from '@labwire/devices/link';
import type { Caller } from './fs/index.ts';
import type { OpenFile } from './open-file.ts';
import type { Process } from './process.ts';

/** Bytes of a frame that a program may write. */
const MAX_FRAME = 65_536;
/** sizeof(struct virtio_net_hdr) */
const VNET_HDR_LEN = 10;

/** A device's other end as a file: reads and writes carry one frame each. */
abstract class QueueFile<Q extends TapQueue> implements OpenFile {
  readonly isTty = false;
  protected readonly queue: Q;
  /** Bytes before each frame that say how it is to be cut up and summed: here nothing. `struct virtio_net_hdr` */
  readonly #header: number;
  #refs = 0;

  constructor(queue: Q, header: number) {
    this.queue = queue;
    this.#header = header;
  }

  get wq(): WaitQueue {
    return this.queue.wq;
  }

  poll(): number {
    return this.queue.poll();
  }

  read(max: number): Uint8Array | undefined {
    const skb = this.queue.recv();
    if (skb === null) return undefined;
    const frame = new Uint8Array(Math.min(max, this.#header + skb.len));
    const room = Math.max(0, frame.length - this.#header);
    frame.set(skb.buf.subarray(skb.data, skb.data + room), frame.length - room);
    freeSkb(skb);
    return frame;
  }

  write(data: Uint8Array): number {
    const length = data.length - this.#header;
    if (length < 0 || length > MAX_FRAME) throw new KernelError('EINVAL');
    const skb = allocSkb(length);
    skb.buf.set(data.subarray(this.#header), skb.put(length));
    if (!this.queue.send(skb)) throw new KernelError('EIO');
    return data.length;
  }

  ref(): void {
    this.#refs++;
  }

  unref(): void {
    if (--this.#refs === 0) this.queue.close();
  }
}

/** What opening /dev/net/tun gives: `tun` takes the ioctls. Linux drivers/net/tun.c */
export class TunDeviceFile extends QueueFile<TunFile> {
  constructor(caller: Caller) {
    super(new TunFile(caller.netns), 0);
  }

  get tun(): TunFile {
    return this.queue;
  }
}

/** What opening /dev/tapN gives: the end of a macvtap, each frame behind a header of ten bytes. Linux drivers/net/tap.c */
export class TapDeviceFile extends QueueFile<TapQueue> {
  constructor(queue: TapQueue) {
    super(queue, VNET_HDR_LEN);
  }

  /** What takes and gives frames. */
  get tap(): TapQueue {
    return this.queue;
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
