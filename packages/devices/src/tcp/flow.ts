import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/net-device.ts';
import type { Family, InetAddr } from '../rtnetlink/types.ts';

/** Both ends of a connection and how IP is to carry it; also what a reset for nobody's segment is sent with. */
export class Flow {
  readonly inet: TcpInet;
  /** Our address; the unspecified one until routed. */
  saddr: InetAddr;
  daddr: InetAddr;
  /** Host order. */
  sport: number;
  dport: number;
  /** The device that the socket is bound to; null for any. */
  boundDev: NetDevice | null = null;
  /** Index of the device of a link-local address; 0 for any. */
  scopeId = 0;
  /** TTL or hop limit, -1 for the default. */
  ttl = -1;
  tos = 0;
  mark = 0;
  /** User id of the socket, for `iptables -m owner` and rules. */
  uid = 0;
  /** The route, owned by the family; null until routed. */
  dst: unknown = null;
  /** Options that the network header of each packet carries, owned by the family; null for none. */
  netOptions: unknown = null;
  /** Identification of the next packet; -1 for 0 always, as resets and SYN-ACKs have. */
  ipId = -1;

  constructor(inet: TcpInet, saddr: InetAddr, daddr: InetAddr, sport: number, dport: number) {
    this.inet = inet;
    this.saddr = saddr;
    this.daddr = daddr;
    this.sport = sport;
    this.dport = dport;
  }

  /** The identification of a packet that is being sent, the first of so many. `ip_select_ident_segs()` */
  nextId(segments: number): number {
    if (this.ipId < 0) return 0;
    const id = this.ipId;
    this.ipId = (id + segments) & 0xffff;
    return id;
  }
}

/**
 * What TCP needs of the network layer below: one object per address family, and all that is known of
 * families here. Linux `struct inet_connection_sock_af_ops`.
 */
export interface TcpInet {
  readonly family: Family;
  /** Bytes of the IP header that {@link xmit} puts before a segment. */
  readonly headerLength: number;
  /** The unspecified address. */
  readonly any: InetAddr;

  /**
   * Finds the route, and our address if it is unspecified.
   * @param bare for a segment of no connection
   * @throws KernelError ENETUNREACH, EHOSTUNREACH, EACCES, EADDRNOTAVAIL, …
   */
  route(flow: Flow, bare?: boolean): void;

  /** Whether a connection may be begun that way. `tcp_v4_connect()` @throws KernelError ENETUNREACH */
  checkConnect(flow: Flow): void;
  /** Gives a flow that answers a packet the options of its header, turned round. @returns false if there can be no answer */
  echoOptions(flow: Flow, skb: SkBuff): boolean;
  /** Bytes that a flow's options take. */
  optionsLength(flow: Flow): number;
  /** Path MTU of a routed flow, in bytes. */
  mtu(flow: Flow): number;
  /** Whether the device of a routed flow takes super-segments. `sk_can_gso()` */
  gso(flow: Flow): boolean;
  /**
   * Hands a segment with its checksum to IP: `skb.data` is at the TCP header. Takes ownership.
   * @param bare it belongs to no connection
   * @returns false if it went nowhere: no route, or netfilter dropped it
   */
  xmit(skb: SkBuff, flow: Flow, bare?: boolean): boolean;

  /** The TOS field of a reset that answers a segment, without the bits of ECN. */
  replyTos(skb: SkBuff): number;
  /** Whether a socket may bind to an address. */
  isLocal(addr: InetAddr, dev: NetDevice | null): boolean;
  /** Whether two addresses of this family are equal. */
  same(a: InetAddr, b: InetAddr): boolean;
  /** An address as an int to hash. */
  fold(addr: InetAddr): number;
  /** The sum of the pseudo-header of a segment of `len` bytes. */
  pseudoSum(saddr: InetAddr, daddr: InetAddr, len: number): number;

  /** Source address of a received packet. */
  saddrOf(skb: SkBuff): InetAddr;
  /** Destination address of a received packet. */
  daddrOf(skb: SkBuff): InetAddr;
  /** The same, folded, without making an object. */
  foldSaddr(skb: SkBuff): number;
  foldDaddr(skb: SkBuff): number;
  /** Whether a received packet runs between the ends of `flow`. */
  matches(flow: Flow, skb: SkBuff): boolean;
  /** {@link pseudoSum} of a received packet. */
  pseudoSumOf(skb: SkBuff, len: number): number;
  /** Whether a received packet was sent to one unicast address of ours, from one: else it is never answered. */
  unicast(skb: SkBuff): boolean;
}

/** A hash of the four numbers that tell a connection from others. `inet_ehashfn()` */
export function flowHash(
  local: number,
  remote: number,
  localPort: number,
  remotePort: number,
): number {
  let h = Math.imul(local ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 13) ^ remote) | 0, 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 16) ^ ((localPort << 16) | remotePort)) | 0, 0x27d4eb2f);
  return (h ^ (h >>> 15)) | 0;
}
