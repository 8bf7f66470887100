import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { UNIX_PATH_MAX, type UnixName, UnixSocket, type UnixType } from '@labwire/devices/unix';
import type { Process } from '../machine/index.ts';
import { installSocket } from './socket-file.ts';

/** socket(AF_UNIX, type, 0); closed with the process. */
export function openUnix(proc: Process, type: UnixType): UnixSocket {
  const sock = proc.netns.unix.open(type);
  installSocket(proc, sock);
  return sock;
}

/** socketpair(AF_UNIX, type, 0); both closed with the process. */
export function openUnixPair(proc: Process, type: UnixType): readonly [UnixSocket, UnixSocket] {
  const pair = proc.netns.unix.openPair(type);
  for (const sock of pair) installSocket(proc, sock);
  return pair;
}

/** bind(2): makes the file of a path, or takes an abstract name. @throws KernelError EADDRINUSE, EINVAL, ENOENT, EACCES, … */
export function bindUnix(proc: Process, sock: UnixSocket, name: UnixName): void {
  checkLength(name);
  if (sock.name !== undefined) throw new KernelError('EINVAL');
  if (name.abstract) {
    proc.netns.unix.bindAbstract(sock, name.name);
    return;
  }
  sock.fileIno = proc.fs.bindSocket(proc.path(name.name), sock, 0o777 & ~proc.umask);
  sock.name = name;
}

/** Whose name it is. @throws KernelError ECONNREFUSED, ENOENT, EACCES */
export function findUnix(proc: Process, name: UnixName): UnixSocket {
  checkLength(name);
  if (name.abstract) return proc.netns.unix.findAbstract(name.name);
  const found = proc.fs.socketAt(proc.path(name.name));
  if (!(found instanceof UnixSocket) || found.closed) throw new KernelError('ECONNREFUSED');
  return found;
}

function checkLength({ abstract, name }: UnixName): void {
  if (utf8Encode(name).length + (abstract ? 1 : 0) >= UNIX_PATH_MAX)
    throw new KernelError('EINVAL');
}

/** connect(2), which waits while the listener's queue is full. @throws KernelError */
export async function connectUnix(proc: Process, sock: UnixSocket, name: UnixName): Promise<void> {
  for (;;) {
    const listener = findUnix(proc, name);
    try {
      sock.connectTo(listener);
      return;
    } catch (e) {
      if (!(e instanceof KernelError) || e.errno !== 'EAGAIN') throw e;
    }
    await proc.park<void>('room at a listening socket', (wake) => {
      listener.wq.add(wake);
      return () => listener.wq.remove(wake);
    });
  }
}
