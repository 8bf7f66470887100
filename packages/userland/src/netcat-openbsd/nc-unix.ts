import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import { UNIX_PATH_MAX, type UnixName, type UnixSocket } from '@labwire/devices/unix';
import {
  accept,
  bindUnix,
  closeSocket,
  connectUnix,
  findUnix,
  openUnix,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { NcError, type NcOptions } from './nc-options.ts';
import { Relay } from './relay.ts';

const CHUNK = 65_536;
/** Characters that mkdtemp(3) draws from. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A path, or with an `@` before it a name without a file. */
function nameOf(text: string): UnixName {
  return text.startsWith('@')
    ? { abstract: true, name: text.slice(1) }
    : { abstract: false, name: text };
}

/** nc -U. OpenBSD netcat.c with Debian's patches: unix_bind(), unix_listen(), unix_connect() */
export class UnixNetcat {
  readonly #proc: Process;
  readonly #o: NcOptions;

  constructor(proc: Process, options: NcOptions) {
    this.#proc = proc;
    this.#o = options;
  }

  async run(path: string): Promise<number> {
    return this.#o.listen ? this.#listen(path) : this.#connect(path);
  }

  #say(text: string): Promise<void> {
    return this.#o.verbose ? this.#proc.err(`${text}\n`) : Promise.resolve();
  }

  #bind(path: string, type: 'stream' | 'dgram'): UnixSocket {
    const { fs } = this.#proc;
    const name = nameOf(path);
    const sock = openUnix(this.#proc, type);
    try {
      if (path.length >= UNIX_PATH_MAX) throw new KernelError('ENAMETOOLONG');
      if (!name.abstract && fs.exists(this.#proc.path(path))) fs.unlink(this.#proc.path(path));
      bindUnix(this.#proc, sock, name);
    } catch (e) {
      closeSocket(this.#proc, sock);
      throw e instanceof KernelError ? new NcError(strerror(e.errno)) : e;
    }
    return sock;
  }

  async #listen(path: string): Promise<number> {
    const { udp, keep } = this.#o;
    const sock = this.#bind(path, udp ? 'dgram' : 'stream');
    await this.#say(`Bound on ${path}`);
    if (udp) return this.#serveDatagrams(sock, path);
    sock.listen(5);
    await this.#say(`Listening on ${path}`);
    do {
      const conn = (await accept(this.#proc, sock)) as UnixSocket;
      await this.#say(`Connection received on ${path}`);
      const over = await new Relay(this.#proc, conn, this.#o).run();
      closeSocket(this.#proc, conn);
      if (over) break;
    } while (keep);
    return 0;
  }

  async #serveDatagrams(sock: UnixSocket, path: string): Promise<number> {
    if (!this.#o.keep) {
      await this.#proc.poll([{ on: sock, events: POLLIN }], undefined, 'a datagram');
      const got = sock.recv(CHUNK);
      if (got?.from) sock.connectTo(findUnix(this.#proc, got.from));
      await this.#say(`Connection received on ${path}`);
      if (got !== undefined) await this.#proc.write(1, got.data);
    }
    await new Relay(this.#proc, sock, this.#o).run();
    return 0;
  }

  async #connect(path: string): Promise<number> {
    const { udp, source, zero } = this.#o;
    const own = udp ? (source ?? this.#temporary()) : undefined;
    const sock = own === undefined ? openUnix(this.#proc, 'stream') : this.#bind(own, 'dgram');
    if (own !== undefined) await this.#say(`Bound on ${own}`);
    try {
      if (path.length >= UNIX_PATH_MAX) throw new KernelError('ENAMETOOLONG');
      await connectUnix(this.#proc, sock, nameOf(path));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await this.#proc.err(`nc: ${path}: ${strerror(e.errno)}\n`);
      return 1;
    }
    if (!zero) await new Relay(this.#proc, sock, this.#o).run();
    if (own !== undefined && source === undefined) this.#proc.fs.unlink(own);
    return 0;
  }

  /** A path of its own, where answers come to. */
  #temporary(): string {
    const { random } = this.#proc.machine.kernel;
    const word = Array.from({ length: 6 }, () => LETTERS[random.below(LETTERS.length)]).join('');
    this.#proc.fs.mkdir(`/tmp/nc-${word}`, { mode: 0o700 });
    return `/tmp/nc-${word}/recv.sock`;
  }
}
