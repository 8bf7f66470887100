import type { SkBuff } from '@labwire/core/skb';
import type { Netns } from '../netns/netns.ts';
import { Raw6Socket, type Raw6Table } from '../sock/raw6-socket.ts';
import type { SockInfo } from '../sock/sock-diag.ts';

/** The raw sockets of IPv6 in one namespace; made with the first of them. */
export class Raw6Sockets implements Raw6Table {
  readonly #netns: Netns;
  readonly #sockets = new Set<Raw6Socket>();

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** Makes a raw socket for ICMPv6. */
  open(): Raw6Socket {
    return new Raw6Socket(this.#netns, this.#netns.udp, this);
  }

  add(socket: Raw6Socket): void {
    this.#sockets.add(socket);
  }

  remove(socket: Raw6Socket): void {
    this.#sockets.delete(socket);
  }

  /** Gives every socket that wants it a copy of an ICMPv6 message, which stays the caller's. `raw6_local_deliver()` */
  deliver(skb: SkBuff): void {
    const inet = this.#netns.udp.inet('inet6');
    for (const socket of this.#sockets) socket.deliver(skb, inet);
  }

  /** All of them. */
  dump(): SockInfo[] {
    return [...this.#sockets].map((s) => s.describe());
  }
}
