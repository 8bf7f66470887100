import { Socket } from 'node:net';
import type { Libc } from '../libc/index.ts';
import { pipeHandle } from './pipe-handle.ts';
import { ReceiveOffload } from './receive-offload.ts';
import {
  FrameOffload,
  readVirtioNetHeader,
  VIRTIO_NET_HDR_LEN,
  writeVirtioNetHeader,
} from './virtio-net-header.ts';
import type { WireSink } from './wire.ts';

/** Bytes of the longest super-segment, with Ethernet header and VLAN tags. */
const LONGEST = 65_535 + 14 + 2 * 4;
/** Frames that are read before others get their turn. */
const MOST_AT_ONCE = 64;

/**
 * A character device that gives a frame with each read and takes one with each write, behind struct virtio_net_hdr: what
 * /dev/net/tun is once it has a device, and what a macvtap has under /dev. libuv's poll tells that there is something to read; it
 * reads one frame by itself and the others are read until there are none, so that the poll is paid for once. Frames of a TCP connection
 * that leave in one turn are joined on the way, since a write's price is that of the reader's stack.
 */
export class FrameDevice {
  readonly #fd: number;
  readonly #libc: Libc;
  readonly #sink: WireSink;
  readonly #socket: Socket;
  readonly #in = new Uint8Array(VIRTIO_NET_HDR_LEN + LONGEST);
  readonly #out = new Uint8Array(VIRTIO_NET_HDR_LEN + LONGEST);
  /** A frame that others may follow, in memory of its own. */
  readonly #held = new ReceiveOffload(
    new Uint8Array(VIRTIO_NET_HDR_LEN + LONGEST),
    VIRTIO_NET_HDR_LEN,
  );
  readonly #offload = new FrameOffload();
  #paused = false;

  /**
   * @param fd is closed with this; does not block
   * @param onGone is told when the device is no more, or closed
   */
  constructor(fd: number, libc: Libc, sink: WireSink, onGone: () => void) {
    this.#fd = fd;
    this.#libc = libc;
    this.#sink = sink;
    const onread = { buffer: this.#in, callback: (n: number) => this.#receive(n) };
    const options = { handle: pipeHandle(fd), onread };
    this.#socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
    this.#socket.on('error', () => undefined); // reading fails once the device is deleted; 'close' follows
    this.#socket.on('close', onGone);
  }

  /** Begins to read. */
  start(): void {
    this.#socket.read(0);
  }

  /** A frame is in the buffer; there may be more. @returns whether to go on */
  #receive(first: number): boolean {
    let n = first;
    for (let i = 0; n > 0; i++) {
      this.#frame(n);
      if (this.#paused) return false;
      if (i === MOST_AT_ONCE) return true;
      n = this.#libc.read(this.#fd, this.#in, this.#in.length);
    }
    return true;
  }

  #frame(end: number): void {
    const offload = this.#offload;
    const at = VIRTIO_NET_HDR_LEN;
    if (readVirtioNetHeader(this.#in, end, offload))
      this.#sink.onFrame(this.#in, at, end - at, offload.gsoSize, offload.checked);
    else this.#sink.onFrame(this.#in, at, 0); // counted as what it is: no frame
  }

  /**
   * Sends a frame, or holds it for the next {@link flush}, so that others can be joined to it.
   * @returns whether the device took it; one that is down takes none, of which `onLost` tells later if it was held
   */
  send(buf: Uint8Array, off: number, len: number, gsoSize: number): boolean {
    const held = this.#held;
    if (gsoSize === 0 && held.add(buf, off, len)) return true;
    this.flush();
    if (gsoSize === 0 && held.begin(buf, off, len)) return true;
    const end = VIRTIO_NET_HDR_LEN + len;
    const out = this.#out;
    if (end > out.length) return false;
    out.set(buf.subarray(off, off + len), VIRTIO_NET_HDR_LEN);
    return this.#write(out, end, gsoSize);
  }

  /** Sends what is held. */
  flush(): void {
    const held = this.#held;
    const { frames, end } = held;
    if (frames === 0) return;
    held.finish();
    held.frames = 0;
    if (!this.#write(held.buf, end, frames > 1 ? held.gsoSize : 0)) this.#sink.onLost(frames);
  }

  #write(out: Uint8Array, end: number, gsoSize: number): boolean {
    return writeVirtioNetHeader(out, end, gsoSize) && this.#libc.write(this.#fd, out, end) === end;
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  async close(): Promise<void> {
    const { closed } = this.#socket;
    if (closed) return;
    const done = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.destroy();
    await done;
  }
}
