import { get16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { Icmpv6Off, IPPROTO_ICMPV6 } from '@labwire/core/wire';
import type { Netns } from '../netns/netns.ts';
import type { DatagramError } from '../sock/datagram-inet.ts';
import { PingSocket, type PingTable } from '../sock/ping-socket.ts';
import type { SockInfo } from '../sock/sock-diag.ts';

/** The ping sockets of IPv6 in one namespace; made with the first of them. Linux net/ipv6/ping.c. */
export class Ping6Sockets implements PingTable {
  readonly #netns: Netns;
  readonly #sockets = new Map<number, PingSocket[]>();
  #lastIdent = 0;

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** Makes a ping socket. */
  open(): PingSocket {
    return new PingSocket(this.#netns, 'inet6', this.#netns.udp, this);
  }

  getIdent(socket: PingSocket, wanted: number): number {
    const ident = wanted === 0 ? this.#freeIdent() : wanted;
    const holders = this.#sockets.get(ident) ?? [];
    if (holders.some((h) => !(h.reuseAddr && socket.reuseAddr)))
      throw new KernelError('EADDRINUSE');
    this.#sockets.set(ident, [socket, ...holders]);
    return ident;
  }

  #freeIdent(): number {
    for (let i = 0; i < 0xffff; i++) {
      this.#lastIdent = this.#lastIdent === 0xffff ? 1 : this.#lastIdent + 1;
      if (!this.#sockets.has(this.#lastIdent)) return this.#lastIdent;
    }
    throw new KernelError('EADDRINUSE');
  }

  release(socket: PingSocket): void {
    const left = (this.#sockets.get(socket.num) ?? []).filter((s) => s !== socket);
    if (left.length === 0) this.#sockets.delete(socket.num);
    else this.#sockets.set(socket.num, left);
  }

  /** An echo reply has come: `skb.data` is at its ICMPv6 header. The packet stays the caller's. `ping_rcv()` */
  pong(skb: SkBuff): void {
    const inet = this.#netns.udp.inet('inet6');
    const sockets = this.#sockets.get(get16(skb.buf, skb.data + Icmpv6Off.id)) ?? [];
    for (const socket of sockets) socket.pong(skb, inet);
  }

  /** An error quotes a packet of ours: `skb.data` is at the transport header in it. The skb stays the caller's. */
  error(skb: SkBuff, protocol: number, error: DatagramError): void {
    if (protocol !== IPPROTO_ICMPV6 || skb.len < 8) return;
    const sockets = this.#sockets.get(get16(skb.buf, skb.data + Icmpv6Off.id)) ?? [];
    for (const socket of sockets) socket.error(error, skb.buf.slice(skb.data, skb.tail));
  }

  /** All of them, by identifier. */
  dump(): SockInfo[] {
    const all = [...this.#sockets].sort((a, b) => a[0] - b[0]);
    return all.flatMap(([, s]) => s).map((s) => s.describe());
  }
}
