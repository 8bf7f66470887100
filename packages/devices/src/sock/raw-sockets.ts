import { get8, get16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { ICMP_HLEN, IcmpOff, IPPROTO_ICMP, Ipv4Off } from '@labwire/core/wire';
import type { Netns } from '../netns/netns.ts';
import type { DatagramError, InetLayers } from './datagram-inet.ts';
import { PingSocket, type PingTable } from './ping-socket.ts';
import { RawSocket, type RawTable } from './raw-socket.ts';
import type { SockInfo } from './sock-diag.ts';

/** The raw and ping sockets of IPv4 in one namespace; made with the first of them. */
export class RawSockets implements RawTable, PingTable {
  readonly #netns: Netns;
  readonly #layers: InetLayers;
  readonly #raw = new Set<RawSocket>();
  readonly #pings = new Map<number, PingSocket[]>();
  #lastIdent = 0;

  constructor(netns: Netns, layers: InetLayers) {
    this.#netns = netns;
    this.#layers = layers;
  }

  /** Makes a raw socket of a protocol. */
  openRaw(protocol: number): RawSocket {
    if (protocol <= 0 || protocol > 255) throw new KernelError('EPROTONOSUPPORT');
    return new RawSocket(this.#netns, this.#layers, protocol, this);
  }

  /** Makes a ping socket. */
  openPing(): PingSocket {
    return new PingSocket(this.#netns, 'inet', this.#layers, this);
  }

  add(socket: RawSocket): void {
    this.#raw.add(socket);
  }

  remove(socket: RawSocket): void {
    this.#raw.delete(socket);
  }

  getIdent(socket: PingSocket, wanted: number): number {
    const ident = wanted === 0 ? this.#freeIdent() : wanted;
    const holders = this.#pings.get(ident) ?? [];
    if (holders.some((h) => !(h.reuseAddr && socket.reuseAddr)))
      throw new KernelError('EADDRINUSE');
    this.#pings.set(ident, [socket, ...holders]);
    return ident;
  }

  /** The next identifier that nobody has. `ping_get_port()` */
  #freeIdent(): number {
    for (let i = 0; i < 0xffff; i++) {
      this.#lastIdent = this.#lastIdent === 0xffff ? 1 : this.#lastIdent + 1;
      if (!this.#pings.has(this.#lastIdent)) return this.#lastIdent;
    }
    throw new KernelError('EADDRINUSE');
  }

  release(socket: PingSocket): void {
    const left = (this.#pings.get(socket.num) ?? []).filter((s) => s !== socket);
    if (left.length === 0) this.#pings.delete(socket.num);
    else this.#pings.set(socket.num, left);
  }

  /** Gives every raw socket that wants it a copy; the packet stays the caller's. @returns whether there was one */
  deliver(skb: SkBuff, protocol: number): boolean {
    const inet = this.#layers.inet('inet');
    let taken = false;
    for (const socket of this.#raw) {
      if (socket.protocol !== protocol || !socket.wants(skb, inet)) continue;
      socket.deliver(skb, inet);
      taken = true;
    }
    return taken;
  }

  /** An echo reply has come; it stays the caller's. `ping_rcv()` */
  pong(skb: SkBuff): void {
    const sockets = this.#pings.get(get16(skb.buf, skb.data + IcmpOff.id));
    if (sockets === undefined) return;
    const inet = this.#layers.inet('inet');
    for (const socket of sockets) socket.pong(skb, inet);
  }

  /**
   * An ICMP error quotes a packet of ours: `skb.nh` is at the IP header in it, `skb.data` behind that. The skb stays
   * the caller's. `raw_icmp_error()`, `ping_err()`
   */
  onIcmpError(skb: SkBuff, error: DatagramError): void {
    const protocol = get8(skb.buf, skb.nh + Ipv4Off.protocol);
    const payload = skb.buf.slice(skb.data, skb.tail);
    for (const socket of this.#raw) if (socket.protocol === protocol) socket.error(error, payload);
    if (protocol !== IPPROTO_ICMP || skb.len < ICMP_HLEN) return;
    const ident = get16(skb.buf, skb.data + IcmpOff.id);
    for (const socket of this.#pings.get(ident) ?? []) socket.error(error, payload);
  }

  /** All of them: `ss -w` and the ping sockets of `ss -a`. */
  dump(): SockInfo[] {
    const pings = [...this.#pings].sort((a, b) => a[0] - b[0]).flatMap(([, s]) => s);
    return [...pings, ...this.#raw].map((s) => s.describe());
  }
}
