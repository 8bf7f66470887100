import { get8, get16 } from '@labwire/core/bytes';
import { invariant, KernelError } from '@labwire/core/error';
import { type RandomStream, type Simulator, Tracepoint } from '@labwire/core/sim';
import {
  CHECKSUM_NONE,
  type DropReason,
  freeSkb,
  PACKET_HOST,
  type SkBuff,
} from '@labwire/core/skb';
import { checksumOk, TCP_MIN_HLEN, TcpOff } from '@labwire/core/wire';
import type { NetDevice } from '../link/net-device.ts';
import type { Netns } from '../netns/netns.ts';
import type { Family, InetAddr } from '../rtnetlink/types.ts';
import type { SockInfo } from '../sock/index.ts';
import { TCP_CONF_5X, TCP_CONF_DEFAULT, type TcpConf } from './conf/index.ts';
import { type Flow, flowHash, type TcpInet } from './flow.ts';
import { TcpInet4 } from './inet4.ts';
import { believesIcmp, icmpError, quotedFlow, type TcpIcmpError } from './input/icmp-error.ts';
import { segmentArrives } from './input/input.ts';
import { listenArrives } from './input/listen.ts';
import { replyReset } from './input/reset.ts';
import { Segment } from './input/segment.ts';
import { mayReuseTimeWait, TimeWait, timeWaitArrives } from './input/timewait.ts';
import { TcpExtMib, TcpMib } from './mib.ts';
import { describeListener, describeTcb, describeTimeWait } from './sock-info.ts';
import { TcpSocket } from './socket.ts';
import { ConnTable, type PortHolder, Ports, pickPort } from './table/index.ts';
import { Tcb, type TcpState } from './tcb.ts';
import { onTimer } from './timers.ts';

/** The segment that is being processed: nothing is delivered while another one is. */
const seg = new Segment();

/** What a namespace has once it uses TCP. */
class TcpTables {
  readonly connections: ConnTable<Tcb | TimeWait> = new ConnTable();
  readonly ports: Ports = new Ports();
  readonly listeners: Map<number, TcpSocket[]> = new Map();
  /** Every socket that is not closed, in the order in which they were opened. */
  readonly sockets: Set<TcpSocket> = new Set();
}

/** TCP of one namespace: finds the connection or listener of a segment, and the port of a socket. */
export class TcpLayer {
  readonly netns: Netns;
  /** net.ipv4.tcp_*: replaced, never changed in place. */
  conf: TcpConf;
  /** How many records are in TIME-WAIT. */
  timeWaitCount = 0;
  /** Changes of state: connection, old state, event, new state. */
  readonly stateTrace: Tracepoint<readonly [Tcb, TcpState, string, TcpState]> = new Tracepoint();
  /** Segments with urgent data, which is delivered as ordinary data: connection, urgent pointer. */
  readonly urgentTrace: Tracepoint<readonly [Tcb, number]> = new Tracepoint();
  #mib: TcpMib | null = null;
  #ext: TcpExtMib | null = null;
  #cookieSecret = 0;
  #tables: TcpTables | null = null;
  #inet4: TcpInet | null = null;
  #inet6: TcpInet | null = null;

  constructor(netns: Netns) {
    this.netns = netns;
    this.conf = netns.kernel.profile === '5.x' ? TCP_CONF_5X : TCP_CONF_DEFAULT;
  }

  /** What SYN cookies are made with: signed 32-bit. `syncookie_secret` */
  get cookieSecret(): number {
    if (this.#cookieSecret === 0) this.#cookieSecret = this.random.u32() | 1;
    return this.#cookieSecret;
  }

  /** Time. */
  get sim(): Simulator {
    return this.netns.sim;
  }

  /** Ports, sequence numbers, timestamp offsets. */
  get random(): RandomStream {
    return this.netns.kernel.random;
  }

  /** Counters of /proc/net/snmp. */
  get mib(): TcpMib {
    this.#mib ??= new TcpMib();
    return this.#mib;
  }

  /** Counters of /proc/net/netstat. */
  get ext(): TcpExtMib {
    this.#ext ??= new TcpExtMib();
    return this.#ext;
  }

  get #t(): TcpTables {
    this.#tables ??= new TcpTables();
    return this.#tables;
  }

  /** Installs another network layer for a family. */
  attach(inet: TcpInet): void {
    if (inet.family === 'inet') this.#inet4 = inet;
    else this.#inet6 = inet;
  }

  /** The network layer of a family. */
  inet(family: Family): TcpInet {
    if (family === 'inet') {
      this.#inet4 ??= new TcpInet4(this.netns.ipv4);
      return this.#inet4;
    }
    if (this.#inet6 === null) throw new KernelError('EAFNOSUPPORT');
    return this.#inet6;
  }

  /** Makes a socket: socket(AF_INET or AF_INET6, SOCK_STREAM). */
  open(family: Family): TcpSocket {
    this.inet(family);
    const socket = new TcpSocket(this, family);
    this.#t.sockets.add(socket);
    return socket;
  }

  /** A segment arrives over IPv4: `skb.data` is at the TCP header, `skb.nh` at the IP header. Takes ownership. `tcp_v4_rcv()` */
  receive(skb: SkBuff): void {
    this.receiveFrom(this.inet('inet'), skb);
  }

  /** A segment arrives over IPv6. Takes ownership. `tcp_v6_rcv()` */
  receive6(skb: SkBuff): void {
    this.receiveFrom(this.inet('inet6'), skb);
  }

  /** A segment arrives over the network layer `inet`. Takes ownership. */
  receiveFrom(inet: TcpInet, skb: SkBuff): void {
    if (skb.pktType !== PACKET_HOST) {
      this.netns.drop(skb, 'not_specified');
      return;
    }
    this.mib.InSegs++;
    const bad = seg.read(skb) ?? this.#checkSum(inet, skb);
    if (bad === 'tcp_csum' || (bad !== undefined && saysTooLittle(skb))) this.mib.InErrs++;
    const dropped = bad ?? this.#demux(inet, skb);
    if (dropped === undefined) freeSkb(skb);
    else this.netns.drop(skb, dropped);
  }

  #checkSum(inet: TcpInet, skb: SkBuff): DropReason | undefined {
    if (skb.ipSummed !== CHECKSUM_NONE) return undefined;
    const ok = checksumOk(skb.buf, skb.data, skb.len, inet.pseudoSumOf(skb, skb.len));
    if (ok) return undefined;
    this.mib.InCsumErrors++;
    return 'tcp_csum';
  }

  /** `__inet_lookup_skb()` */
  #demux(inet: TcpInet, skb: SkBuff): DropReason | undefined {
    const tables = this.#tables;
    if (tables !== null) {
      const hash = flowHash(inet.foldDaddr(skb), inet.foldSaddr(skb), seg.dport, seg.sport);
      const conn = tables.connections.find(skb, hash, seg.sport, seg.dport);
      if (conn instanceof Tcb) return segmentArrives(conn, skb, seg);
      if (conn !== undefined) return this.#timeWait(conn, inet, skb);
      const listener = this.#listenerFor(inet, skb);
      if (listener !== undefined) return this.#listen(listener, inet, skb);
    }
    replyReset(this, inet, skb, seg);
    return 'no_socket';
  }

  #listen(listener: TcpSocket, inet: TcpInet, skb: SkBuff): DropReason | undefined {
    const taken = listenArrives(listener, inet, skb, seg);
    return taken instanceof Tcb ? segmentArrives(taken, skb, seg) : taken;
  }

  #timeWait(tw: TimeWait, inet: TcpInet, skb: SkBuff): DropReason | undefined {
    inet.echoOptions(tw.flow, skb);
    const verdict = timeWaitArrives(tw, seg);
    if (verdict === 'consumed') return undefined;
    if (verdict === 'new connection') {
      const listener = this.#listenerFor(inet, skb);
      if (listener !== undefined) {
        tw.kill();
        return this.#listen(listener, inet, skb);
      }
      tw.answerUnacceptable(seg);
      return 'tcp_old_data';
    }
    if (verdict !== 'reset') return verdict;
    replyReset(this, inet, skb, seg);
    return 'tcp_close';
  }

  /** The listener that fits best: bound to the address, then to the device, then of the family. `inet_lookup_listener()` */
  #listenerFor(inet: TcpInet, skb: SkBuff): TcpSocket | undefined {
    const listeners = this.#t.listeners.get(seg.dport);
    if (listeners === undefined) return undefined;
    const hash = flowHash(inet.foldDaddr(skb), inet.foldSaddr(skb), seg.dport, seg.sport);
    let best: TcpSocket | undefined;
    let bestScore = 0;
    let equals = 1;
    for (const listener of listeners) {
      const score = listener.scoreFor(inet, skb);
      if (score > bestScore) {
        best = listener;
        bestScore = score;
        equals = 1;
      } else if (score > 0 && score === bestScore && (hash >>> 8) % ++equals === 0) {
        best = listener; // SO_REUSEPORT: each gets its share
      }
    }
    return best;
  }

  /** The device that an answer to a link-local address must go out of; 0 for any. */
  scopeOf(skb: SkBuff, addr: InetAddr): number {
    if (typeof addr === 'number' || addr.w0 >>> 22 !== 0x3fa) return 0;
    return (skb.dev as NetDevice | null)?.ifindex ?? 0;
  }

  /** An ICMP error, that {@link believes} has let through, about a segment of ours. The skb stays the caller's. */
  onIcmpError(inet: TcpInet, skb: SkBuff, error: TcpIcmpError): void {
    const conn = this.#quoted(inet, skb);
    if (conn instanceof Tcb) icmpError(conn, error);
  }

  /**
   * Whether a connection believes an ICMP error, or a redirect, about a segment of ours: `skb.data` is at the TCP header
   * that it quotes, `skb.nh` at the IP header. `tcp_v4_err()`
   * @param aborts whether it ends what a listener has only begun
   */
  believes(inet: TcpInet, skb: SkBuff, aborts: boolean): boolean {
    const conn = this.#quoted(inet, skb);
    return conn instanceof Tcb && believesIcmp(conn, skb, aborts);
  }

  /** Whether the segment whose header is at `th` is one of a connection of ours. `tcp_v4_early_demux()` */
  hasConnection(inet: TcpInet, skb: SkBuff, th: number): boolean {
    if (this.#tables === null || th + TCP_MIN_HLEN > skb.tail) return false;
    const [sport, dport] = [get16(skb.buf, th), get16(skb.buf, th + 2)];
    const hash = flowHash(inet.foldDaddr(skb), inet.foldSaddr(skb), dport, sport);
    return this.#tables.connections.find(skb, hash, sport, dport) !== undefined;
  }

  /** Whether the segment that an ICMP error quotes is a connection's. */
  sent(inet: TcpInet, skb: SkBuff): boolean {
    return this.#quoted(inet, skb) !== undefined;
  }

  #quoted(inet: TcpInet, skb: SkBuff): Tcb | TimeWait | undefined {
    const flow = quotedFlow(inet, skb);
    if (this.#tables === null || flow === undefined) return undefined;
    return this.#tables.connections.findFlow(flow);
  }

  /** One of a connection's timers has expired. */
  onTimer(tcb: Tcb, kind: number): void {
    onTimer(tcb, kind);
  }

  // Connections.

  /** Adds a connection: segments find it from now on. */
  hash(tcb: Tcb): void {
    invariant(!tcb.hashed, 'connection hashed twice');
    tcb.hashed = true;
    this.#t.connections.add(tcb);
    this.#t.ports.add(tcb.boundPort, tcb);
  }

  /** Takes a connection out; harmless if it is not in. */
  unhash(tcb: Tcb): void {
    if (!tcb.hashed) return;
    tcb.hashed = false;
    this.#t.connections.remove(tcb);
    this.#t.ports.remove(tcb.boundPort, tcb);
  }

  /** Adds a record of what was a connection. */
  addTimeWait(tw: TimeWait): void {
    this.timeWaitCount++;
    this.ext.TW++;
    this.#t.connections.add(tw);
    this.#t.ports.add(tw.boundPort, tw);
  }

  /** Takes the record out. */
  removeTimeWait(tw: TimeWait): void {
    this.timeWaitCount--;
    this.#t.connections.remove(tw);
    this.#t.ports.remove(tw.boundPort, tw);
  }

  // Ports.

  /** Gives `holder` a port: the one asked for, or an ephemeral one for 0. @throws KernelError EADDRINUSE */
  bindPort(holder: PortHolder, wanted: number): number {
    const { ports } = this.#t;
    let port = wanted;
    if (port === 0) {
      const range = this.netns.ipv4.conf.ip_local_port_range;
      port = pickPort(range, this.random.u32(), false, (p) => ports.isUnused(p));
      if (port === 0) port = pickPort(range, 0, false, (p) => ports.isFree(p, holder));
    } else if (!ports.isFree(port, holder)) port = 0;
    if (port === 0) throw new KernelError('EADDRINUSE');
    ports.add(port, holder);
    return port;
  }

  /** Whether `holder`, which has the port, may listen on it. */
  mayListen(holder: PortHolder, port: number): boolean {
    return this.#t.ports.isFree(port, holder);
  }

  /** Gives a port back. */
  releasePort(holder: PortHolder, port: number): void {
    this.#t.ports.remove(port, holder);
  }

  /** Picks a port for connect(), such that both ends together are new. @throws KernelError EADDRNOTAVAIL */
  connectPort(flow: Flow): void {
    const range = this.netns.ipv4.conf.ip_local_port_range;
    flow.sport = pickPort(range, this.random.u32(), true, (port) => {
      flow.sport = port;
      return this.flowIsFree(flow) && this.#t.ports.isUnused(port);
    });
    if (flow.sport !== 0) return;
    flow.sport = pickPort(range, 0, true, (port) => {
      flow.sport = port;
      return this.flowIsFree(flow);
    });
    if (flow.sport === 0) throw new KernelError('EADDRNOTAVAIL');
  }

  /** Whether no connection has these ends; one in TIME-WAIT may give way. `__inet_check_established()` */
  flowIsFree(flow: Flow): boolean {
    const other = this.#t.connections.findFlow(flow);
    if (other === undefined) return true;
    if (!(other instanceof TimeWait)) return false;
    const { fold } = flow.inet;
    const loopback = flow.inet.family === 'inet' && fold(flow.saddr) >>> 24 === 127;
    if (!mayReuseTimeWait(other, loopback)) return false;
    this.ext.TWRecycled++;
    other.kill();
    return true;
  }

  // Listeners.

  /** Lets connections come to `socket`. */
  addListener(socket: TcpSocket): void {
    const { listeners } = this.#t;
    const port = socket.boundPort;
    listeners.set(port, [...(listeners.get(port) ?? []), socket]);
  }

  /** Lets none come any more. */
  removeListener(socket: TcpSocket): void {
    const { listeners } = this.#t;
    const rest = (listeners.get(socket.boundPort) ?? []).filter((s) => s !== socket);
    if (rest.length === 0) listeners.delete(socket.boundPort);
    else listeners.set(socket.boundPort, rest);
  }

  /** Makes the socket of an accepted connection known. */
  adopt(socket: TcpSocket): void {
    this.#t.sockets.add(socket);
  }

  /** A socket has been closed. */
  forget(socket: TcpSocket): void {
    this.#t.sockets.delete(socket);
  }

  /** What sock_diag(7) tells of every socket and connection: listeners first, as `ss` gets them. */
  dump(): SockInfo[] {
    const tables = this.#tables;
    if (tables === null) return [];
    const infos: SockInfo[] = [];
    for (const socket of tables.sockets) if (socket.listening) infos.push(describeListener(socket));
    for (const conn of tables.connections.list()) {
      infos.push(conn instanceof Tcb ? describeTcb(conn) : describeTimeWait(conn));
    }
    return infos;
  }
}

/** Whether a header says that it is shorter than any is; one that ends early is no error that is counted. */
function saysTooLittle({ buf, data, len }: SkBuff): boolean {
  return len >= TCP_MIN_HLEN && (get8(buf, data + TcpOff.dataOffset) >>> 4) * 4 < TCP_MIN_HLEN;
}
