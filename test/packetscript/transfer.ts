import { KernelError } from '@labwire/core/error';
import type { TcpSocket } from '@labwire/devices/tcp';
import type { Link } from './link.ts';

/** A byte that tells its place in the stream and which stream it is. */
export function byteAt(stream: number, i: number): number {
  return (Math.imul(i, 31) + (i >>> 8) * 7 + stream * 101) & 0xff;
}

/** One side of a transfer: writes `size` bytes in pieces, reads all that comes, and closes its half when done. */
export class Talker {
  readonly socket: TcpSocket;
  readonly stream: number;
  readonly size: number;
  readonly piece: number;
  sent = 0;
  received = 0;
  /** The other side has closed its half. */
  ended = false;
  /** What arrived is not what was sent. */
  garbled = false;
  error: string | undefined;
  #shut = false;
  readonly #afterEnd: boolean;

  /** @param afterEnd writes nothing before the other side has finished */
  constructor(socket: TcpSocket, stream: number, size: number, piece: number, afterEnd: boolean) {
    this.socket = socket;
    this.stream = stream;
    this.size = size;
    this.piece = piece;
    this.#afterEnd = afterEnd;
    socket.wq.add(() => this.run());
  }

  /** Does what can be done now. */
  run(): void {
    try {
      this.#read();
      if (!this.#afterEnd || this.ended) this.#write();
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.error ??= e.errno;
    }
    if (this.finished && this.#heard) this.socket.close();
  }

  /** Both halves are closed. */
  get finished(): boolean {
    return this.#shut && this.ended;
  }

  /** The other side has acknowledged all: a socket that is closed before gives up much sooner. */
  get #heard(): boolean {
    const tcb = this.socket.tcb;
    return tcb === null || tcb.state === 'CLOSED' || tcb.sndUna === tcb.sendEnd;
  }

  #read(): void {
    for (;;) {
      if (this.ended || this.error !== undefined) return;
      const got = this.socket.recv(this.piece);
      if (got === undefined) return;
      if (got.data.length === 0) {
        this.ended = true;
        return;
      }
      for (const byte of got.data) {
        if (byte !== byteAt(1 - this.stream, this.received++)) this.garbled = true;
      }
    }
  }

  #write(): void {
    while (this.sent < this.size) {
      const n = Math.min(this.piece, this.size - this.sent);
      const data = Uint8Array.from({ length: n }, (_, i) => byteAt(this.stream, this.sent + i));
      const taken = this.socket.send(data);
      if (taken === undefined) return;
      this.sent += taken;
    }
    if (this.#shut) return;
    this.#shut = true;
    this.socket.shutdown('wr');
  }
}

/** Opens a listener on host B, port 80, and a connection to it from host A that has sent its SYN. */
export function dial(link: Link): { readonly listener: TcpSocket; readonly client: TcpSocket } {
  const listener = link.b.netns.tcp.open('inet');
  listener.bind({ addr: link.b.addr, port: 80 });
  listener.listen(5);
  const client = link.a.netns.tcp.open('inet');
  try {
    client.connect({ addr: link.b.addr, port: 80 });
  } catch (e) {
    if (!(e instanceof KernelError) || e.errno !== 'EINPROGRESS') throw e;
  }
  return { listener, client };
}
