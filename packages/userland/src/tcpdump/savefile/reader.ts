import { TcpdumpError } from '../tcpdump-error.ts';

/** Bytes of a file, in its byte order. */
export class FileReader {
  readonly #buf: Uint8Array;
  readonly little: boolean;
  at: number;

  constructor(buf: Uint8Array, at: number, little: boolean) {
    this.#buf = buf;
    this.at = at;
    this.little = little;
  }

  get left(): number {
    return this.#buf.length - this.at;
  }

  /** As many bytes as there are, up to `n`. */
  take(n: number): Uint8Array {
    const bytes = this.#buf.subarray(this.at, this.at + n);
    this.at += bytes.length;
    return bytes;
  }

  u16(): number {
    const [a = 0, b = 0] = this.take(2);
    return this.little ? b * 256 + a : a * 256 + b;
  }

  u32(): number {
    const bytes = [...this.take(4)];
    if (this.little) bytes.reverse();
    return bytes.reduce((v, b) => v * 256 + b, 0);
  }
}

/** A file that ends early. */
export function truncatedFile(what: string, wanted: number, got: number): TcpdumpError {
  return new TcpdumpError(
    `truncated dump file; tried to read ${wanted} ${what}bytes, only got ${got}`,
  );
}
