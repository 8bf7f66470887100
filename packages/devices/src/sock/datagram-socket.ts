import { type Errno, KernelError } from '@labwire/core/error';
import { POLLERR, POLLIN, POLLOUT } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { optionsToSend, returnedOptions } from '../ipv4/options/index.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Netns } from '../netns/netns.ts';
import type { Family, InetAddr } from '../rtnetlink/types.ts';
import {
  type DatagramError,
  DatagramFlow,
  type DatagramInet,
  type InetLayers,
} from './datagram-inet.ts';
import { fromMapped, toMapped } from './mapped.ts';
import type { SockInfo } from './sock-diag.ts';
import { type Received, type SockAddr, type SockError, Socket } from './socket.ts';

/** Errors that may wait to be read. */
const MAX_ERRORS = 256;
/** Bookkeeping that a queued datagram counts beside its bytes: `skb->truesize` */
const TRUESIZE_OVERHEAD = 768;

/** What UDP, ping and raw sockets have in common: ends, queues of datagrams and of errors. Linux net/ipv4/datagram.c. */
export abstract class DatagramSocket extends Socket {
  readonly layers: InetLayers;
  /** The network layer that it uses: that of its family, or IPv4 on an IPv6 socket with a mapped address. */
  inet: DatagramInet;
  /** The address that it takes datagrams for; undefined for any. `inet_rcv_saddr` */
  rcvSaddr: InetAddr | undefined;
  /** The address that it sends from; undefined for whatever the route says. `inet_saddr` */
  saddr: InetAddr | undefined;
  /** The local port, ICMP identifier or protocol; 0 while unbound. `inet_num` */
  num = 0;
  /** The other end of a connected socket. */
  daddr: InetAddr | undefined;
  dport = 0;
  scopeId = 0;
  closed = false;
  readonly #queue: Received[] = [];
  #queued = 0;
  #memory = 0;
  #flow: DatagramFlow | null = null;
  #groups: { readonly group: InetAddr; readonly dev: NetDevice }[] = [];

  constructor(netns: Netns, family: Family, layers: InetLayers) {
    super(netns, family);
    this.layers = layers;
    this.inet = layers.inet(family);
  }

  /** Finds an identity and enters the tables under it. @throws KernelError EADDRINUSE, EAGAIN */
  protected abstract hash(port: number): void;
  /** Leaves the tables. */
  protected abstract unhash(): void;
  /** Writes the transport message and sends it. */
  protected abstract transmit(data: Uint8Array, flow: DatagramFlow): void;

  /** Whether it takes packets of a family. */
  hears(inet: DatagramInet): boolean {
    if (this.family === inet.family) return this.inet.family === inet.family;
    return this.family === 'inet6' && inet.family === 'inet' && !this.v6only;
  }

  /** Whether IP may fragment what it sends although DF is set. `ip_sk_ignore_df()` */
  get ignoreDf(): boolean {
    return this.pmtuDisc === 'want' || this.pmtuDisc === 'dont';
  }

  poll(): number {
    let ready = POLLOUT;
    if (this.#queued > 0) ready |= POLLIN;
    if (this.pendingError !== undefined || this.errorQueue.length > 0) ready |= POLLERR;
    return ready;
  }

  localAddr(): SockAddr {
    return this.#shown(this.saddr ?? this.rcvSaddr, this.num);
  }

  remoteAddr(): SockAddr | undefined {
    return this.daddr === undefined ? undefined : this.#shown(this.daddr, this.dport);
  }

  #shown(addr: InetAddr | undefined, port: number): SockAddr {
    const own = this.family === 'inet6' && addr !== undefined ? toMapped(addr) : addr;
    const shown = own ?? this.layers.inet(this.family).any;
    return this.scopeId === 0
      ? { addr: shown, port }
      : { addr: shown, port, scopeId: this.scopeId };
  }

  /** Chooses the network layer of an address. @throws KernelError EAFNOSUPPORT, EINVAL */
  protected resolve(addr: InetAddr): InetAddr {
    if (this.family === 'inet') {
      if (typeof addr !== 'number') throw new KernelError('EAFNOSUPPORT');
      return addr;
    }
    if (typeof addr === 'number') throw new KernelError('EINVAL');
    const v4 = fromMapped(addr);
    if (v4 === undefined) {
      this.inet = this.layers.inet('inet6');
      return addr;
    }
    if (this.v6only) throw new KernelError('ENETUNREACH');
    this.inet = this.layers.inet('inet');
    return v4;
  }

  bind(to: SockAddr): void {
    const addr = this.resolve(to.addr);
    if (this.num !== 0) throw new KernelError('EINVAL');
    const kind = this.inet.bindKind(this, addr, to.scopeId ?? 0);
    this.checkPort(to.port);
    this.scopeId = to.scopeId ?? 0;
    this.rcvSaddr = kind === 'any' ? undefined : addr;
    this.saddr = kind === 'local' ? addr : undefined;
    try {
      this.hash(to.port);
    } catch (e) {
      this.rcvSaddr = undefined;
      this.saddr = undefined;
      throw e;
    }
  }

  /** Whether the socket's user may have a port. @throws KernelError EACCES */
  protected checkPort(_port: number): void {}

  connect(to: SockAddr): void {
    const addr = this.resolve(to.addr);
    if (this.num === 0) this.hash(0);
    const flow = this.#flowTo(addr, to.port, to.scopeId ?? 0);
    this.inet.route(this, flow);
    this.daddr = flow.daddr;
    this.dport = to.port;
    this.saddr ??= flow.saddr;
    this.rcvSaddr ??= flow.saddr;
    if (to.scopeId !== undefined) this.scopeId = to.scopeId;
  }

  #flowTo(daddr: InetAddr, dport: number, scopeId: number): DatagramFlow {
    this.#flow ??= new DatagramFlow(this.inet, this.protocol);
    const flow = this.#flow;
    flow.inet = this.inet;
    flow.saddr = this.saddr ?? this.inet.any;
    flow.daddr = daddr;
    flow.sport = this.num;
    flow.dport = dport;
    flow.scopeId = scopeId === 0 ? this.scopeId : scopeId;
    return flow;
  }

  send(data: Uint8Array, to?: SockAddr, from?: InetAddr): number | undefined {
    this.raisePending();
    const daddr = to === undefined ? this.daddr : this.resolve(to.addr);
    if (daddr === undefined) throw new KernelError('EDESTADDRREQ');
    if (data.length > this.inet.maxMessage) throw new KernelError('EMSGSIZE');
    this.checkDestination(to);
    if (this.num === 0) this.hash(0);
    const flow = this.#flowTo(daddr, to === undefined ? this.dport : to.port, to?.scopeId ?? 0);
    if (from !== undefined) flow.saddr = from;
    this.inet.route(this, flow);
    this.transmit(data, flow);
    return data.length;
  }

  /** Whether a destination can be. @throws KernelError EINVAL */
  protected checkDestination(_to: SockAddr | undefined): void {}

  /**
   * Whether a message of `len` bytes may go: one that must not be cut fits the path, one that may be fits a packet.
   * @throws KernelError EMSGSIZE `__ip_append_data()`
   */
  protected checkLength(flow: DatagramFlow, len: number): void {
    const probes = this.pmtuDisc === 'probe';
    const mtu = probes ? this.inet.deviceMtu(flow) : this.inet.mtu(flow);
    const hlen = this.inet.headerLength + (this.ipOptions?.data.length ?? 0);
    if (len + hlen <= (this.ignoreDf ? this.inet.maxPacket : mtu)) return;
    if (this.recvErr) {
      this.queueError({
        errno: 'EMSGSIZE',
        origin: 'local',
        type: 0,
        code: 0,
        info: mtu,
        offender: undefined,
        payload: new Uint8Array(0),
      });
    }
    throw new KernelError('EMSGSIZE');
  }

  recv(max: number): Received | undefined {
    this.raisePending();
    const got = this.#queue.shift();
    if (got === undefined) return undefined;
    this.#queued--;
    this.#memory -= got.data.length + TRUESIZE_OVERHEAD;
    return got.data.length <= max ? got : { ...got, data: got.data.subarray(0, max) };
  }

  /** Bytes that wait to be read, as `ss` shows them. */
  get recvQ(): number {
    return this.#memory;
  }

  /**
   * Queues the bytes `[at, tail)` of a packet; the packet stays the caller's.
   * @returns false if there is no room. `sock_queue_rcv_skb()`
   */
  protected enqueue(skb: SkBuff, inet: DatagramInet, at: number, port: number): boolean {
    const len = skb.tail - at;
    if (this.#memory + len + TRUESIZE_OVERHEAD > this.rcvBuf) return false;
    const mapped = this.family === 'inet6' && inet.family === 'inet';
    const from = inet.saddrOf(skb);
    const to = inet.daddrOf(skb);
    const { ifindex } = skb.dev as NetDevice;
    this.#queue.push({
      data: skb.buf.slice(at, skb.tail),
      from: { addr: mapped ? toMapped(from) : from, port, ...scopeOf(from, ifindex) },
      to: mapped ? toMapped(to) : to,
      ttl: inet.ttlOf(skb),
      ifindex,
      tstamp: this.netns.sim.now,
      ...(this.retOpts && skb.ipOptions !== null ? this.#optionsOf(skb) : {}),
    });
    this.#queued++;
    this.#memory += len + TRUESIZE_OVERHEAD;
    this.wq.wake();
    return true;
  }

  #optionsOf(skb: SkBuff): { retOptions?: Uint8Array } {
    const retOptions = returnedOptions(this.netns.ipv4, skb);
    return retOptions === undefined ? {} : { retOptions };
  }

  /** Tells of an ICMP error: queues it with its packet if asked for, and makes it the next call's result. */
  protected hearError(
    error: DatagramError,
    errno: Errno,
    fatal: boolean,
    payload: Uint8Array,
  ): void {
    if (this.recvErr) {
      const { origin, type, code, info, offender, ttl, ifindex = 0 } = error;
      const scope = scopeOf(offender, ifindex);
      this.queueError({ errno, origin, type, code, info, offender, ttl, ...scope, payload });
    } else if (!fatal || this.daddr === undefined) return;
    this.pendingError = errno;
    this.wq.wake();
  }

  /** Queues an error to be read. */
  protected queueError(error: Omit<SockError, 'tstamp'>): void {
    const tstamp = this.netns.sim.now;
    if (this.errorQueue.length < MAX_ERRORS) this.errorQueue.push({ ...error, tstamp });
  }

  /** Sets the options that go with everything; none for empty. @throws KernelError EINVAL. setsockopt(IP_OPTIONS) */
  setIpOptions(bytes: Uint8Array): void {
    this.ipOptions = bytes.length === 0 ? null : optionsToSend(this.netns.ipv4, bytes);
  }

  /** Joins a multicast group. IP_ADD_MEMBERSHIP. @throws KernelError EADDRINUSE, EINVAL, ENODEV, ENOBUFS */
  joinGroup(group: InetAddr, dev: NetDevice | null): void {
    const inet = this.layers.inet(typeof group === 'number' ? 'inet' : 'inet6');
    if (this.#groups.length >= this.netns.ipv4.conf.igmp_max_memberships) {
      throw new KernelError('ENOBUFS');
    }
    const known = this.#groups.some(
      (g) => typeof g.group === typeof group && inet.same(g.group, group) && g.dev === dev,
    );
    if (known) throw new KernelError('EADDRINUSE');
    this.#groups.push({ group, dev: inet.membership(group, dev, 1) });
  }

  /** Leaves a group. IP_DROP_MEMBERSHIP. @throws KernelError EADDRNOTAVAIL */
  leaveGroup(group: InetAddr, dev: NetDevice | null): void {
    const inet = this.layers.inet(typeof group === 'number' ? 'inet' : 'inet6');
    const at = this.#groups.findIndex(
      (g) =>
        typeof g.group === typeof group &&
        inet.same(g.group, group) &&
        (dev === null || g.dev === dev),
    );
    const found = this.#groups[at];
    if (found === undefined) throw new KernelError('EADDRNOTAVAIL');
    this.#groups.splice(at, 1);
    inet.membership(group, found.dev, -1);
  }

  close(): void {
    if (this.closed) return;
    for (const { group, dev } of [...this.#groups]) this.leaveGroup(group, dev);
    if (this.num !== 0) this.unhash();
    this.closed = true;
    this.#queue.length = 0;
    this.#queued = 0;
    this.wq.wake();
  }

  /** What sock_diag(7) tells of it. */
  protected info(netid: SockInfo['netid']): SockInfo {
    const none: SockAddr = { addr: this.layers.inet(this.family).any, port: 0 };
    return {
      netid,
      state: this.daddr === undefined ? 'UNCONN' : 'ESTAB',
      recvQ: this.#memory,
      sendQ: 0,
      local: this.#shown(this.rcvSaddr ?? this.saddr, this.num),
      remote: this.remoteAddr() ?? none,
      family: this.family,
      v6only: this.v6only,
      device: this.boundDev?.name,
      ino: this.ino,
      uid: this.uid,
      socket: this,
      timer: undefined,
      tcpInfo: undefined,
    };
  }
}

/** The device of a link-local source. */
function scopeOf(addr: InetAddr, ifindex: number): { scopeId?: number } {
  if (typeof addr === 'number' || addr.w0 >>> 22 !== 0x3fa) return {};
  return { scopeId: ifindex };
}
