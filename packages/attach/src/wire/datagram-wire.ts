import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { LabwireError } from '@labwire/core/error';
import { MAX_FRAME } from './framer.ts';
import type { Wire, WireSink } from './wire.ts';

const HERE = '127.0.0.1';
/** Datagrams that may be under way to the socket. */
const MOST_UNSENT = 4 << 20;

/**
 * A frame in each datagram, on this computer alone: the other side is QEMU's `-netdev dgram` or `-netdev socket,udp=`. Frames
 * go to whoever sent the last one.
 */
export class DatagramWire implements Wire {
  readonly text: string;
  readonly superSegments = false;
  readonly #port: number;
  #peer: number;
  #socket: Socket | undefined;
  #paused = false;

  /** @param peer the port that frames go to before one has come; 0 if it is not known */
  constructor(text: string, port: number, peer: number) {
    this.text = text;
    this.#port = port;
    this.#peer = peer;
  }

  get connected(): boolean {
    return this.#peer !== 0;
  }

  async open(sink: WireSink): Promise<void> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20, sendBufferSize: 1 << 20 });
    this.#socket = socket;
    await new Promise<void>((done, fail) => {
      socket.once('error', (e: NodeJS.ErrnoException) =>
        fail(new LabwireError(`${this.text}: can't bind: ${e.code}; write another port`)),
      );
      socket.bind(this.#port, HERE, done);
    });
    socket.removeAllListeners('error');
    socket.on('error', (e) => sink.onNote(`${this.text}: ${e.message}`));
    socket.on('message', (frame, from) => this.#receive(frame, from, sink));
    if (this.#peer !== 0) sink.onPeer(true);
  }

  #receive(frame: Uint8Array, from: RemoteInfo, sink: WireSink): void {
    if (from.address !== HERE || this.#paused || frame.length > MAX_FRAME) return;
    if (this.#peer !== from.port) {
      this.#peer = from.port;
      sink.onPeer(true);
    }
    sink.onFrame(frame, 0, frame.length);
  }

  send(buf: Uint8Array, off: number, len: number): boolean {
    const socket = this.#socket;
    if (socket === undefined || this.#peer === 0 || socket.getSendQueueSize() > MOST_UNSENT)
      return false;
    socket.send(buf.slice(off, off + len), this.#peer, HERE);
    return true;
  }

  flush(): void {}

  /** Nothing holds a datagram back: what comes meanwhile is lost, as on a full socket. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    if (socket !== undefined) await new Promise<void>((done) => socket.close(done));
  }
}
