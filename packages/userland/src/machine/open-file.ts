import { KernelError } from '@labwire/core/error';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, type Pollable, WaitQueue } from '@labwire/core/sim';

/** What a file descriptor stands for. Reads and writes never block: `undefined` means "not now, wait for `wq`". */
export interface OpenFile extends Pollable {
  /** Whether it is a terminal: isatty(3). */
  readonly isTty: boolean;
  /** @returns at most `max` bytes; empty at the end; undefined if it would block. */
  read(max: number): Uint8Array | undefined;
  /** @returns bytes taken; undefined if it would block. @throws KernelError EPIPE, ENOSPC, EBADF */
  write(data: Uint8Array): number | undefined;
  /** One more descriptor stands for this. */
  ref(): void;
  /** One descriptor fewer does; the last one closes it. */
  unref(): void;
}

/** Bytes that a pipe holds before its writer must wait. Linux fs/pipe.c: 16 pages. */
const PIPE_SIZE = 65_536;

class Pipe {
  readonly readWq: WaitQueue = new WaitQueue();
  readonly writeWq: WaitQueue = new WaitQueue();
  chunks: Uint8Array[] = [];
  size = 0;
  readers = 0;
  writers = 0;
}

class PipeReader implements OpenFile {
  readonly isTty = false;
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  get wq(): WaitQueue {
    return this.#pipe.readWq;
  }

  poll(): number {
    return (this.#pipe.size > 0 ? POLLIN : 0) | (this.#pipe.writers === 0 ? POLLIN | POLLHUP : 0);
  }

  read(max: number): Uint8Array | undefined {
    const pipe = this.#pipe;
    const first = pipe.chunks[0];
    if (first === undefined) return pipe.writers === 0 ? new Uint8Array(0) : undefined;
    const piece = first.length <= max ? first : first.subarray(0, max);
    if (piece === first) pipe.chunks.shift();
    else pipe.chunks[0] = first.subarray(max);
    pipe.size -= piece.length;
    pipe.writeWq.wake();
    return piece;
  }

  write(): number {
    throw new KernelError('EBADF');
  }

  ref(): void {
    this.#pipe.readers++;
  }

  unref(): void {
    if (--this.#pipe.readers === 0) this.#pipe.writeWq.wake();
  }
}

class PipeWriter implements OpenFile {
  readonly isTty = false;
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  get wq(): WaitQueue {
    return this.#pipe.writeWq;
  }

  poll(): number {
    return (this.#pipe.size < PIPE_SIZE ? POLLOUT : 0) | (this.#pipe.readers === 0 ? POLLERR : 0);
  }

  read(): Uint8Array {
    throw new KernelError('EBADF');
  }

  write(data: Uint8Array): number | undefined {
    const pipe = this.#pipe;
    if (pipe.readers === 0) throw new KernelError('EPIPE');
    const room = PIPE_SIZE - pipe.size;
    if (room <= 0) return undefined;
    const taken = Math.min(room, data.length);
    if (taken === 0) return 0;
    pipe.chunks.push(data.slice(0, taken));
    pipe.size += taken;
    pipe.readWq.wake();
    return taken;
  }

  ref(): void {
    this.#pipe.writers++;
  }

  unref(): void {
    if (--this.#pipe.writers === 0) this.#pipe.readWq.wake();
  }
}

/** Makes a pipe: pipe(2). Neither end counts as open before its first `ref()`. */
export function openPipe(): { readonly reader: OpenFile; readonly writer: OpenFile } {
  const pipe = new Pipe();
  return { reader: new PipeReader(pipe), writer: new PipeWriter(pipe) };
}
