import { utf8Decode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { Process } from '../machine/index.ts';

/** Bytes read at a time. */
const CHUNK = 65_536;

/** Opens a file to read; `-` is standard input. @throws KernelError EISDIR for a directory */
export function openInput(proc: Process, file: string): number {
  if (file === '-') return 0;
  const path = proc.path(file);
  if (proc.fs.exists(path) && proc.fs.stat(path).type === 'dir') throw new KernelError('EISDIR');
  return proc.open(file, { read: true });
}

/** Closes what {@link openInput} opened. */
export function closeInput(proc: Process, fd: number): void {
  if (fd !== 0) proc.close(fd);
}

/** The whole of an input. */
export async function readAll(proc: Process, fd: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const data = await proc.read(fd, CHUNK);
    if (data.length === 0) break;
    chunks.push(data);
    size += data.length;
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** The whole of a file, or of standard input for `-`. */
export async function readInput(proc: Process, file: string): Promise<Uint8Array> {
  const fd = openInput(proc, file);
  try {
    return await readAll(proc, fd);
  } finally {
    closeInput(proc, fd);
  }
}

/** The whole of a file as text. */
export async function readInputText(proc: Process, file: string): Promise<string> {
  return utf8Decode(await readInput(proc, file));
}

/** The lines of a text without their newlines. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Reads an input line by line, each as soon as it is there. */
export class LineReader {
  readonly #proc: Process;
  readonly #fd: number;
  readonly #delimiter: number;
  #rest: Uint8Array = new Uint8Array(0);
  #at = 0;
  #ended = false;
  /** Whether the last line had a newline. */
  terminated = true;

  constructor(proc: Process, fd: number, delimiter = 10) {
    this.#proc = proc;
    this.#fd = fd;
    this.#delimiter = delimiter;
  }

  /** @returns the next line without its newline; undefined at the end */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(this.#delimiter, this.#at);
      if (end >= 0) {
        this.#proc.noteProgress();
        const line = utf8Decode(this.#rest, this.#at, end);
        this.#at = end + 1;
        return line;
      }
      if (this.#ended) return this.#last();
      await this.#more();
    }
  }

  #last(): string | undefined {
    if (this.#at >= this.#rest.length) return undefined;
    const line = utf8Decode(this.#rest, this.#at);
    this.#at = this.#rest.length;
    this.terminated = false;
    return line;
  }

  async #more(): Promise<void> {
    const data = await this.#proc.read(this.#fd, CHUNK);
    if (data.length === 0) {
      this.#ended = true;
      return;
    }
    const kept = this.#rest.subarray(this.#at);
    const joined = new Uint8Array(kept.length + data.length);
    joined.set(kept);
    joined.set(data, kept.length);
    this.#rest = joined;
    this.#at = 0;
  }
}
