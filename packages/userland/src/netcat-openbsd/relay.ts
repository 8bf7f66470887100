import { KernelError } from '@labwire/core/error';
import { type Nanos, POLLERR, POLLHUP, POLLIN, POLLOUT, SEC } from '@labwire/core/sim';
import type { IoSocket, StreamEnd } from '@labwire/devices/sock';
import type { OpenFile, PollItem, Process } from '../machine/index.ts';
import type { NcOptions } from './nc-options.ts';

/** Bytes that nc holds in each direction. BUFSIZE */
const BUFFER = 16_384;

/** Bytes on their way from one side to the other. */
class Buffer {
  #data: Uint8Array = new Uint8Array(0);

  get size(): number {
    return this.#data.length;
  }

  get full(): boolean {
    return this.#data.length >= BUFFER;
  }

  get data(): Uint8Array {
    return this.#data;
  }

  add(piece: Uint8Array): void {
    const joined = new Uint8Array(this.#data.length + piece.length);
    joined.set(this.#data);
    joined.set(piece, this.#data.length);
    this.#data = joined;
  }

  drop(n: number): void {
    this.#data = this.#data.subarray(n);
  }
}

/** Turns each newline into CRLF. */
function withCrlf(data: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of data) {
    if (byte === 10) out.push(13);
    out.push(byte);
  }
  return Uint8Array.from(out);
}

function shutdown(sock: IoSocket, how: 'rd' | 'wr'): void {
  try {
    (sock as StreamEnd).shutdown(how);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
  }
}

/** Copies between the terminal and the network until both are done. netcat.c, readwrite() */
export class Relay {
  readonly #proc: Process;
  readonly #sock: IoSocket;
  readonly #o: NcOptions;
  readonly #stdin: OpenFile;
  readonly #stdout: OpenFile;
  readonly #toNet = new Buffer();
  readonly #toOut = new Buffer();
  #stdinOpen: boolean;
  #stdoutOpen = true;
  #netIn = true;
  #netOut = true;
  #received = 0;
  #quitAt: Nanos = Infinity;

  constructor(proc: Process, sock: IoSocket, options: NcOptions) {
    this.#proc = proc;
    this.#sock = sock;
    this.#o = options;
    this.#stdin = proc.file(0);
    this.#stdout = proc.file(1);
    this.#stdinOpen = !options.noStdin;
  }

  /** Runs to the end. @returns whether the whole program is to end, because `-q` says so */
  async run(): Promise<boolean> {
    if (this.#o.noStdin) this.#endOfStdin();
    while (!this.#done()) {
      if (this.#o.interval > 0) await this.#proc.sleep(this.#o.interval);
      const left = Math.min(this.#o.timeout ?? Infinity, this.#quitAt - this.#proc.now);
      const ready = await this.#proc.poll(
        this.#items(),
        left === Infinity ? undefined : Math.max(0, left),
        'data for nc',
      );
      if (this.#proc.now >= this.#quitAt) return true;
      if (!ready) return false;
      this.#turn();
    }
    return false;
  }

  #done(): boolean {
    const empty = this.#toNet.size === 0 && this.#toOut.size === 0;
    if (!this.#stdinOpen && !this.#netIn && empty) return true;
    if (!this.#netOut && !this.#stdoutOpen) return true;
    return this.#o.listen && !this.#netIn && empty;
  }

  #items(): PollItem[] {
    const items: PollItem[] = [];
    if (this.#stdinOpen && !this.#toNet.full) items.push({ on: this.#stdin, events: POLLIN });
    const net =
      (this.#netIn && !this.#toOut.full ? POLLIN : 0) |
      (this.#netOut && this.#toNet.size > 0 ? POLLOUT : 0);
    if (this.#netIn || this.#netOut) items.push({ on: this.#sock, events: net });
    if (this.#stdoutOpen && this.#toOut.size > 0) items.push({ on: this.#stdout, events: POLLOUT });
    return items;
  }

  #turn(): void {
    const net = this.#sock.poll();
    if ((net & POLLERR) !== 0 && (net & POLLIN) === 0) {
      this.#sock.takeError();
      this.#netIn = false;
      this.#netOut = false;
    }
    if ((net & POLLHUP) !== 0 && (net & POLLIN) === 0) this.#netIn = false;
    if ((net & POLLHUP) !== 0) {
      if (this.#o.shutdown) shutdown(this.#sock, 'wr');
      this.#netOut = false;
    }
    if (!this.#netOut) this.#stdinOpen = false;
    if (!this.#stdoutOpen) {
      if (this.#netIn) shutdown(this.#sock, 'rd');
      this.#netIn = false;
    }
    this.#readStdin();
    this.#writeNet();
    this.#readNet();
    this.#writeStdout();
    if (!this.#stdinOpen && this.#toNet.size === 0) this.#endOfStdin();
    if (!this.#netIn && this.#toOut.size === 0) this.#stdoutOpen = false;
  }

  #endOfStdin(): void {
    if (this.#netOut) {
      if (this.#o.shutdown || this.#o.quitAfter === 0) shutdown(this.#sock, 'wr');
      const { quitAfter } = this.#o;
      if (quitAfter !== undefined) this.#quitAt = this.#proc.now + quitAfter * SEC;
    }
    this.#netOut = false;
  }

  #readStdin(): void {
    if (!this.#stdinOpen || this.#toNet.full) return;
    const data = this.#stdin.read(BUFFER);
    if (data === undefined) return;
    if (data.length === 0) this.#stdinOpen = false;
    else this.#toNet.add(this.#o.crlf ? withCrlf(data) : data);
  }

  #writeNet(): void {
    if (!this.#netOut || this.#toNet.size === 0) return;
    try {
      this.#toNet.drop(this.#sock.send(this.#toNet.data) ?? 0);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#netOut = false;
    }
  }

  #readNet(): void {
    if (!this.#netIn || this.#toOut.full) return;
    try {
      const got = this.#sock.recv(BUFFER);
      if (got === undefined) return;
      if (got.data.length === 0 && got.from === undefined) this.#netIn = false;
      else this.#toOut.add(got.data);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#netIn = false;
    }
    if (this.#o.recvLimit > 0 && ++this.#received >= this.#o.recvLimit) {
      this.#netIn = false;
      this.#stdinOpen = false;
    }
  }

  #writeStdout(): void {
    if (!this.#stdoutOpen || this.#toOut.size === 0) return;
    try {
      this.#toOut.drop(this.#stdout.write(this.#toOut.data) ?? 0);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#stdoutOpen = false;
    }
  }
}
