import { KernelError } from '@labwire/core/error';
import { POLLERR, POLLHUP, POLLOUT } from '@labwire/core/sim';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { StreamEnd } from '@labwire/devices/sock';
import { NetBackend } from '../../hypervisor/index.ts';
import { closeSocket } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { FrameStream } from './frame-stream.ts';
import { Pump } from './user/pump.ts';

/** A socket that waits for connections. */
export type Listener = StreamEnd & { accept(): StreamEnd | undefined };

/** What a backend says of itself when its connection changes. */
export interface StreamTexts {
  /** Somebody came. */
  accepted(sock: StreamEnd): string;
  /** What it was connected to has answered. */
  connected(sock: StreamEnd): string;
  /** It is waiting for the answer. */
  readonly connecting: string;
  /** There was none. */
  readonly failed: string;
}

/** Frames over a connection to another QEMU: made, or waited for, one at a time. QEMU net/socket.c, net/stream.c */
export class StreamBackend extends NetBackend {
  readonly #proc: Process;
  readonly #pump: Pump;
  readonly #texts: StreamTexts;
  #listener: Listener | undefined;
  #socket: StreamEnd | undefined;
  #frames: FrameStream | undefined;
  #connecting = false;
  /** What `info network` shows behind the type. */
  info = '';

  constructor(proc: Process, texts: StreamTexts) {
    super();
    this.#proc = proc;
    this.#texts = texts;
    this.#pump = new Pump(proc.machine.kernel.sim);
  }

  /** Takes connections from a listening socket, which becomes its own. */
  listen(listener: Listener): void {
    this.#listener = listener;
    this.#pump.watch(listener, () => this.#accept(listener));
  }

  #accept(listener: Listener): void {
    if (this.#socket !== undefined) return;
    const sock = listener.accept();
    if (sock === undefined) return;
    this.#use(sock);
    this.info = this.#texts.accepted(sock);
  }

  /** Uses a socket that is connected, or will be in a moment. */
  connect(sock: StreamEnd): void {
    this.#connecting = true;
    this.info = this.#texts.connecting;
    this.#use(sock);
  }

  /** There is nothing to connect to. */
  fail(): void {
    this.info = this.#texts.failed;
  }

  #use(sock: StreamEnd): void {
    const frames = new FrameStream(sock);
    this.#socket = sock;
    this.#frames = frames;
    this.#pump.watch(sock, () => this.#guarded(() => this.#turn(sock, frames)));
  }

  #turn(sock: StreamEnd, frames: FrameStream): void {
    if (this.#connecting) {
      if ((sock.poll() & (POLLOUT | POLLERR | POLLHUP)) === 0) return;
      const error = sock.takeError();
      if (error !== undefined) throw new KernelError(error);
      this.#connecting = false;
      this.info = this.#texts.connected(sock);
    }
    const take = (skb: SkBuff): void => {
      if (this.guest === null) freeSkb(skb);
      else this.guest.deliver(skb);
    };
    if (frames.receive(take)) frames.flush();
    else this.#part();
  }

  /** Ends the connection if it has failed. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const never = this.#connecting;
      this.#part();
      if (never) this.fail();
    }
  }

  #part(): void {
    const sock = this.#socket;
    this.#socket = undefined;
    this.#frames = undefined;
    this.#connecting = false;
    this.info = '';
    if (sock === undefined) return;
    this.#pump.unwatch(sock);
    sock.close();
    if (this.#listener !== undefined) this.#accept(this.#listener);
  }

  override receive(skb: SkBuff): void {
    const frames = this.#frames;
    if (frames !== undefined && !this.#connecting) this.#guarded(() => frames.send(skb));
    freeSkb(skb);
  }

  override close(): void {
    this.#pump.close();
    this.#socket?.close();
    this.#socket = undefined;
    if (this.#listener !== undefined) closeSocket(this.#proc, this.#listener);
  }
}
