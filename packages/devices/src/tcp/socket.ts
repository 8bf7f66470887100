import { IPV4_ANY, IPV6_ANY, isLinkLocal6 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import type { Family, InetAddr } from '../rtnetlink/types.ts';
import { boundDevHears } from '../sock/bound-dev.ts';
import { type Received, type SockAddr, Socket } from '../sock/index.ts';
import { fromMapped, toMapped } from '../sock/mapped.ts';
import { newBytes } from './buffer/index.ts';
import { TcpSocketOptions } from './conf/index.ts';
import { connectTcb } from './connect.ts';
import { Flow, type TcpInet } from './flow.ts';
import { armKeepalive } from './input/handshake.ts';
import { abort, closeByUser, closeSending, done } from './lifecycle.ts';
import { ackAfterRead } from './output/delayed-ack.ts';
import { restartAfterIdle } from './output/output.ts';
import { pushPending } from './output/transmit.ts';
import { adjustReceiveSpace } from './output/window.ts';
import type { PortHolder } from './table/index.ts';
import type { Tcb } from './tcb.ts';
import type { TcpLayer } from './tcp-layer.ts';

const EMPTY = new Uint8Array(0);

/** A TCP socket: idle, listening, or one end of a connection. Linux net/ipv4/tcp.c and inet_connection_sock.c */
export class TcpSocket extends Socket implements PortHolder {
  override readonly type = 'stream';
  override readonly protocol = 6;
  readonly layer: TcpLayer;
  options: TcpSocketOptions = new TcpSocketOptions();
  /** 0 while unbound. */
  boundPort = 0;
  boundAddr: InetAddr | undefined;
  /** It takes connections. */
  listening = false;
  /** Connections that may wait for accept(). */
  backlog = 0;
  /** The log has told of a full SYN queue. `synflood_warned` */
  synfloodWarned = false;
  /** When the last cookie was sent, Nanos; -1 for never. `ts_recent_stamp` of a listener */
  lastCookie = -1;
  #tcb: Tcb | null = null;
  #holdsPort = false;
  #syns: Set<Tcb> | null = null;
  #ready: Tcb[] = [];
  #noSpace = false;
  #closed = false;
  /** `enum socket_state` */
  #phase: 'unconnected' | 'connecting' | 'connected' = 'unconnected';

  constructor(layer: TcpLayer, family: Family) {
    super(layer.netns, family);
    this.layer = layer;
    this.rcvBuf = layer.conf.tcp_rmem[1];
    this.sndBuf = layer.conf.tcp_wmem[1];
  }

  /** The connection; null for none yet. */
  get tcb(): Tcb | null {
    return this.#tcb;
  }

  /** {@link PortHolder} */
  get v4(): boolean {
    if (this.family === 'inet') return true;
    return this.boundAddr === undefined ? !this.v6only : typeof this.boundAddr === 'number';
  }

  /** {@link PortHolder} */
  get v6(): boolean {
    return this.family === 'inet6' && typeof this.boundAddr !== 'number';
  }

  // Addresses.

  override localAddr(): SockAddr {
    const tcb = this.#tcb;
    const addr = tcb?.flow.saddr ?? this.boundAddr ?? this.#any();
    return { addr: this.#shown(addr), port: tcb?.flow.sport ?? this.boundPort };
  }

  override remoteAddr(): SockAddr | undefined {
    const tcb = this.#tcb;
    if (tcb === null || tcb.state === 'SYN-SENT' || tcb.state === 'CLOSED') return undefined;
    return { addr: this.#shown(tcb.flow.daddr), port: tcb.flow.dport };
  }

  #any(): InetAddr {
    return this.family === 'inet' ? IPV4_ANY : IPV6_ANY;
  }

  #shown(addr: InetAddr): InetAddr {
    return this.family === 'inet6' ? toMapped(addr) : addr;
  }

  /** Which family's packets an address means, and the address there. @throws KernelError EAFNOSUPPORT, ENETUNREACH */
  #inetOf(addr: InetAddr): readonly [TcpInet, InetAddr] {
    if (typeof addr === 'number') {
      if (this.family === 'inet6') throw new KernelError('EAFNOSUPPORT');
      return [this.layer.inet('inet'), addr];
    }
    if (this.family === 'inet') throw new KernelError('EAFNOSUPPORT');
    const v4 = fromMapped(addr);
    if (v4 === undefined) return [this.layer.inet('inet6'), addr];
    if (this.v6only) throw new KernelError('ENETUNREACH');
    return [this.layer.inet('inet'), v4];
  }

  /** @throws KernelError EACCES for a port that asks for privilege, EINVAL if bound already, EADDRNOTAVAIL, EADDRINUSE */
  override bind(addr: SockAddr): void {
    const [inet, wanted] = this.#inetOf(addr.addr);
    const any = inet.same(wanted, inet.any);
    if (typeof wanted === 'object' && isLinkLocal6(wanted)) this.#bindScope(addr.scopeId);
    if (!any && !inet.isLocal(wanted, this.boundDev)) throw new KernelError('EADDRNOTAVAIL');
    this.checkPrivilege(addr.port);
    if (this.boundPort !== 0 || this.#tcb !== null) throw new KernelError('EINVAL');
    this.boundAddr = any ? undefined : wanted;
    try {
      this.#takePort(addr.port);
    } catch (e) {
      this.boundAddr = undefined;
      throw e;
    }
  }

  /** A link-local address means a device. `__inet6_bind()` @throws KernelError EINVAL without one */
  #bindScope(ifindex = 0): void {
    if (ifindex !== 0) this.boundDev = this.netns.devices.byIndex(ifindex) ?? null;
    if (this.boundDev === null) throw new KernelError('EINVAL');
  }

  #takePort(port: number): void {
    this.boundPort = this.layer.bindPort(this, port);
    this.#holdsPort = true;
  }

  #dropPort(): void {
    if (this.#holdsPort) this.layer.releasePort(this, this.boundPort);
    this.#holdsPort = false;
  }

  /** Copies what IP needs to know of the socket into a flow. */
  describeFlow(flow: Flow): void {
    flow.boundDev = this.boundDev;
    flow.ttl = this.ttl;
    flow.tos = this.tos;
    flow.mark = this.mark;
    flow.uid = this.uid;
  }

  // Listening.

  /**
   * Takes connections, of which `backlog` + 1 may wait. listen(2)
   * @throws KernelError EINVAL if connected, EADDRINUSE
   */
  listen(backlog: number): void {
    if (this.#tcb !== null && this.#tcb.state !== 'CLOSED') throw new KernelError('EINVAL');
    const { somaxconn } = this.netns;
    this.backlog = backlog < 0 || backlog > somaxconn ? somaxconn : backlog;
    if (this.listening) return;
    this.#tcb = null;
    if (this.boundPort === 0) this.#takePort(0);
    if (!this.layer.mayListen(this, this.boundPort)) throw new KernelError('EADDRINUSE');
    this.listening = true;
    this.layer.addListener(this);
  }

  /** The oldest connection that waits, with its handshake done. @returns undefined if there is none. @throws KernelError EINVAL if not listening */
  accept(): TcpSocket | undefined {
    if (!this.listening) throw new KernelError('EINVAL');
    const tcb = this.#ready.shift();
    if (tcb === undefined) return undefined;
    const socket = new TcpSocket(this.layer, this.family);
    socket.#adopt(tcb, this);
    this.layer.adopt(socket);
    return socket;
  }

  #adopt(tcb: Tcb, listener: TcpSocket): void {
    this.#tcb = tcb;
    this.#phase = 'connected';
    tcb.socket = this;
    this.pendingError = tcb.error;
    tcb.listener = null;
    this.options = tcb.options;
    this.boundPort = tcb.flow.sport;
    this.boundAddr = tcb.flow.saddr;
    this.boundDev = tcb.flow.boundDev;
    this.v6only = listener.v6only;
    this.reuseAddr = listener.reuseAddr;
    this.reusePort = listener.reusePort;
    this.ttl = listener.ttl;
    this.tos = listener.tos;
    this.mark = listener.mark;
    this.uid = listener.uid;
  }

  /** How many connections wait for accept(). */
  get readyCount(): number {
    return this.#ready.length;
  }

  /** `sk_acceptq_is_full()` */
  get acceptQueueFull(): boolean {
    return this.#ready.length > this.backlog;
  }

  /** Handshakes that have begun and are not done. `inet_csk_reqsk_queue_len()` */
  get synCount(): number {
    return this.#syns?.size ?? 0;
  }

  /** `inet_csk_reqsk_queue_is_full()` */
  get synQueueFull(): boolean {
    return this.synCount > this.backlog;
  }

  /** A handshake has begun. */
  addSyn(tcb: Tcb): void {
    this.#syns ??= new Set();
    this.#syns.add(tcb);
  }

  /** A handshake is done. */
  synToAccept(tcb: Tcb): void {
    this.#syns?.delete(tcb);
    this.#ready.push(tcb);
    this.wq.wake();
  }

  /** A connection ended before it was accepted; one that was established still waits, to be seen closed. */
  forgetChild(tcb: Tcb): void {
    this.#syns?.delete(tcb);
  }

  /** How well a SYN fits this listener; 0 if not at all. `compute_score()` */
  scoreFor(inet: TcpInet, skb: SkBuff): number {
    if (inet.family === 'inet' ? !this.v4 : !this.v6) return 0;
    const across = this.netns.ipv4.conf.tcp_l3mdev_accept !== 0;
    if (!boundDevHears(this.boundDev, skb, across)) return 0;
    let score = this.family === inet.family ? 2 : 1;
    if (this.boundDev !== null) score += 4;
    if (this.boundAddr !== undefined) {
      if (!inet.same(this.boundAddr, inet.daddrOf(skb))) return 0;
      score += 8;
    }
    return score;
  }

  // Connecting.

  /**
   * Starts the handshake and throws EINPROGRESS. Called again it says how that went, once: EALREADY while it
   * lasts, nothing if the connection is open, else the error. `__inet_stream_connect()`
   */
  override connect(addr: SockAddr): void {
    if (this.listening || this.#phase === 'connected') throw new KernelError('EISCONN');
    if (this.#phase === 'connecting') {
      this.#finishConnect(this.#tcb as Tcb);
      return;
    }
    const [inet, daddr] = this.#inetOf(addr.addr);
    const flow = new Flow(inet, this.boundAddr ?? inet.any, daddr, this.boundPort, addr.port);
    this.describeFlow(flow);
    flow.scopeId = addr.scopeId ?? 0;
    this.#tcb = connectTcb(this, flow);
    this.#phase = 'connecting';
    throw new KernelError('EINPROGRESS');
  }

  #finishConnect(tcb: Tcb): void {
    if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') throw new KernelError('EALREADY');
    this.#phase = tcb.state === 'CLOSED' ? 'unconnected' : 'connected';
    if (tcb.state === 'CLOSED') throw new KernelError(this.takeError() ?? 'ECONNABORTED');
  }

  /** The handshake is done. */
  onConnected(): void {
    this.wq.wake();
  }

  // Data.

  override send(data: Uint8Array): number | undefined {
    this.raisePending();
    const tcb = this.#tcb;
    if (tcb === null || tcb.finQueued) throw new KernelError('EPIPE');
    if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') return this.#wouldBlock();
    if (tcb.state !== 'ESTABLISHED' && tcb.state !== 'CLOSE-WAIT') throw new KernelError('EPIPE');
    if (data.length === 0) return 0;
    const n = Math.min(data.length, tcb.sndBuf - tcb.queuedBytes);
    if (n <= 0) return this.#wouldBlock();
    restartAfterIdle(tcb);
    tcb.tx.write(tcb.queuedBytes, data, 0, n);
    tcb.writeSeq = (tcb.writeSeq + n) | 0;
    if (n < data.length) this.#noSpace = true;
    pushPending(tcb);
    return n;
  }

  #wouldBlock(): undefined {
    this.#noSpace = true;
    return undefined;
  }

  /** Acknowledged data has left the send buffer. `sk_stream_write_space()` */
  onSendSpace(): void {
    if (!this.#noSpace || !this.#writable()) return;
    this.#noSpace = false;
    this.wq.wake();
  }

  /** A third of the buffer is free. `__sk_stream_is_writeable()` */
  #writable(): boolean {
    const tcb = this.#tcb as Tcb;
    return tcb.sndBuf - tcb.queuedBytes >= tcb.queuedBytes >> 1;
  }

  /** Data or its end has arrived. */
  onReadable(): void {
    this.wq.wake();
  }

  override recv(max: number): Received | undefined {
    const tcb = this.#tcb;
    if (tcb === null) {
      this.raisePending();
      throw new KernelError('ENOTCONN');
    }
    const n = Math.min(max, tcb.unreadBytes);
    if (n > 0) return { data: this.#take(tcb, n), from: undefined };
    this.raisePending();
    const ended = tcb.finReceived || tcb.rcvShutdown || tcb.state === 'CLOSED' || max === 0;
    return ended ? { data: EMPTY, from: undefined } : undefined;
  }

  #take(tcb: Tcb, n: number): Uint8Array {
    const data = newBytes(n);
    tcb.rx.read(0, data, 0, n);
    tcb.rx.drop(n);
    tcb.copiedSeq = (tcb.copiedSeq + n) | 0;
    adjustReceiveSpace(tcb);
    ackAfterRead(tcb, n);
    return data;
  }

  /**
   * Ends one direction or both. shutdown(2)
   * @throws KernelError ENOTCONN
   */
  shutdown(how: 'rd' | 'wr' | 'rdwr'): void {
    if (this.listening) {
      if (how !== 'wr') this.#stopListening();
      return;
    }
    const tcb = this.#tcb;
    if (tcb === null || tcb.state === 'CLOSED') throw new KernelError('ENOTCONN');
    if (how !== 'wr') tcb.rcvShutdown = true;
    if (how !== 'rd') closeSending(tcb);
    this.wq.wake();
  }

  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.listening) this.#stopListening();
    if (this.#tcb !== null) closeByUser(this.#tcb);
    this.#dropPort();
    this.layer.forget(this);
    this.wq.wake();
  }

  /** `inet_csk_listen_stop()` */
  #stopListening(): void {
    this.listening = false;
    this.layer.removeListener(this);
    for (const tcb of [...(this.#syns ?? [])]) done(tcb, 'listener closed');
    for (const tcb of this.#ready) abort(tcb, 'listener closed');
    this.#ready = [];
    this.#syns = null;
    this.wq.wake();
  }

  /** The connection is no more. */
  onClosed(): void {
    this.wq.wake();
  }

  // Readiness and options.

  /** `tcp_poll()` */
  override poll(): number {
    const error = this.pendingError === undefined ? 0 : POLLERR;
    if (this.listening) return error | (this.#ready.length > 0 ? POLLIN : 0);
    const tcb = this.#tcb;
    if (tcb === null) return error | POLLOUT | POLLHUP;
    if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') return error;
    const dead = tcb.state === 'CLOSED';
    const ended = tcb.finReceived || tcb.rcvShutdown || dead;
    let ready = error;
    if (ended || tcb.unreadBytes > 0) ready |= POLLIN;
    if (dead || (ended && tcb.finQueued)) ready |= POLLHUP;
    if (tcb.finQueued || dead || this.#writable()) ready |= POLLOUT;
    else this.#noSpace = true;
    return ready;
  }

  /** TCP_NODELAY: sends short segments at once. */
  setNodelay(on: boolean): void {
    this.options.nodelay = on;
    if (on && this.#tcb !== null) pushPending(this.#tcb, 'push');
  }

  /** TCP_CORK: holds short segments back; taking it off sends them. */
  setCork(on: boolean): void {
    this.options.cork = on;
    if (!on && this.#tcb !== null) pushPending(this.#tcb, 'push');
  }

  /** SO_KEEPALIVE */
  setKeepAlive(on: boolean): void {
    this.options.keepAlive = on;
    const tcb = this.#tcb;
    if (tcb === null || tcb.state === 'CLOSED' || tcb.state === 'SYN-SENT') return;
    if (on) armKeepalive(tcb);
    else tcb.keepTimer.cancel();
  }

  /** SO_RCVBUF: bytes, of which the kernel takes twice. `__sock_set_rcvbuf()` */
  setRcvBuf(bytes: number): void {
    const n = Math.min(bytes, this.netns.kernel.core.rmemMax);
    this.rcvBuf = Math.max(2 * n, 2304);
    this.options.rcvBufLocked = true;
    if (this.#tcb !== null) this.#tcb.rcvBuf = this.rcvBuf;
  }

  /** SO_SNDBUF: bytes, of which the kernel takes twice. */
  setSndBuf(bytes: number): void {
    const n = Math.min(bytes, this.netns.kernel.core.wmemMax);
    this.sndBuf = Math.max(2 * n, 4608);
    this.options.sndBufLocked = true;
    if (this.#tcb !== null) this.#tcb.sndBuf = this.sndBuf;
    if (this.#tcb !== null) this.onSendSpace();
  }
}
