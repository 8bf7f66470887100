import { utf8Encode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import type { UnixName, UnixSocket, UnixType } from '@labwire/devices/unix';
import {
  accept,
  bindUnix,
  closeSocket,
  connectUnix,
  descriptorOf,
  findUnix,
  openUnix,
  SocketFile,
} from '../libc-net/index.ts';
import { type Process, SIGHUP, SIGINT, SIGTERM, SignalDeath } from '../machine/index.ts';
import { type SocatAddress, SocatError } from './address.ts';
import type { Channel, Serve } from './channel.ts';

/** SOCK_* by number, as the option `type` has them. */
const TYPES: Readonly<Record<string, UnixType>> = { 1: 'stream', 2: 'dgram', 5: 'seqpacket' };

function nameOf(a: SocatAddress, text = a.params[0] as string): UnixName {
  return { abstract: a.abstract, name: text };
}

/** `AF=1 "/run/a.sock"`, and its length. */
function addressText({ abstract, name }: UnixName): readonly [text: string, length: number] {
  const length = utf8Encode(name).length;
  return [`AF=1 "${abstract ? '\\0' : ''}${name}"`, length + 2 + (abstract ? 1 : 0)];
}

function typeOf(a: SocatAddress): UnixType {
  const text = a.options.get('type') ?? '1';
  const type = TYPES[text];
  if (type === undefined) throw new SocatError(`socket(1, ${text}, 0): ${strerror('EOPNOTSUPP')}`);
  return type;
}

/** Binds, and gives the file the mode that is asked for. */
function bind(proc: Process, sock: UnixSocket, a: SocatAddress, name: UnixName): void {
  try {
    bindUnix(proc, sock, name);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const [text, length] = addressText(name);
    throw new SocatError(
      `bind(${descriptorOf(proc, sock)}, {${text}}, ${length}): ${strerror(e.errno)}`,
    );
  }
  const mode = a.options.get('mode');
  if (mode !== undefined && !name.abstract)
    proc.fs.chmod(proc.path(name.name), Number(`0o${mode}`));
}

function channelOf(a: SocatAddress, sock: UnixSocket, close?: () => void): Channel {
  const file = new SocketFile(sock);
  const endWrite = (): void => {
    if (sock.type !== 'dgram') sock.shutdown('wr');
  };
  const channel = { read: file, write: file, endWrite, crnl: a.options.has('crnl') };
  return close === undefined ? channel : { ...channel, close };
}

/** UNIX-CONNECT; UNIX-CLIENT tries one type after the other. xio-unix.c, _xioopen_unix_client() */
export async function connectToUnix(proc: Process, a: SocatAddress): Promise<Channel> {
  const name = nameOf(a);
  const types: readonly UnixType[] =
    a.kind === 'unix-client' && !a.options.has('type')
      ? ['stream', 'seqpacket', 'dgram']
      : [typeOf(a)];
  let failure = '';
  for (const type of types) {
    const sock = openUnix(proc, type);
    const own = a.options.get('bind');
    if (own !== undefined) bind(proc, sock, a, nameOf(a, own));
    try {
      await connectUnix(proc, sock, name);
      return channelOf(a, sock);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      closeSocket(proc, sock);
      const [text, length] = addressText(name);
      failure =
        types.length > 1
          ? `${a.abstract ? 'ABSTRACT' : 'UNIX'}-CLIENT:${name.name}: ${strerror(e.errno)}`
          : `connect(, ${text}, ${length}): ${strerror(e.errno)}`;
      if (e.errno !== 'EPROTOTYPE') break;
    }
  }
  throw new SocatError(failure);
}

/** Takes a file away at the end, be it a signal's. xioexit() */
function unlinkAtEnd(proc: Process, a: SocatAddress, name: UnixName): () => void {
  if (name.abstract || a.options.get('unlink-close') === '0') return () => {};
  const path = proc.path(name.name);
  const remove = (): void => {
    if (proc.fs.exists(path)) proc.fs.unlink(path);
  };
  for (const signal of [SIGHUP, SIGINT, SIGTERM])
    proc.handlers.set(signal, () => {
      remove();
      proc.handlers.delete(signal);
      if (!proc.interrupt(new SignalDeath(signal))) proc.kill(signal);
    });
  return remove;
}

/** Makes room for a listener's name. */
function clear(proc: Process, a: SocatAddress, name: UnixName): void {
  const path = proc.path(name.name);
  if (name.abstract || !proc.fs.exists(path)) return;
  if (!a.options.has('unlink-early')) throw new SocatError(`"${name.name}" exists`);
  proc.fs.unlink(path);
}

/** UNIX-LISTEN */
export async function listenUnix(proc: Process, a: SocatAddress, serve: Serve): Promise<Channel> {
  const name = nameOf(a);
  clear(proc, a, name);
  const sock = openUnix(proc, typeOf(a));
  bind(proc, sock, a, name);
  const close = unlinkAtEnd(proc, a, name);
  sock.listen(Number(a.options.get('backlog') ?? 5));
  for (;;) {
    const conn = (await accept(proc, sock)) as UnixSocket;
    if (!a.options.has('fork')) {
      closeSocket(proc, sock);
      return channelOf(a, conn, close);
    }
    proc.spawn(proc.argv, (child) => serve(child, channelOf(a, conn)));
    closeSocket(proc, conn);
  }
}

/** UNIX-RECV: takes what comes, from whomever. */
export function receiveUnix(proc: Process, a: SocatAddress): Channel {
  const name = nameOf(a);
  clear(proc, a, name);
  const sock = openUnix(proc, 'dgram');
  bind(proc, sock, a, name);
  const close = unlinkAtEnd(proc, a, name);
  return { read: new SocketFile(sock), write: undefined, endWrite: () => {}, crnl: false, close };
}

/** Sends every piece to one name, looked up each time. */
class SendToName extends SocketFile {
  readonly #proc: Process;
  readonly #socket: UnixSocket;
  readonly #name: UnixName;

  constructor(proc: Process, socket: UnixSocket, name: UnixName) {
    super(socket);
    this.#proc = proc;
    this.#socket = socket;
    this.#name = name;
  }

  override write(data: Uint8Array): number | undefined {
    try {
      return this.#socket.send(data, findUnix(this.#proc, this.#name));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const [text, length] = addressText(this.#name);
      const fd = descriptorOf(this.#proc, this.#socket);
      throw new SocatError(
        `sendto(${fd}, 0x5581f2c3a000, ${data.length}, 0, ${text}, ${length}): ${strerror(e.errno)}`,
      );
    }
  }
}

/** UNIX-SENDTO */
export function sendToUnix(proc: Process, a: SocatAddress): Channel {
  const sock = openUnix(proc, 'dgram');
  const own = a.options.get('bind');
  if (own !== undefined) bind(proc, sock, a, nameOf(a, own));
  const file = new SendToName(proc, sock, nameOf(a));
  const read = own === undefined ? undefined : new SocketFile(sock);
  return { read, write: file, endWrite: () => {}, crnl: false };
}
