import type { SkBuff } from '@labwire/core/skb';
import { type IcmpErrno, icmpErrno } from '../icmp/icmp-errno.ts';
import { icmp6Errno } from '../icmp/icmp6-errno.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Family, InetAddr } from '../rtnetlink/types.ts';
import type { Socket } from './socket.ts';

/** Both ends of one datagram and how IP is to carry it; a socket keeps one and uses it again. */
export class DatagramFlow {
  inet: DatagramInet;
  /** The unspecified address until routed. */
  saddr: InetAddr;
  daddr: InetAddr;
  sport = 0;
  dport = 0;
  readonly protocol: number;
  /** Index of the device of a link-local address; 0 for any. */
  scopeId = 0;
  /** The route, owned by the family; null until routed. */
  dst: unknown = null;

  constructor(inet: DatagramInet, protocol: number) {
    this.inet = inet;
    this.saddr = inet.any;
    this.daddr = inet.any;
    this.protocol = protocol;
  }
}

/** Whom a bound address stands for. */
export type BindKind = 'any' | 'local' | 'many';

/**
 * What UDP, ping and raw sockets need of the network layer below: one object per address family, and all that is
 * known of families in these sockets.
 */
export interface DatagramInet {
  readonly family: Family;
  /** The unspecified address. */
  readonly any: InetAddr;
  /** Bytes of the IP header that {@link xmit} puts before a message. */
  readonly headerLength: number;
  /** Bytes of the largest message that is looked at at all: the transport's check, before any route is sought. */
  readonly maxMessage: number;
  /** Bytes of the largest packet, header included, that may be cut into fragments. `maxnonfragsize` */
  readonly maxPacket: number;

  /**
   * Whether a socket may have an address as its own.
   * @throws KernelError EADDRNOTAVAIL, EINVAL, ENODEV. `inet_bind()`, `inet6_bind()`
   */
  bindKind(sock: Socket, addr: InetAddr, scopeId: number): BindKind;
  /**
   * Finds the route, and our address if it is unspecified, for a datagram of `sock`.
   * @throws KernelError ENETUNREACH, EHOSTUNREACH, EACCES (a broadcast without leave), EINVAL, …
   */
  route(sock: Socket, flow: DatagramFlow): void;
  /** Path MTU of a routed flow, in bytes. */
  mtu(flow: DatagramFlow): number;
  /** What the device takes, whatever is known of the path. */
  deviceMtu(flow: DatagramFlow): number;
  /** Hands a transport message with its checksum to IP: `skb.data` is at its header. Takes ownership. */
  xmit(skb: SkBuff, sock: Socket, flow: DatagramFlow): void;
  /** Joins (`by` 1) or leaves (-1) a group on a device, null for that of the route to it. @throws KernelError EINVAL, ENODEV */
  membership(group: InetAddr, dev: NetDevice | null, by: 1 | -1): NetDevice;

  isMulticast(addr: InetAddr): boolean;
  same(a: InetAddr, b: InetAddr): boolean;
  /** The sum of the pseudo-header of a message of `len` bytes. */
  pseudoSum(flow: DatagramFlow, len: number): number;

  /** Source and destination of the IP header at `nh`. */
  saddrOf(skb: SkBuff): InetAddr;
  daddrOf(skb: SkBuff): InetAddr;
  /** The same compared, without making an object. */
  isSaddr(skb: SkBuff, addr: InetAddr): boolean;
  isDaddr(skb: SkBuff, addr: InetAddr): boolean;
  /** TTL or hop limit. */
  ttlOf(skb: SkBuff): number;
  /** TOS or traffic class. */
  tosOf(skb: SkBuff): number;
  /** The sum of the pseudo-header of a received message. */
  pseudoSumOf(skb: SkBuff, protocol: number, len: number): number;
  /** Whether a received packet went to many: multicast or broadcast. */
  toMany(skb: SkBuff): boolean;
  /** Tells the sender that nobody has the port. The skb stays the caller's. */
  portUnreachable(skb: SkBuff): void;
}

/** An ICMP error about a datagram of ours, as its protocol hears of it. */
export interface DatagramError {
  readonly inet: DatagramInet;
  /** SO_EE_ORIGIN_* */
  readonly origin: 'icmp' | 'icmp6';
  readonly type: number;
  readonly code: number;
  /** The path MTU, where the error tells one. */
  readonly info: number;
  /** Who sent it. */
  readonly offender: InetAddr;
  /** The TTL or hop limit it came with. */
  readonly ttl: number;
  /** Interface index of the device that the error came in on; absent: it does not matter. */
  readonly ifindex?: number;
}

/** What an error means to a datagram socket; undefined if nothing. */
export function meaningOf(error: DatagramError): IcmpErrno | undefined {
  const errnoOf = error.origin === 'icmp' ? icmpErrno : icmp6Errno;
  return errnoOf(error.type, error.code);
}

/** Which network layers a socket can use. */
export interface InetLayers {
  /** @throws KernelError EAFNOSUPPORT */
  inet(family: Family): DatagramInet;
}
