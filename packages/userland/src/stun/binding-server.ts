import { KernelError } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import type { ChangeRequest, StunMessage } from '@labwire/core/wire';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import { familyOf, openUdp } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { decodeStun, encodeStun } from './exchange.ts';

/** Where a server listens: an address and a port, each the first or the other one of the server's. RFC 5780 section 5 */
export interface Place extends SockAddr {
  readonly otherIp: boolean;
  readonly otherPort: boolean;
}

/** What is sent for a request, and between which ends. */
export interface BindingAnswer {
  readonly message: StunMessage;
  readonly from: Place;
  readonly to: SockAddr;
}

/** The place that differs from `at` in what a client asks to be changed. @returns undefined if there is none */
export function changed(
  places: readonly Place[],
  at: Place,
  change: ChangeRequest,
): Place | undefined {
  return places.find(
    (p) =>
      p.otherIp === (at.otherIp !== change.ip) && p.otherPort === (at.otherPort !== change.port),
  );
}

/** Answers Binding requests at several places. */
export class BindingServer {
  readonly #proc: Process;
  readonly #sockets: ReadonlyMap<Place, Socket>;

  private constructor(proc: Process, sockets: ReadonlyMap<Place, Socket>) {
    this.#proc = proc;
    this.#sockets = sockets;
  }

  /** Listens at `places`. @throws KernelError of the place that `failed` is told of */
  static open(
    proc: Process,
    places: readonly Place[],
    failed: (place: Place) => void,
  ): BindingServer {
    const sockets = new Map<Place, Socket>();
    for (const place of places) {
      const socket = openUdp(proc, familyOf(place.addr));
      try {
        socket.bind(place);
      } catch (e) {
        failed(place);
        throw e;
      }
      sockets.set(place, socket);
    }
    return new BindingServer(proc, sockets);
  }

  /** Goes on in another process. */
  handOver(proc: Process): BindingServer {
    return new BindingServer(proc, this.#sockets);
  }

  /** Answers until a signal ends the process. */
  async run(
    answer: (request: StunMessage, at: Place, from: SockAddr) => BindingAnswer | undefined,
  ): Promise<never> {
    const items = [...this.#sockets.values()].map((on) => ({ on, events: POLLIN }));
    for (;;) {
      await this.#proc.poll(items, undefined, 'a STUN request');
      for (const [place, socket] of this.#sockets) this.#serve(place, socket, answer);
    }
  }

  #serve(
    at: Place,
    socket: Socket,
    answer: (request: StunMessage, at: Place, from: SockAddr) => BindingAnswer | undefined,
  ): void {
    const got = socket.recv(65_536);
    const request = got === undefined ? undefined : decodeStun(got.data);
    if (request === undefined || got?.from === undefined) return;
    const reply = answer(request, at, got.from);
    if (reply === undefined) return;
    try {
      this.#sockets.get(reply.from)?.send(encodeStun(reply.message), reply.to);
    } catch (e) {
      // an answer that cannot be sent is lost, as on the network
      if (!(e instanceof KernelError)) throw e;
    }
  }
}
