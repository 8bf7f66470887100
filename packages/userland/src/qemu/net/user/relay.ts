import { KernelError } from '@labwire/core/error';
import type { StreamEnd } from '@labwire/devices/sock';
import type { TcpSocket } from '@labwire/devices/tcp';
import type { Pump } from './pump.ts';

/** Bytes taken at a time. */
const CHUNK = 65_536;

/** One way of a {@link Relay}. */
interface Way {
  readonly from: StreamEnd;
  readonly to: StreamEnd;
  rest: Uint8Array;
  over: boolean;
}

/** Carries what two connections say to each other, and ends them together: slirp's sbufs. */
export class Relay {
  readonly host: StreamEnd;
  readonly guest: TcpSocket;
  readonly #pump: Pump;
  readonly #ways: readonly [Way, Way];
  readonly #onEnd: (relay: Relay) => void;
  #ended = false;

  constructor(pump: Pump, guest: TcpSocket, host: StreamEnd, onEnd: (relay: Relay) => void) {
    this.#pump = pump;
    this.guest = guest;
    this.host = host;
    this.#onEnd = onEnd;
    const way = (from: StreamEnd, to: StreamEnd): Way => ({
      from,
      to,
      rest: new Uint8Array(0),
      over: false,
    });
    this.#ways = [way(guest, host), way(host, guest)];
    for (const socket of [guest, host]) pump.watch(socket, () => this.#run());
  }

  #run(): void {
    if (this.#ended) return;
    try {
      for (const way of this.#ways) carry(way);
      if (this.#ways.every((way) => way.over)) this.end();
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.guest.options.linger = 0; // the guest is reset, too: soread(), tcp_drop()
      this.end();
    }
  }

  /** Closes both. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const socket of [this.guest, this.host]) this.#pump.unwatch(socket);
    this.guest.close();
    this.#onEnd(this);
  }
}

/** Moves what there is. @throws KernelError if a connection has failed */
function carry(way: Way): void {
  while (!way.over) {
    if (way.rest.length === 0) {
      const got = way.from.recv(CHUNK);
      if (got === undefined) return;
      if (got.data.length === 0) {
        way.to.shutdown('wr');
        way.over = true;
        return;
      }
      way.rest = got.data;
    }
    const sent = way.to.send(way.rest);
    if (sent === undefined) return;
    way.rest = way.rest.subarray(sent);
  }
}
