import type { Errno } from '@labwire/core/error';
import { KernelError } from '@labwire/core/error';
import { type Pollable, WaitQueue } from '@labwire/core/sim';
import type { IpOptions } from '../ipv4/options/index.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Netns } from '../netns/netns.ts';
import type { Family, InetAddr } from '../rtnetlink/types.ts';

/** Where a socket is, or is to go: `struct sockaddr_in` and `sockaddr_in6`. */
export interface SockAddr {
  readonly addr: InetAddr;
  /** Host order; for ping sockets the ICMP identifier; 0 for any. */
  readonly port: number;
  /** The device of a link-local IPv6 address, or that an IPv4 datagram is to go out of (IP_PKTINFO): its ifindex; 0 for any. */
  readonly scopeId?: number;
}

/** One received datagram, or a piece of a stream. */
export interface Received {
  readonly data: Uint8Array;
  /** Where a datagram came from; undefined on a stream. */
  readonly from: SockAddr | undefined;
  /** TTL or hop limit of a datagram. */
  readonly ttl?: number;
  /** The address a datagram was sent to. IP_PKTINFO */
  readonly to?: InetAddr;
  /** The device it came in through. IP_PKTINFO */
  readonly ifindex?: number;
  /** When it arrived. SO_TIMESTAMP */
  readonly tstamp?: number;
  /** The options of its header as an answer would have them. IP_RETOPTS */
  readonly retOptions?: Uint8Array;
}

/** An ICMP error that a socket was told of. IP_RECVERR, `struct sock_extended_err` */
export interface SockError {
  readonly errno: Errno;
  /** Who sees it: the local stack, ICMP or ICMPv6. SO_EE_ORIGIN_* */
  readonly origin: 'local' | 'icmp' | 'icmp6';
  readonly type: number;
  readonly code: number;
  /** The path MTU, where the error tells one. */
  readonly info: number;
  /** Who sent the error. */
  readonly offender: InetAddr | undefined;
  /** The interface of an offender whose address holds on one link only. `sin6_scope_id` */
  readonly scopeId?: number;
  /** The TTL or hop limit the error came with. IP_RECVTTL */
  readonly ttl?: number;
  /** The packet that caused it, from its transport header on. */
  readonly payload: Uint8Array;
  /** When it arrived. SO_TIMESTAMP */
  readonly tstamp: number;
}

/** How a socket treats the path MTU: asks for it but fragments if need be, never sets DF, never fragments, or ignores it. IP_PMTUDISC_* */
export type PmtuDisc = 'want' | 'dont' | 'do' | 'probe';

/** Socket types. */
export type SockType = 'stream' | 'dgram' | 'raw';

/** What a program that reads and writes needs of a socket of any family. */
export interface IoSocket extends Pollable {
  /** User id of the owner. */
  uid: number;
  /** @returns bytes taken; undefined if it would block */
  send(data: Uint8Array): number | undefined;
  /** @returns undefined if it would block; a stream's end is empty data from nobody */
  recv(max: number): { readonly data: Uint8Array; readonly from: unknown } | undefined;
  /** SO_ERROR: the pending error, which it clears. */
  takeError(): Errno | undefined;
  close(): void;
}

/** An {@link IoSocket} with directions that end by themselves. */
export interface StreamEnd extends IoSocket {
  shutdown(how: 'rd' | 'wr' | 'rdwr'): void;
}

/**
 * A socket as the kernel has it: never blocks. Calls that would block return `undefined`; wait on `wq` until
 * `poll()` says more. Every failure is a {@link KernelError} with Linux's errno. Linux `struct sock`.
 */
export abstract class Socket implements IoSocket {
  readonly netns: Netns;
  readonly family: Family;
  abstract readonly type: SockType;
  /** IPPROTO_*: 6 TCP, 17 UDP, 1 ICMP (ping sockets and raw). */
  abstract readonly protocol: number;
  readonly wq: WaitQueue = new WaitQueue();
  /** Inode number, as `ss -e` and /proc/PID/fd show it. */
  ino = 0;
  /** User id of the owner. */
  uid = 0;
  /** SO_BINDTODEVICE */
  boundDev: NetDevice | null = null;
  /** IP_TTL, -1 for the default. */
  ttl = -1;
  /** IP_TOS */
  tos = 0;
  /** SO_MARK */
  mark = 0;
  /** SO_REUSEADDR */
  reuseAddr = false;
  /** SO_REUSEPORT */
  reusePort = false;
  /** SO_BROADCAST */
  broadcast = false;
  /** IPV6_V6ONLY */
  v6only = false;
  /** Whether and how DF is set. IP_MTU_DISCOVER */
  pmtuDisc: PmtuDisc = 'want';
  /** TTL of what goes to a multicast group. IP_MULTICAST_TTL */
  mcastTtl = 1;
  /** Whether that comes back to sockets of this host. IP_MULTICAST_LOOP */
  mcLoop = true;
  /** The device that it goes out of; null for that of its route. IP_MULTICAST_IF */
  mcastDev: NetDevice | null = null;
  /** Options of the IPv4 header that go with every datagram; null for none. IP_OPTIONS */
  ipOptions: IpOptions | null = null;
  /** Whether received datagrams come with the options that an answer would have. IP_RETOPTS */
  retOpts = false;
  /** Errors that wait to be told, SO_ERROR: reported by the next call, once. */
  pendingError: Errno | undefined;
  /** Whether ICMP errors are queued with their packets. IP_RECVERR */
  recvErr = false;
  readonly errorQueue: SockError[] = [];
  /** Bytes. SO_SNDBUF, SO_RCVBUF */
  sndBuf = 212_992;
  rcvBuf = 212_992;

  constructor(netns: Netns, family: Family) {
    this.netns = netns;
    this.family = family;
  }

  /** Whether the owner may have a port. @throws KernelError EACCES `inet_port_requires_bind_service()` */
  protected checkPrivilege(port: number): void {
    const first = this.netns.ipv4.conf.ip_unprivileged_port_start;
    if (port !== 0 && port < first && this.uid !== 0) throw new KernelError('EACCES');
  }

  abstract poll(): number;
  /** The local end; port 0 while unbound. */
  abstract localAddr(): SockAddr;
  /** The other end of a connected socket. */
  abstract remoteAddr(): SockAddr | undefined;
  abstract bind(addr: SockAddr): void;
  /** Stream: starts the handshake and throws EINPROGRESS; POLLOUT or POLLERR tells how it ended, {@link takeError} why. */
  abstract connect(addr: SockAddr): void;
  /**
   * @param from the address of ours that a datagram comes from: IP_PKTINFO's `ipi_spec_dst`, `ipi6_addr`
   * @returns bytes taken; undefined if it would block. @throws EPIPE, ECONNRESET, ENETUNREACH, EMSGSIZE, …
   */
  abstract send(data: Uint8Array, to?: SockAddr, from?: InetAddr): number | undefined;
  /** @returns undefined if it would block; a stream's end is empty data. */
  abstract recv(max: number): Received | undefined;
  /** Closes; queued data still goes out. */
  abstract close(): void;

  /** SO_ERROR: the pending error, which it clears. */
  takeError(): Errno | undefined {
    const e = this.pendingError;
    this.pendingError = undefined;
    return e;
  }

  /** Throws the pending error, if there is one. */
  protected raisePending(): void {
    const e = this.takeError();
    if (e !== undefined) throw new KernelError(e);
  }
}
