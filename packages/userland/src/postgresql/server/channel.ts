import { POLLIN, type Pollable, WaitQueue } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/** A connection as a session sees it: a TCP socket, or one end of a {@link localPair}. */
export interface Channel extends Pollable {
  /** @returns undefined for nothing yet, empty at the end */
  recv(max: number): { readonly data: Uint8Array } | undefined;
  send(data: Uint8Array): number | undefined;
}

/** What listens at a Unix-domain socket of PostgreSQL. */
export interface LocalListener {
  /** Connects a client of that user. */
  connect(uid: number): LocalEnd;
}

/** Where a session's client is. */
export interface Peer {
  readonly address: InetAddr | undefined;
  readonly port: number;
  readonly local: InetAddr | undefined;
  /** Of a client on the same machine. */
  readonly uid: number | undefined;
}

/** One end of a connection within a machine: AF_UNIX, SOCK_STREAM. */
export class LocalEnd implements Channel {
  readonly wq: WaitQueue = new WaitQueue();
  readonly #received: Uint8Array[] = [];
  #other: LocalEnd | undefined;
  #ended = false;

  /** Both ends. */
  static pair(): [LocalEnd, LocalEnd] {
    const [a, b] = [new LocalEnd(), new LocalEnd()];
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  poll(): number {
    return this.#received.length > 0 || this.#ended ? POLLIN : 0;
  }

  recv(): { readonly data: Uint8Array } | undefined {
    const data = this.#received.shift();
    if (data !== undefined) return { data };
    return this.#ended ? { data: new Uint8Array(0) } : undefined;
  }

  send(data: Uint8Array): number {
    const other = this.#other;
    if (other !== undefined) {
      other.#received.push(data.slice());
      other.wq.wake();
    }
    return data.length;
  }

  /** Ends the connection for the other side. */
  close(): void {
    const other = this.#other;
    if (other === undefined) return;
    other.#ended = true;
    this.#other = undefined;
    other.wq.wake();
  }
}
