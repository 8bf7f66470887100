import type { UnixName } from './unix-address.ts';

/** What a queued piece counts beside its bytes. `SKB_TRUESIZE` of a page-sized buffer, rounded */
const TRUESIZE_OVERHEAD = 768;

/** A piece that has been sent and not yet been read. */
export interface UnixMessage {
  readonly data: Uint8Array;
  /** Who sent it; undefined for a socket without a name. */
  readonly from: UnixName | undefined;
}

/** What a socket has been sent. `sk_receive_queue` */
export class MessageQueue {
  #messages: UnixMessage[] = [];
  /** Bytes that wait to be read. */
  bytes = 0;

  get length(): number {
    return this.#messages.length;
  }

  /** What it counts against its sender's buffer. `sk_wmem_alloc` */
  get memory(): number {
    return this.bytes + this.#messages.length * TRUESIZE_OVERHEAD;
  }

  /** Bytes of the first message. */
  get first(): number {
    return this.#messages[0]?.data.length ?? 0;
  }

  push(message: UnixMessage): void {
    this.#messages.push(message);
    this.bytes += message.data.length;
  }

  /** The first message, cut to `max` bytes; the rest of it is lost. */
  takeMessage(max: number): UnixMessage | undefined {
    const message = this.#messages.shift();
    if (message === undefined) return undefined;
    this.bytes -= message.data.length;
    return message.data.length <= max
      ? message
      : { data: message.data.subarray(0, max), from: message.from };
  }

  /** Up to `max` bytes of whatever messages there are. */
  takeBytes(max: number): Uint8Array {
    const out = new Uint8Array(Math.min(max, this.bytes));
    let at = 0;
    while (at < out.length) {
      const first = this.#messages[0] as UnixMessage;
      const n = Math.min(first.data.length, out.length - at);
      out.set(first.data.subarray(0, n), at);
      at += n;
      if (n === first.data.length) this.#messages.shift();
      else this.#messages[0] = { data: first.data.subarray(n), from: first.from };
    }
    this.bytes -= out.length;
    return out;
  }
}
