import { KernelError } from '@labwire/core/error';
import type { OpenFile, Process } from '../machine/index.ts';
import { CURLE_WRITE_ERROR, CurlError } from './curl-error.ts';

/** Where a body is written: a file, which is made when its first byte comes, or standard output. */
export class OutputSink {
  readonly #proc: Process;
  /** The file's name; undefined for standard output. */
  readonly file: string | undefined;
  #handle: OpenFile | undefined;
  #fd: number | undefined;

  constructor(proc: Process, file: string | undefined) {
    this.#proc = proc;
    this.file = file;
  }

  /** Whether what is written shows on a terminal. */
  get isTty(): boolean {
    return this.file === undefined && this.#proc.isTty(1);
  }

  /** @throws CurlError 23 */
  async write(data: Uint8Array): Promise<void> {
    if (this.file === undefined) return this.#proc.write(1, data);
    try {
      await this.#proc.write(this.#open(this.file), data);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new CurlError(CURLE_WRITE_ERROR, 'Failure writing output to destination');
    }
  }

  #open(file: string): number {
    if (this.#fd === undefined) {
      this.#fd = this.#proc.open(file, { write: true, create: true, truncate: true });
      this.#handle = this.#proc.file(this.#fd);
    }
    return this.#fd;
  }

  /** Makes the file even if nothing came, and closes it. */
  finish(complete: boolean): void {
    if (this.file === undefined) return;
    if (complete && this.#handle === undefined) this.#open(this.file);
    if (this.#fd !== undefined) this.#proc.close(this.#fd);
  }
}
