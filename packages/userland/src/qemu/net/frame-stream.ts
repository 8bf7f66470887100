import { get32, put32 } from '@labwire/core/bytes';
import { POLLOUT } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import type { StreamEnd } from '@labwire/devices/sock';

/** Bytes of a frame's length before it. */
const LENGTH = 4;
/** Largest frame that QEMU takes. NET_BUFSIZE */
const MAX_FRAME = 4096 + 65_536;
const CHUNK = 65_536;
/** Bytes that wait for a slow reader before frames are dropped. */
const MAX_WAITING = 1 << 20;

/** A frame of bytes that have been read. */
export function frameOf(data: Uint8Array): SkBuff {
  const skb = allocSkb(data.length);
  skb.buf.set(data, skb.put(data.length));
  return skb;
}

/** Frames over a connection, each after its length. QEMU net/socket.c, net_fill_rstate() */
export class FrameStream {
  readonly #socket: StreamEnd;
  #in: Uint8Array = new Uint8Array(0);
  #out: Uint8Array = new Uint8Array(0);

  constructor(socket: StreamEnd) {
    this.#socket = socket;
  }

  /** Sends what waits, as far as there is room. @throws KernelError */
  flush(): void {
    while (this.#out.length > 0 && (this.#socket.poll() & POLLOUT) !== 0) {
      const taken = this.#socket.send(this.#out);
      if (taken === undefined) return;
      this.#out = this.#out.subarray(taken);
    }
  }

  /** Sends a frame, or drops it if too much waits. @throws KernelError */
  send(skb: SkBuff): void {
    if (this.#out.length > MAX_WAITING) return;
    const bytes = new Uint8Array(this.#out.length + LENGTH + skb.len);
    bytes.set(this.#out);
    put32(bytes, this.#out.length, skb.len);
    bytes.set(skb.buf.subarray(skb.data, skb.tail), this.#out.length + LENGTH);
    this.#out = bytes;
    this.flush();
  }

  /** Reads the frames that have come. @returns false if the connection is over. @throws KernelError */
  receive(take: (skb: SkBuff) => void): boolean {
    for (;;) {
      const got = this.#socket.recv(CHUNK)?.data;
      if (got === undefined) return true;
      if (got.length === 0) return false;
      const bytes = new Uint8Array(this.#in.length + got.length);
      bytes.set(this.#in);
      bytes.set(got, this.#in.length);
      const rest = this.#frames(bytes, take);
      if (rest === undefined) return false;
      this.#in = rest;
    }
  }

  /** @returns what is left; undefined: the stream makes no sense */
  #frames(bytes: Uint8Array, take: (skb: SkBuff) => void): Uint8Array | undefined {
    let at = 0;
    while (bytes.length - at >= LENGTH) {
      const length = get32(bytes, at);
      if (length > MAX_FRAME) return undefined;
      if (bytes.length - at - LENGTH < length) break;
      take(frameOf(bytes.subarray(at + LENGTH, at + LENGTH + length)));
      at += LENGTH + length;
    }
    return bytes.slice(at);
  }
}
