import { get8, put16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  ICMP_ECHO,
  ICMP_HLEN,
  ICMPV6_ECHO_REQUEST,
  IcmpOff,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
} from '@labwire/core/wire';
import type { Netns } from '../netns/netns.ts';
import type { Family } from '../rtnetlink/types.ts';
import { boundDevHears } from './bound-dev.ts';
import {
  type DatagramError,
  type DatagramFlow,
  type DatagramInet,
  type InetLayers,
  meaningOf,
} from './datagram-inet.ts';
import { DatagramSocket } from './datagram-socket.ts';
import type { SockInfo } from './sock-diag.ts';

/** The ping sockets of one namespace and family, by ICMP identifier. */
export interface PingTable {
  /** Gives a socket an identifier: the one it asks for, or a free one. @throws KernelError EADDRINUSE */
  getIdent(socket: PingSocket, wanted: number): number;
  release(socket: PingSocket): void;
}

/**
 * A ping socket: socket(AF_INET or AF_INET6, SOCK_DGRAM, IPPROTO_ICMP or IPPROTO_ICMPV6). Sends echo requests, whose
 * identifier the kernel fills in, and receives their replies, from the ICMP header on. Linux net/ipv4/ping.c.
 */
export class PingSocket extends DatagramSocket {
  readonly type = 'dgram';
  readonly protocol: number;
  readonly #table: PingTable;
  readonly #echo: number;

  constructor(netns: Netns, family: Family, layers: InetLayers, table: PingTable) {
    super(netns, family, layers);
    this.#table = table;
    this.protocol = family === 'inet' ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    this.#echo = family === 'inet' ? ICMP_ECHO : ICMPV6_ECHO_REQUEST;
  }

  protected hash(ident: number): void {
    this.num = this.#table.getIdent(this, ident);
  }

  protected unhash(): void {
    this.#table.release(this);
  }

  override send(data: Uint8Array, to?: Parameters<DatagramSocket['send']>[1]): number | undefined {
    if (data.length < ICMP_HLEN) throw new KernelError('EINVAL');
    if (get8(data, 0) !== this.#echo || get8(data, 1) !== 0) throw new KernelError('EINVAL');
    return super.send(data, to);
  }

  protected transmit(data: Uint8Array, flow: DatagramFlow): void {
    this.checkLength(flow, data.length);
    const skb = allocSkb(data.length);
    const at = skb.put(data.length);
    const { buf } = skb;
    buf.set(data, at);
    put16(buf, at + IcmpOff.id, this.num);
    put16(buf, at + IcmpOff.check, 0);
    const initial = this.family === 'inet' ? 0 : flow.inet.pseudoSum(flow, data.length);
    put16(buf, at + IcmpOff.check, checksum(buf, at, data.length, initial));
    flow.inet.xmit(skb, this, flow);
  }

  /** Takes in an echo reply if it is for this socket; the packet stays the caller's. `ping_rcv()` */
  pong(skb: SkBuff, inet: DatagramInet): void {
    if (!boundDevHears(this.boundDev, skb, true)) return;
    if (this.rcvSaddr !== undefined && !inet.isDaddr(skb, this.rcvSaddr)) return;
    this.enqueue(skb, inet, skb.data, 0);
  }

  /** An error about an echo request of its own, whose bytes from the ICMP header on are `payload`. `ping_err()` */
  error(error: DatagramError, payload: Uint8Array): void {
    if (get8(payload, 0) !== this.#echo) return;
    const meaning = meaningOf(error);
    if (meaning === undefined) return;
    if (meaning.errno === 'EMSGSIZE' && this.pmtuDisc === 'dont') return;
    this.hearError(error, meaning.errno, meaning.fatal, payload);
  }

  /** What sock_diag(7) tells of it. */
  describe(): SockInfo {
    return this.info('icmp');
  }
}
