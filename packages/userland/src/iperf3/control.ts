import { getU32, put32, utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { closeSocket, recv, type StreamSocket, sendAll } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { type IperfErrno, IperfError, meaning } from './errors.ts';

/** Bytes of the text that tells tests apart, with the zero behind it. COOKIE_SIZE */
export const COOKIE_SIZE = 37;

/** States of a test as they are sent over the control connection, one byte each. Source: iperf_api.h. */
export const STATE = {
  TEST_START: 1,
  TEST_RUNNING: 2,
  TEST_END: 4,
  PARAM_EXCHANGE: 9,
  CREATE_STREAMS: 10,
  SERVER_TERMINATE: 11,
  CLIENT_TERMINATE: 12,
  EXCHANGE_RESULTS: 13,
  DISPLAY_RESULTS: 14,
  IPERF_START: 15,
  IPERF_DONE: 16,
  ACCESS_DENIED: -1,
  SERVER_ERROR: -2,
} as const;

/** A value of {@link STATE}. */
export type State = (typeof STATE)[keyof typeof STATE];

/** One side of the control connection. */
export class Control {
  readonly #proc: Process;
  readonly sock: StreamSocket;

  constructor(proc: Process, sock: StreamSocket) {
    this.#proc = proc;
    this.sock = sock;
    sock.setNodelay(true);
  }

  /** Sends a state; a peer that is gone will be noticed by the next read. */
  async sendState(state: State): Promise<void> {
    await this.send(new Uint8Array([state & 0xff]));
  }

  /** Sends bytes. */
  async send(data: Uint8Array): Promise<void> {
    await meaning(111, () => sendAll(this.#proc, this.sock, data));
  }

  /** The next byte as a number with a sign; undefined at the end. */
  async readState(): Promise<number | undefined> {
    const byte = (await this.read(1, 112))[0];
    return byte === undefined ? undefined : (byte << 24) >> 24;
  }

  /** So many bytes; fewer at the end. */
  async read(count: number, code: IperfErrno): Promise<Uint8Array> {
    const data = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const got = await meaning(code, () => recv(this.#proc, this.sock, count - at));
      if (got === undefined || got.data.length === 0) break;
      data.set(got.data, at);
      at += got.data.length;
    }
    return data.subarray(0, at);
  }

  /** Sends a value: the length of its text in four bytes, then the text. JSON_write() */
  async writeJson(value: unknown): Promise<void> {
    const text = utf8Encode(JSON.stringify(value));
    const head = new Uint8Array(4);
    put32(head, 0, text.length);
    await this.send(head);
    await this.send(text);
  }

  /** A value that the other side sent. @throws IperfError with `code`. JSON_read() */
  async readJson(code: IperfErrno): Promise<Readonly<Record<string, unknown>>> {
    const head = await this.read(4, code);
    if (head.length < 4) throw new IperfError(code);
    const text = await this.read(getU32(head, 0), code);
    try {
      return JSON.parse(utf8Decode(text)) as Record<string, unknown>;
    } catch {
      throw new IperfError(code);
    }
  }

  /** Tells why the server cannot go on: the numbers of its error and of errno's. */
  async sendError(error: IperfError, errno: number): Promise<void> {
    await this.sendState(STATE.SERVER_ERROR);
    const numbers = new Uint8Array(8);
    put32(numbers, 0, error.code);
    put32(numbers, 4, errno);
    await this.send(numbers);
  }

  close(): void {
    closeSocket(this.#proc, this.sock);
  }
}

/** Runs a step that may fail because the peer is gone, which does not matter any more. */
export async function regardless(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (e) {
    if (!(e instanceof KernelError || e instanceof IperfError)) throw e;
  }
}
