import type { Duplex, Readable, Writable } from 'node:stream';
import { FrameBatch, Framer, FramingError } from './framer.ts';
import type { WireSink } from './wire.ts';

/** Bytes that may wait for a reader at the other end. What comes then is dropped, as a full NIC ring drops. */
const MOST_UNREAD = 4 << 20;

/** One connection that carries frames: a socket, or a process's input and output. */
export class FrameStream {
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #batch = new FrameBatch();

  /** @param onBroken is told why the bytes make no frames; the stream is then no good any more */
  constructor(input: Readable, output: Writable, sink: WireSink, onBroken: (why: string) => void) {
    this.#input = input;
    this.#output = output;
    const framer = new Framer((buf, off, len) => sink.onFrame(buf, off, len));
    input.on('data', (chunk: Uint8Array) => {
      try {
        framer.push(chunk);
      } catch (e) {
        if (!(e instanceof FramingError)) throw e;
        input.removeAllListeners('data');
        onBroken(e.message);
      }
    });
  }

  /** Both ends of a socket. */
  static of(socket: Duplex, sink: WireSink, onBroken: (why: string) => void): FrameStream {
    return new FrameStream(socket, socket, sink, onBroken);
  }

  /** Keeps a frame for the next {@link flush}. @returns false if too much waits */
  send(buf: Uint8Array, off: number, len: number): boolean {
    if (this.#output.writableLength + this.#batch.size > MOST_UNREAD) return false;
    this.#batch.add(buf, off, len);
    return true;
  }

  flush(): void {
    if (this.#batch.size > 0) this.#output.write(this.#batch.take());
  }

  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    this.#input.resume();
  }
}
