import { utf8Decode } from '@labwire/core/bytes';
import type { Nanos } from '@labwire/core/sim';
import type { IoSocket } from '@labwire/devices/sock';
import { recv } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

const LF = 10;
const CR = 13;
/** Bytes that one read asks for. */
const READ_SIZE = 16_384;

/** Thrown by a {@link StreamReader} whose time is over. */
export class ReadTimeout extends Error {}

/** Reads a stream socket by lines and by counts of bytes. Fails with KernelErrors as recv(2) does. */
export class StreamReader {
  readonly #proc: Process;
  readonly #sock: IoSocket;
  #buffer: Uint8Array = new Uint8Array(0);
  #ended = false;
  /** When reads give up; absent: never. */
  deadline: Nanos | undefined;
  /** Bytes taken from the socket. */
  bytesRead = 0;

  constructor(proc: Process, sock: IoSocket) {
    this.#proc = proc;
    this.#sock = sock;
  }

  /** What has been read from the socket and not yet been taken. */
  get buffered(): Uint8Array {
    return this.#buffer;
  }

  /** Whether the other end has closed its side and everything has been taken. */
  get atEnd(): boolean {
    return this.#ended && this.#buffer.length === 0;
  }

  /** Reads more into the buffer. @returns false at the end. @throws ReadTimeout */
  async fill(): Promise<boolean> {
    if (this.#ended) return false;
    const left =
      this.deadline === undefined ? undefined : Math.max(0, this.deadline - this.#proc.now);
    const got = await recv(this.#proc, this.#sock, READ_SIZE, left);
    if (got === undefined) throw new ReadTimeout();
    if (got.data.length === 0) {
      this.#ended = true;
      return false;
    }
    this.bytesRead += got.data.length;
    const joined = new Uint8Array(this.#buffer.length + got.data.length);
    joined.set(this.#buffer);
    joined.set(got.data, this.#buffer.length);
    this.#buffer = joined;
    return true;
  }

  /**
   * Takes a line without its end, LF or CRLF.
   * @returns undefined if the stream ends before the line does, or the line is longer than `max` bytes
   */
  async line(max = 32_768): Promise<string | undefined> {
    let from = 0;
    for (;;) {
      const end = this.#buffer.indexOf(LF, from);
      if (end >= 0) {
        const stop = end > 0 && this.#buffer[end - 1] === CR ? end - 1 : end;
        const text = utf8Decode(this.#buffer, 0, stop);
        this.#buffer = this.#buffer.subarray(end + 1);
        return text;
      }
      from = this.#buffer.length;
      if (from > max || !(await this.fill())) return undefined;
    }
  }

  /** Takes at most `max` bytes, waiting for the first. @returns empty at the end */
  async some(max: number): Promise<Uint8Array> {
    if (this.#buffer.length === 0) await this.fill();
    const piece = this.#buffer.subarray(0, max);
    this.#buffer = this.#buffer.subarray(piece.length);
    return piece;
  }
}
