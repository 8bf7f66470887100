import { type Errno, KernelError } from '@labwire/core/error';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, WaitQueue } from '@labwire/core/sim';
import type { Netns } from '../netns/netns.ts';
import type { IoSocket } from '../sock/socket.ts';
import { MessageQueue } from './message-queue.ts';
import type { UnixName } from './unix-address.ts';

/** SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET. */
export type UnixType = 'stream' | 'dgram' | 'seqpacket';

/** `sk_state`: TCP_CLOSE, TCP_LISTEN, TCP_ESTABLISHED. */
type UnixState = 'close' | 'listen' | 'established';

/** What has been received: who sent a datagram is `from`, undefined where there are none, `null` if it has no name. */
export interface UnixReceived {
  readonly data: Uint8Array;
  readonly from: UnixName | null | undefined;
}

const EMPTY = new Uint8Array(0);

/**
 * A socket of AF_UNIX: never blocks, as {@link IoSocket} says. Paths are looked up by whoever has the file tree; here one socket
 * meets the other. Linux net/unix/af_unix.c
 * @deviation no descriptors or credentials are passed along (SCM_RIGHTS, SCM_CREDENTIALS)
 */
export class UnixSocket implements IoSocket {
  readonly netns: Netns;
  readonly type: UnixType;
  readonly wq: WaitQueue = new WaitQueue();
  /** Inode number, as `ss -x` shows it in place of a port. */
  readonly ino: number;
  uid = 0;
  /** Bytes. SO_SNDBUF, SO_RCVBUF */
  sndBuf = 212_992;
  rcvBuf = 212_992;
  /** What it is bound to. */
  name: UnixName | undefined;
  state: UnixState = 'close';
  /** The other end of a connection; for a datagram socket, where it sends to. */
  peer: UnixSocket | undefined;
  /** Inode number of the file that a path made. */
  fileIno: number | undefined;
  /** Connections that may wait, of a listener. */
  backlog = 0;
  rcvShutdown = false;
  sndShutdown = false;
  readonly #queue = new MessageQueue();
  /** Ends of connections that wait for accept(2). */
  readonly #pending: UnixSocket[] = [];
  #error: Errno | undefined;
  #closed = false;

  /** @internal Use {@link UnixTable.open}. */
  constructor(netns: Netns, type: UnixType) {
    this.netns = netns;
    this.type = type;
    this.ino = netns.kernel.nextSockIno();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes to be read; of a listener, connections to be accepted. `unix_inq_len()` */
  get recvQ(): number {
    if (this.state === 'listen') return this.#pending.length;
    return this.type === 'stream' ? this.#queue.bytes : this.#queue.first;
  }

  /** What it has sent and nobody has read yet; of a listener, its backlog. `unix_outq_len()` */
  get sendQ(): number {
    if (this.state === 'listen') return this.backlog;
    return this.peer?.waitingMemory ?? 0;
  }

  /** @internal What waits to be read here, as its sender's buffer counts it. */
  get waitingMemory(): number {
    return this.#queue.memory;
  }

  poll(): number {
    let ready = 0;
    if (this.#error !== undefined) ready |= POLLERR;
    if (this.rcvShutdown && this.sndShutdown) ready |= POLLHUP;
    if (this.rcvShutdown || this.#queue.length > 0 || this.#pending.length > 0) ready |= POLLIN;
    if (this.type !== 'dgram' && this.state === 'close') ready |= POLLHUP;
    return this.#writable() ? ready | POLLOUT : ready;
  }

  #writable(): boolean {
    if (this.state === 'listen') return false;
    const peer = this.peer;
    if (peer === undefined) return true;
    if (this.type === 'dgram' && peer.isFull) return false;
    return peer.waitingMemory * 4 <= this.sndBuf;
  }

  /** @internal Whether it takes no more datagrams. `unix_recvq_full()` */
  get isFull(): boolean {
    return this.#queue.length > this.netns.unix.maxDgramQlen;
  }

  /** Takes connections from now on. listen(2) @throws KernelError EOPNOTSUPP, EINVAL */
  listen(backlog: number): void {
    if (this.type === 'dgram') throw new KernelError('EOPNOTSUPP');
    if (this.name === undefined || this.state === 'established') throw new KernelError('EINVAL');
    this.backlog = Math.min(backlog < 0 ? Infinity : backlog, this.netns.somaxconn);
    this.state = 'listen';
    this.wq.wake();
  }

  /** The next connection; undefined if none waits. accept(2) @throws KernelError EINVAL, EOPNOTSUPP */
  accept(): UnixSocket | undefined {
    if (this.type === 'dgram') throw new KernelError('EOPNOTSUPP');
    if (this.state !== 'listen') throw new KernelError('EINVAL');
    const next = this.#pending.shift();
    if (next !== undefined) this.wq.wake();
    return next;
  }

  /**
   * Connects to whoever has a name; at once, or not at all. connect(2)
   * @throws KernelError ECONNREFUSED, EPROTOTYPE, EISCONN, EINVAL, EAGAIN if the listener's queue is full
   */
  connectTo(other: UnixSocket): void {
    if (this.type === 'dgram') {
      this.#checkType(other);
      this.peer = other;
      this.state = 'established';
      return;
    }
    this.#checkType(other);
    if (other.state !== 'listen') throw new KernelError('ECONNREFUSED');
    if (this.state === 'established') throw new KernelError('EISCONN');
    if (this.state === 'listen') throw new KernelError('EINVAL');
    if (other.#pending.length > other.backlog) throw new KernelError('EAGAIN');
    const end = other.netns.unix.open(other.type);
    end.uid = other.uid;
    end.name = other.name;
    end.fileIno = other.fileIno;
    joinUnix(this, end);
    other.#pending.push(end);
    other.wq.wake();
  }

  #checkType(other: UnixSocket): void {
    if (other.closed) throw new KernelError('ECONNREFUSED');
    if (other.type !== this.type) throw new KernelError('EPROTOTYPE');
  }

  /**
   * Sends. @param to where a datagram goes, in place of where it is connected to
   * @returns bytes taken; undefined if it would block. @throws KernelError EPIPE, ENOTCONN, ECONNREFUSED, EMSGSIZE, …
   */
  send(data: Uint8Array, to?: UnixSocket): number | undefined {
    this.#raise();
    if (this.type === 'dgram') return this.#sendDatagram(data, to);
    if (to !== undefined) throw new KernelError(this.peer === undefined ? 'EOPNOTSUPP' : 'EISCONN');
    if (this.sndShutdown) throw new KernelError('EPIPE');
    const peer = this.peer;
    if (peer === undefined) throw new KernelError('ENOTCONN');
    if (peer.closed || peer.rcvShutdown) throw new KernelError('EPIPE');
    return this.type === 'stream' ? this.#sendBytes(data, peer) : this.#sendMessage(data, peer);
  }

  #sendBytes(data: Uint8Array, peer: UnixSocket): number | undefined {
    const room = this.sndBuf - peer.waitingMemory;
    if (room <= 0) return undefined;
    const taken = Math.min(room, data.length);
    if (taken > 0) peer.#deliver(data.slice(0, taken), undefined);
    return taken;
  }

  #sendMessage(data: Uint8Array, peer: UnixSocket): number | undefined {
    if (data.length > this.sndBuf - 32) throw new KernelError('EMSGSIZE');
    if (peer.waitingMemory > 0 && peer.waitingMemory + data.length > this.sndBuf) return undefined;
    peer.#deliver(data.slice(), this.name);
    return data.length;
  }

  #sendDatagram(data: Uint8Array, to: UnixSocket | undefined): number | undefined {
    const peer = to ?? this.peer;
    if (peer === undefined) throw new KernelError('ENOTCONN');
    if (this.sndShutdown) throw new KernelError('EPIPE');
    if (peer.closed) {
      if (to === undefined) this.#part();
      throw new KernelError('ECONNREFUSED');
    }
    if (to !== undefined) this.#checkType(peer);
    if (peer.rcvShutdown) throw new KernelError('EPIPE');
    if (peer.peer !== undefined && peer.peer !== this) throw new KernelError('EPERM');
    if (peer.isFull) return undefined;
    return this.#sendMessage(data, peer);
  }

  #part(): void {
    this.peer = undefined;
    this.state = 'close';
  }

  #deliver(data: Uint8Array, from: UnixName | undefined): void {
    this.#queue.push({ data, from });
    this.wq.wake();
  }

  /** @returns undefined if it would block; a connection's end is empty data. @throws KernelError ENOTCONN, ECONNRESET, EINVAL */
  recv(max: number): UnixReceived | undefined {
    if (this.type === 'dgram') return this.#receiveMessage(max);
    if (this.state !== 'established')
      throw new KernelError(this.type === 'stream' ? 'EINVAL' : 'ENOTCONN');
    if (this.type === 'seqpacket' && this.#queue.length > 0) return this.#receiveMessage(max);
    if (this.#queue.length > 0) {
      const data = this.#queue.takeBytes(max);
      this.#wakePeer();
      return { data, from: undefined };
    }
    this.#raise();
    return this.rcvShutdown ? { data: EMPTY, from: undefined } : undefined;
  }

  #receiveMessage(max: number): UnixReceived | undefined {
    const message = this.#queue.takeMessage(max);
    if (message === undefined) {
      this.#raise();
      return this.rcvShutdown ? { data: EMPTY, from: undefined } : undefined;
    }
    this.#wakePeer();
    this.netns.unix.roomWq.wake();
    return { data: message.data, from: message.from ?? null };
  }

  #wakePeer(): void {
    this.peer?.wq.wake();
  }

  /** Ends one direction or both, for the other end too. shutdown(2) @throws KernelError ENOTCONN */
  shutdown(how: 'rd' | 'wr' | 'rdwr'): void {
    const rd = how !== 'wr';
    const wr = how !== 'rd';
    this.rcvShutdown ||= rd;
    this.sndShutdown ||= wr;
    const peer = this.type === 'dgram' ? undefined : this.peer;
    if (peer !== undefined) {
      peer.sndShutdown ||= rd;
      peer.rcvShutdown ||= wr;
      peer.wq.wake();
    }
    this.wq.wake();
  }

  /** unix_release_sock() */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.netns.unix.remove(this);
    const peer = this.peer;
    if (this.type !== 'dgram' && peer !== undefined) {
      peer.rcvShutdown = true;
      peer.sndShutdown = true;
      if (this.#queue.length > 0) peer.#error = 'ECONNRESET';
    }
    for (const embryo of this.#pending.splice(0)) {
      if (embryo.peer !== undefined) embryo.peer.#error = 'ECONNRESET';
      embryo.close();
    }
    peer?.wq.wake();
    this.netns.unix.roomWq.wake();
    this.wq.wake();
  }

  takeError(): Errno | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  #raise(): void {
    const error = this.takeError();
    if (error !== undefined) throw new KernelError(error);
  }
}

/** Makes two sockets the ends of one connection. socketpair(2) */
export function joinUnix(a: UnixSocket, b: UnixSocket): void {
  a.peer = b;
  b.peer = a;
  a.state = 'established';
  b.state = 'established';
}
