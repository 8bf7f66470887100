import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { POLLIN, POLLOUT, WaitQueue } from '@labwire/core/sim';
import type { OpenFile } from './open-file.ts';

/** Size of a terminal in characters. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** A terminal as a program has it open: what it writes is shown, what is typed it reads line by line. Linux drivers/tty/n_tty.c */
export class Tty implements OpenFile {
  readonly isTty = true;
  readonly wq: WaitQueue = new WaitQueue();
  /** Its number, as in /dev/pts/0. */
  readonly index: number;
  readonly size: WindowSize;
  /** How many descriptors stand for it. */
  users = 0;
  /** Keys reach the program one by one and are neither shown nor taken for signals: cfmakeraw(3). */
  raw = false;
  readonly #show: (text: string) => void;
  readonly #lines: Uint8Array[] = [];
  #partial: Uint8Array = new Uint8Array(0);

  /** @param show gets what is written, piece by piece */
  constructor(index: number, size: WindowSize, show: (text: string) => void) {
    this.index = index;
    this.size = size;
    this.#show = show;
  }

  poll(): number {
    return POLLOUT | (this.#lines.length > 0 ? POLLIN : 0);
  }

  read(max: number): Uint8Array | undefined {
    const line = this.#lines[0];
    if (line === undefined) return undefined;
    if (line.length <= max) this.#lines.shift();
    else this.#lines[0] = line.subarray(max);
    return line.subarray(0, max);
  }

  write(data: Uint8Array): number {
    const bytes = new Uint8Array(this.#partial.length + data.length);
    bytes.set(this.#partial);
    bytes.set(data, this.#partial.length);
    const end = bytes.length - unfinished(bytes);
    this.#partial = bytes.slice(end);
    if (end > 0) this.#show(utf8Decode(bytes, 0, end));
    return data.length;
  }

  ref(): void {
    this.users++;
  }

  unref(): void {
    this.users--;
  }

  /** Types text; a program can read it once it ends in a newline. */
  type(text: string): void {
    for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) this.#lines.push(utf8Encode(line));
    this.wq.wake();
  }

  /** Ctrl-D on an empty line: the program reads the end of its input. */
  endOfInput(): void {
    this.#lines.push(new Uint8Array(0));
    this.wq.wake();
  }

  /** Takes back what was typed and no program has read. */
  takeUnread(): string {
    return this.#lines
      .splice(0)
      .map((line) => utf8Decode(line))
      .join('');
  }

  /** Shows text that no program wrote: the echo of a key. */
  echo(text: string): void {
    this.#show(text);
  }
}

/** Bytes at the end that begin a UTF-8 sequence which is not complete. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
