/** Bytes of the length before each frame. */
const LENGTH = 4;
/** Longest frame that is taken: QEMU's own limit. QEMU include/net/net.h, NET_BUFSIZE */
export const MAX_FRAME: number = 4096 + 65_536;

/** A length that no frame has: whoever is at the other end speaks something else. */
export class FramingError extends Error {}

/**
 * Cuts a stream into frames, each behind its length as 32 bits, high byte first: QEMU's `-netdev stream` and
 * `-netdev socket`. QEMU net/net.c, net_fill_rstate()
 */
export class Framer {
  readonly #onFrame: (buf: Uint8Array, off: number, len: number) => void;
  /** The beginning of a frame that has not come whole. */
  #rest: Uint8Array = new Uint8Array(0);
  #held = 0;

  /** @param onFrame is given bytes that are its own during the call only */
  constructor(onFrame: (buf: Uint8Array, off: number, len: number) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes in the next bytes. @throws {@link FramingError} */
  push(chunk: Uint8Array): void {
    const src = this.#held === 0 ? chunk : this.#join(chunk);
    let at = 0;
    while (src.length - at >= LENGTH) {
      const len = lengthAt(src, at);
      if (len > MAX_FRAME) throw new FramingError(`a frame of ${len} bytes`);
      if (src.length - at - LENGTH < len) break;
      this.#onFrame(src, at + LENGTH, len);
      at += LENGTH + len;
    }
    this.#keep(src, at);
  }

  #join(chunk: Uint8Array): Uint8Array {
    const src = new Uint8Array(this.#held + chunk.length);
    src.set(this.#rest.subarray(0, this.#held));
    src.set(chunk, this.#held);
    return src;
  }

  #keep(src: Uint8Array, from: number): void {
    this.#held = src.length - from;
    if (this.#held > this.#rest.length) this.#rest = new Uint8Array(MAX_FRAME + LENGTH);
    this.#rest.set(src.subarray(from));
  }
}

function lengthAt(b: Uint8Array, at: number): number {
  const [b0, b1, b2, b3] = [b[at], b[at + 1], b[at + 2], b[at + 3]] as [
    number,
    number,
    number,
    number,
  ];
  return ((b0 << 24) | (b1 << 16) | (b2 << 8) | b3) >>> 0;
}

/** Frames that wait to be written together, each behind its length. */
export class FrameBatch {
  #bytes = new Uint8Array(1 << 16);
  #used = 0;

  /** Bytes that wait. */
  get size(): number {
    return this.#used;
  }

  /** Adds a frame. */
  add(buf: Uint8Array, off: number, len: number): void {
    const end = this.#used + LENGTH + len;
    if (end > this.#bytes.length) this.#grow(end);
    const bytes = this.#bytes;
    bytes[this.#used] = len >>> 24;
    bytes[this.#used + 1] = len >>> 16;
    bytes[this.#used + 2] = len >>> 8;
    bytes[this.#used + 3] = len;
    bytes.set(buf.subarray(off, off + len), this.#used + LENGTH);
    this.#used = end;
  }

  #grow(need: number): void {
    const bytes = new Uint8Array(2 * need);
    bytes.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = bytes;
  }

  /** Takes all that waits; the bytes are the taker's. */
  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#used);
    this.#used = 0;
    return bytes;
  }
}
