import { get8, put16 } from '@labwire/core/bytes';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { checksum, Icmpv6Off, IPPROTO_ICMPV6 } from '@labwire/core/wire';
import type { Netns } from '../netns/netns.ts';
import { boundDevHears } from './bound-dev.ts';
import type { DatagramFlow, DatagramInet, InetLayers } from './datagram-inet.ts';
import { DatagramSocket } from './datagram-socket.ts';
import type { SockInfo } from './sock-diag.ts';

/** Where raw sockets of IPv6 are registered. */
export interface Raw6Table {
  add(socket: Raw6Socket): void;
  remove(socket: Raw6Socket): void;
}

/**
 * A raw IPv6 socket for ICMPv6: sends messages, whose checksum the kernel fills in, and receives those of the types
 * that it wants, without their IP header. Linux net/ipv6/raw.c.
 */
export class Raw6Socket extends DatagramSocket {
  readonly type = 'raw';
  readonly protocol: number = IPPROTO_ICMPV6;
  /** ICMPv6 types that it receives; undefined: all. ICMP6_FILTER */
  icmpTypes: readonly number[] | undefined;
  readonly #table: Raw6Table;

  constructor(netns: Netns, layers: InetLayers, table: Raw6Table) {
    super(netns, 'inet6', layers);
    this.#table = table;
    this.num = IPPROTO_ICMPV6;
    table.add(this);
  }

  protected hash(): void {}

  protected unhash(): void {
    this.#table.remove(this);
  }

  protected transmit(data: Uint8Array, flow: DatagramFlow): void {
    this.checkLength(flow, data.length);
    const skb = allocSkb(data.length);
    const at = skb.put(data.length);
    const { buf } = skb;
    buf.set(data, at);
    put16(buf, at + Icmpv6Off.check, 0);
    const sum = flow.inet.pseudoSum(flow, data.length);
    put16(buf, at + Icmpv6Off.check, checksum(buf, at, data.length, sum));
    flow.inet.xmit(skb, this, flow);
  }

  /** Takes in a message if it wants it: `skb.data` is at its header. The packet stays the caller's. `rawv6_rcv()` */
  deliver(skb: SkBuff, inet: DatagramInet): void {
    const across = this.netns.ipv4.conf.raw_l3mdev_accept !== 0;
    if (!boundDevHears(this.boundDev, skb, across)) return;
    if (this.rcvSaddr !== undefined && !inet.isDaddr(skb, this.rcvSaddr)) return;
    if (skb.len === 0 || this.icmpTypes?.includes(get8(skb.buf, skb.data)) === false) return;
    this.enqueue(skb, inet, skb.data, 0);
  }

  /** What sock_diag(7) tells of it. */
  describe(): SockInfo {
    return this.info('raw');
  }
}
