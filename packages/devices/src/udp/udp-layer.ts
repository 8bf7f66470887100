import { get16, get32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { CHECKSUM_NONE, freeSkb, type SkBuff } from '@labwire/core/skb';
import { checksumOk, checkUdp, IPPROTO_UDP, UDP_HLEN, UdpOff } from '@labwire/core/wire';
import type { Netns } from '../netns/netns.ts';
import type { Family } from '../rtnetlink/types.ts';
import type { DatagramError, DatagramInet } from '../sock/datagram-inet.ts';
import type { SockInfo } from '../sock/sock-diag.ts';
import { UdpMib } from './udp-mib.ts';
import { UdpSocket } from './udp-socket.ts';

/** UDP of one namespace: its sockets by port. */
export class UdpLayer {
  readonly netns: Netns;
  readonly #mib4: UdpMib = new UdpMib();
  readonly #mib6: UdpMib = new UdpMib();
  /** The sockets that have a port; null while none has. */
  #ports: Map<number, UdpSocket[]> | null = null;
  #inet4: DatagramInet | null = null;
  #inet6: DatagramInet | null = null;

  constructor(netns: Netns) {
    this.netns = netns;
  }

  /** What /proc/net/snmp and snmp6 count. */
  mib(family: Family): UdpMib {
    return family === 'inet' ? this.#mib4 : this.#mib6;
  }

  /** Installs the network layer of a family; called once, by whoever composes the namespace. */
  attach(inet: DatagramInet): void {
    if (inet.family === 'inet') this.#inet4 = inet;
    else this.#inet6 = inet;
  }

  /** The network layer of a family. @throws KernelError EAFNOSUPPORT */
  inet(family: Family): DatagramInet {
    const inet = family === 'inet' ? this.#inet4 : this.#inet6;
    if (inet === null) throw new KernelError('EAFNOSUPPORT');
    return inet;
  }

  /** Makes a socket: socket(AF_INET or AF_INET6, SOCK_DGRAM). */
  open(family: Family): UdpSocket {
    return new UdpSocket(this, family);
  }

  /** A datagram arrives over IPv4: `skb.data` is at the UDP header, `skb.nh` at the IP header. Takes ownership. */
  receive(skb: SkBuff): void {
    this.receiveFrom(this.inet('inet'), skb);
  }

  /** A datagram arrives over the network layer `inet`. Takes ownership. `__udp4_lib_rcv()` */
  receiveFrom(inet: DatagramInet, skb: SkBuff): void {
    const mib = this.mib(inet.family);
    if (checkUdp(skb.buf, skb.data, skb.tail) !== undefined) {
      mib.InErrors++;
      this.netns.drop(skb, 'pkt_too_small');
      return;
    }
    skb.trim(get16(skb.buf, skb.data + UdpOff.len));
    if (!this.#checksumOk(inet, skb)) {
      mib.InCsumErrors++;
      mib.InErrors++;
      this.netns.drop(skb, 'udp_csum');
      return;
    }
    const sport = get16(skb.buf, skb.data + UdpOff.sport);
    const dport = get16(skb.buf, skb.data + UdpOff.dport);
    const sockets = this.#ports?.get(dport);
    if (inet.toMany(skb)) this.#deliverMany(inet, skb, sockets, sport);
    else this.#deliverOne(inet, skb, sockets, sport);
  }

  #checksumOk(inet: DatagramInet, skb: SkBuff): boolean {
    if (skb.ipSummed !== CHECKSUM_NONE) return true;
    if (get16(skb.buf, skb.data + UdpOff.check) === 0) return inet.family === 'inet';
    const sum = inet.pseudoSumOf(skb, IPPROTO_UDP, skb.len);
    return checksumOk(skb.buf, skb.data, skb.len, sum);
  }

  #deliverOne(
    inet: DatagramInet,
    skb: SkBuff,
    sockets: readonly UdpSocket[] | undefined,
    sport: number,
  ): void {
    const mib = this.mib(inet.family);
    const socket = sockets === undefined ? undefined : best(sockets, inet, skb, sport);
    if (socket === undefined) {
      mib.NoPorts++;
      skb.ct = null; // nf_reset_ct(): the answer is not of its connection before output finds that it is
      skb.ctinfo = 0;
      inet.portUnreachable(skb);
      this.netns.drop(skb, 'no_socket');
    } else this.#queue(socket, inet, skb, sport);
  }

  /** Every socket that wants it gets a copy. `__udp4_lib_mcast_deliver()` */
  #deliverMany(
    inet: DatagramInet,
    skb: SkBuff,
    sockets: readonly UdpSocket[] | undefined,
    sport: number,
  ): void {
    let taken = false;
    for (const socket of sockets ?? []) {
      if (socket.score(inet, skb, sport) < 0) continue;
      taken = true;
      this.#count(socket.deliver(skb, inet, sport), inet.family);
    }
    if (!taken) this.mib(inet.family).IgnoredMulti++;
    if (taken) freeSkb(skb);
    else this.netns.drop(skb, 'no_socket');
  }

  #count(queued: boolean, family: Family): void {
    const mib = this.mib(family);
    if (queued) return;
    mib.RcvbufErrors++;
    mib.InErrors++;
  }

  #queue(socket: UdpSocket, inet: DatagramInet, skb: SkBuff, sport: number): void {
    const queued = socket.deliver(skb, inet, sport);
    this.#count(queued, inet.family);
    if (queued) freeSkb(skb);
    else this.netns.drop(skb, 'socket_rcvbuff');
  }

  /**
   * An ICMP error quotes a datagram of ours: `skb.data` is at the UDP header in it, `skb.nh` at the IP header in it.
   * The skb stays the caller's. `__udp4_lib_err()`
   */
  onIcmpError(skb: SkBuff, error: DatagramError): void {
    this.senderOf(error.inet, skb)?.error(error, skb.buf.slice(skb.data, skb.tail));
  }

  /** The socket that sent a quoted datagram. */
  senderOf(inet: DatagramInet, skb: SkBuff): UdpSocket | undefined {
    if (skb.len < UDP_HLEN) return undefined;
    const sport = get16(skb.buf, skb.data + UdpOff.sport);
    const dport = get16(skb.buf, skb.data + UdpOff.dport);
    return this.#ports?.get(sport)?.find((s) => s.sent(inet, skb, dport));
  }

  /**
   * Gives a socket a port: the one it asks for, or an ephemeral one.
   * @returns the port. @throws KernelError EADDRINUSE. `udp_lib_get_port()`
   */
  getPort(socket: UdpSocket, wanted: number): number {
    const port = wanted === 0 ? this.#ephemeral(socket) : wanted;
    if (wanted !== 0 && !this.#isFree(socket, port)) throw new KernelError('EADDRINUSE');
    this.#ports ??= new Map();
    const holders = this.#ports.get(port);
    if (holders === undefined) this.#ports.set(port, [socket]);
    else holders.unshift(socket);
    return port;
  }

  #isFree(socket: UdpSocket, port: number): boolean {
    const holders = this.#ports?.get(port);
    return holders === undefined || !holders.some((h) => socket.conflicts(h));
  }

  #ephemeral(socket: UdpSocket): number {
    const [low, high] = this.netns.ipv4.conf.ip_local_port_range;
    const count = high - low + 1;
    const start = this.netns.kernel.random.below(count);
    for (let i = 0; i < count; i++) {
      const port = low + ((start + i) % count);
      if (this.#isFree(socket, port)) return port;
    }
    throw new KernelError('EADDRINUSE');
  }

  /** A socket gives its port up. */
  release(socket: UdpSocket): void {
    const holders = this.#ports?.get(socket.num);
    const at = holders?.indexOf(socket) ?? -1;
    if (holders === undefined || at < 0) return;
    holders.splice(at, 1);
    if (holders.length === 0) this.#ports?.delete(socket.num);
  }

  /** All bound sockets, by port: `ss -u`. */
  dump(): SockInfo[] {
    const ports = [...(this.#ports ?? [])].sort((a, b) => a[0] - b[0]);
    return ports.flatMap(([, sockets]) => sockets.map((s) => s.describe()));
  }
}

/** The socket that fits best; among equals the one bound last, or of a SO_REUSEPORT group the one that the flow falls to. */
function best(
  sockets: readonly UdpSocket[],
  inet: DatagramInet,
  skb: SkBuff,
  sport: number,
): UdpSocket | undefined {
  let found: UdpSocket | undefined;
  let foundScore = -1;
  let group = 0;
  for (let i = 0; i < sockets.length; i++) {
    const socket = sockets[i] as UdpSocket;
    const score = socket.score(inet, skb, sport);
    if (score > foundScore) {
      found = socket;
      foundScore = score;
      group = 1;
    } else if (score >= 0 && score === foundScore && socket.reusePort) group++;
  }
  if (group < 2 || found?.reusePort !== true) return found;
  return member(sockets, inet, skb, sport, foundScore, flowHash(skb, sport) % group);
}

/** The `nth` of the sockets of one score. `reuseport_select_sock()` */
function member(
  sockets: readonly UdpSocket[],
  inet: DatagramInet,
  skb: SkBuff,
  sport: number,
  score: number,
  nth: number,
): UdpSocket | undefined {
  let left = nth;
  for (let i = 0; i < sockets.length; i++) {
    const socket = sockets[i] as UdpSocket;
    if (!socket.reusePort || socket.score(inet, skb, sport) !== score) continue;
    if (left-- === 0) return socket;
  }
  return undefined;
}

/** A number that all datagrams of one sender's port share. */
function flowHash(skb: SkBuff, sport: number): number {
  const h = Math.imul(get32(skb.buf, skb.nh + 12) ^ (sport * 0x9e37), 0x85ebca6b);
  return (h ^ (h >>> 15)) >>> 0;
}
