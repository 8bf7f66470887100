import { KernelError } from '@labwire/core/error';
import { WaitQueue } from '@labwire/core/sim';
import type { Netns } from '../netns/netns.ts';
import { joinUnix, UnixSocket, type UnixType } from './unix-socket.ts';

/** The sockets of AF_UNIX of one network namespace. `struct netns_unix` */
export class UnixTable {
  readonly #netns: Netns;
  readonly #sockets = new Set<UnixSocket>();
  readonly #abstract = new Map<string, UnixSocket>();
  /** Datagrams that may wait at one socket. net.unix.max_dgram_qlen */
  maxDgramQlen = 10;
  /** Woken when a datagram has been read, for those who wait for room at a socket that they are not connected to. */
  readonly roomWq: WaitQueue = new WaitQueue();

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** socket(AF_UNIX, type, 0) */
  open(type: UnixType): UnixSocket {
    const socket = new UnixSocket(this.#netns, type);
    this.#sockets.add(socket);
    return socket;
  }

  /** socketpair(AF_UNIX, type, 0) */
  openPair(type: UnixType): readonly [UnixSocket, UnixSocket] {
    const pair = [this.open(type), this.open(type)] as const;
    joinUnix(...pair);
    return pair;
  }

  /** Gives a socket a name without a file. bind(2) @throws KernelError EADDRINUSE, EINVAL if it has a name */
  bindAbstract(socket: UnixSocket, name: string): void {
    if (socket.name !== undefined) throw new KernelError('EINVAL');
    if (this.#abstract.has(name)) throw new KernelError('EADDRINUSE');
    socket.name = { abstract: true, name };
    this.#abstract.set(name, socket);
  }

  /** Who has such a name. @throws KernelError ECONNREFUSED */
  findAbstract(name: string): UnixSocket {
    const socket = this.#abstract.get(name);
    if (socket === undefined) throw new KernelError('ECONNREFUSED');
    return socket;
  }

  /** @internal A socket is closed. */
  remove(socket: UnixSocket): void {
    this.#sockets.delete(socket);
    const { name } = socket;
    if (name?.abstract === true && this.#abstract.get(name.name) === socket)
      this.#abstract.delete(name.name);
  }

  /**
   * All sockets, those with abstract names last. sock_diag(7), `unix_diag_dump()`
   * @deviation the kernel's order within those is that of a hash
   */
  list(): UnixSocket[] {
    const all = [...this.#sockets];
    const isAbstract = (s: UnixSocket) => s.name?.abstract === true;
    return [...all.filter((s) => !isAbstract(s)), ...all.filter(isAbstract)];
  }
}
