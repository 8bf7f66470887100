import { unlinkSync } from 'node:fs';
import {
  createConnection,
  createServer,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net';
import { LabwireError } from '@labwire/core/error';
import { FrameStream } from './frame-stream.ts';
import type { Wire, WireSink } from './wire.ts';

/** A guest that was ended; it is told of as disconnected. */
const HUNG_UP: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Listens for one guest at a time on a Unix socket or on a port of 127.0.0.1: the other side is QEMU's `-netdev stream,server=off` or
 * `-netdev socket,connect=`. A guest may go and come back.
 */
export class StreamWire implements Wire {
  readonly text: string;
  readonly superSegments = false;
  readonly #at: ListenOptions;
  #server: Server | undefined;
  #socket: Socket | undefined;
  #stream: FrameStream | undefined;
  #paused = false;

  /** @param text as the user wrote it */
  constructor(text: string, at: ListenOptions) {
    this.text = text;
    this.#at = at;
  }

  get connected(): boolean {
    return this.#stream !== undefined;
  }

  async open(sink: WireSink): Promise<void> {
    const server = createServer((socket) => this.#accept(socket, sink));
    this.#server = server;
    try {
      await listen(server, this.#at);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await this.#removeStale()))
        throw this.#refusal(e);
      await listen(server, this.#at).catch((again: unknown) => {
        throw this.#refusal(again);
      });
    }
  }

  /** A socket's file that nobody listens at is left over from a process that was killed. */
  async #removeStale(): Promise<boolean> {
    const { path } = this.#at;
    if (path === undefined || (await answers(path))) return false;
    unlinkSync(path);
    return true;
  }

  #refusal(e: unknown): LabwireError {
    const { code } = e as NodeJS.ErrnoException;
    const mend =
      code === 'EADDRINUSE'
        ? 'another program listens there; end it or write another place'
        : code === 'EACCES' || code === 'ENOENT'
          ? 'write a path in a directory that is there and that you may write to'
          : 'write another place';
    return new LabwireError(`${this.text}: can't listen: ${code ?? e}; ${mend}`);
  }

  #accept(socket: Socket, sink: WireSink): void {
    if (this.#socket !== undefined) {
      sink.onNote(`${this.text}: a second guest was turned away; one is there`);
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#stream = FrameStream.of(socket, sink, (why) => {
      sink.onNote(`${this.text}: ${why} is no frame of QEMU's stream; the connection is ended`);
      socket.destroy();
    });
    if (this.#paused) this.#stream.pause();
    socket.on('error', (e: NodeJS.ErrnoException) => {
      if (!HUNG_UP.has(e.code)) sink.onNote(`${this.text}: ${e.message}`);
    });
    socket.on('close', () => {
      this.#socket = undefined;
      this.#stream = undefined;
      sink.onPeer(false);
    });
    sink.onPeer(true);
  }

  send(buf: Uint8Array, off: number, len: number): boolean {
    return this.#stream?.send(buf, off, len) ?? false;
  }

  flush(): void {
    this.#stream?.flush();
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    const server = this.#server;
    if (server !== undefined) await new Promise((done) => server.close(done));
  }
}

function listen(server: Server, at: ListenOptions): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(at, () => {
      server.off('error', fail);
      done();
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = createConnection(path, () => {
      probe.destroy();
      done(true);
    });
    probe.on('error', () => done(false));
  });
}
