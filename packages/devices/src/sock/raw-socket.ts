import { get8, put16, put32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { ETH_P_IP, IPPROTO_ICMP, IPPROTO_RAW, IPV4_MIN_HLEN, Ipv4Off } from '@labwire/core/wire';
import { ipLocalOut } from '../ipv4/output.ts';
import type { Rtable } from '../ipv4/rtable.ts';
import type { Netns } from '../netns/netns.ts';
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

/** Where raw sockets are registered. */
export interface RawTable {
  add(socket: RawSocket): void;
  remove(socket: RawSocket): void;
}

/**
 * A raw IPv4 socket: sends messages of one protocol, or with IP_HDRINCL whole packets, and receives whole packets of
 * that protocol. Linux net/ipv4/raw.c.
 */
export class RawSocket extends DatagramSocket {
  readonly type = 'raw';
  readonly protocol: number;
  /** Whether what is sent begins with an IPv4 header. IP_HDRINCL */
  hdrIncl: boolean;
  /** ICMP types that it does not want, one bit each. ICMP_FILTER */
  icmpFilter = 0;
  readonly #table: RawTable;

  constructor(netns: Netns, layers: InetLayers, protocol: number, table: RawTable) {
    super(netns, 'inet', layers);
    this.protocol = protocol;
    this.hdrIncl = protocol === IPPROTO_RAW;
    this.#table = table;
    this.num = protocol;
    table.add(this);
  }

  protected hash(): void {}

  protected unhash(): void {
    this.#table.remove(this);
  }

  override bind(to: Parameters<DatagramSocket['bind']>[0]): void {
    const addr = this.resolve(to.addr);
    const kind = this.inet.bindKind(this, addr, 0);
    this.rcvSaddr = kind === 'any' ? undefined : addr;
    this.saddr = kind === 'local' ? addr : undefined;
  }

  protected transmit(data: Uint8Array, flow: DatagramFlow): void {
    if (this.hdrIncl) {
      this.#sendWhole(data, flow);
      return;
    }
    this.checkLength(flow, data.length);
    const skb = allocSkb(data.length);
    skb.buf.set(data, skb.put(data.length));
    flow.inet.xmit(skb, this, flow);
  }

  /** The kernel fills in length and checksum, and source and identification if they are 0. `raw_send_hdrinc()` */
  #sendWhole(data: Uint8Array, flow: DatagramFlow): void {
    const rt = flow.dst as Rtable;
    if (data.length > rt.dev.mtu) throw new KernelError('EMSGSIZE');
    const ihl = (get8(data, 0) & 0x0f) * 4;
    if (data.length < IPV4_MIN_HLEN || ihl < IPV4_MIN_HLEN || ihl > data.length) {
      throw new KernelError('EINVAL');
    }
    const skb = allocSkb(data.length);
    skb.nh = skb.put(data.length);
    skb.th = skb.nh + ihl;
    skb.buf.set(data, skb.nh);
    skb.protocol = ETH_P_IP;
    const ip = this.netns.ipv4;
    const { buf, nh } = skb;
    const source = data.subarray(Ipv4Off.saddr, Ipv4Off.saddr + 4);
    if (source.every((b) => b === 0)) put32(buf, nh + Ipv4Off.saddr, flow.saddr as number);
    if (get8(buf, nh + Ipv4Off.id) === 0 && get8(buf, nh + Ipv4Off.id + 1) === 0) {
      const protocol = get8(buf, nh + Ipv4Off.protocol);
      const id = ip.ident.next(flow.saddr as number, flow.daddr as number, protocol);
      put16(buf, nh + Ipv4Off.id, id);
    }
    skb.dst = rt;
    skb.sk = this;
    skb.mark = this.mark;
    if (get8(buf, nh + Ipv4Off.protocol) === IPPROTO_ICMP) ip.icmp.mib.countOut(get8(buf, skb.th));
    if (!ipLocalOut(ip, skb)) throw new KernelError('EPERM');
  }

  /** Whether it wants a packet. `raw_v4_match()` */
  wants(skb: SkBuff, inet: DatagramInet): boolean {
    const across = this.netns.ipv4.conf.raw_l3mdev_accept !== 0;
    if (!boundDevHears(this.boundDev, skb, across)) return false;
    if (this.rcvSaddr !== undefined && !inet.isDaddr(skb, this.rcvSaddr)) return false;
    if (this.daddr !== undefined && !inet.isSaddr(skb, this.daddr)) return false;
    if (this.protocol !== IPPROTO_ICMP || this.icmpFilter === 0) return true;
    const type = get8(skb.buf, skb.data);
    return type >= 32 || ((this.icmpFilter >>> type) & 1) === 0;
  }

  /** Takes in a packet, which stays the caller's. `raw_rcv()` */
  deliver(skb: SkBuff, inet: DatagramInet): void {
    this.enqueue(skb, inet, skb.nh, 0);
  }

  /** An error about a packet of its own, whose bytes from the transport header on are `payload`. `raw_err()` */
  error(error: DatagramError, payload: Uint8Array): void {
    const meaning = meaningOf(error);
    if (meaning === undefined || (!this.recvErr && this.daddr === undefined)) return;
    const fatal = meaning.errno === 'EMSGSIZE' ? this.pmtuDisc !== 'dont' : meaning.fatal;
    this.hearError(error, meaning.errno, fatal, payload);
  }

  /** What sock_diag(7) tells of it. */
  describe(): SockInfo {
    return this.info('raw');
  }
}
