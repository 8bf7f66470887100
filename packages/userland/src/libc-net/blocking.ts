import { KernelError } from '@labwire/core/error';
import { type Nanos, POLLIN, POLLOUT, type Pollable } from '@labwire/core/sim';
import type { IoSocket, SockAddr, Socket } from '@labwire/devices/sock';
import type { Process } from '../machine/index.ts';
import { installSocket } from './socket-file.ts';

/** The calls of a socket that is in blocking mode, for programs: each waits through {@link Process.poll}. */

/**
 * connect(2), given up after `timeout`.
 * @throws KernelError ECONNREFUSED, ENETUNREACH, …; EINPROGRESS if `timeout` passes first
 */
export async function connect(
  proc: Process,
  sock: Socket,
  to: SockAddr,
  timeout?: Nanos,
): Promise<void> {
  try {
    sock.connect(to);
    return;
  } catch (e) {
    if (!(e instanceof KernelError) || e.errno !== 'EINPROGRESS') throw e;
  }
  const ready = await proc.poll([{ on: sock, events: POLLOUT }], timeout, 'a connection');
  if (!ready) throw new KernelError('EINPROGRESS');
  const error = sock.takeError();
  if (error !== undefined) throw new KernelError(error);
}

/** recv(2). @returns undefined if `timeout` passes first; empty data at the end of a stream */
export async function recv<R>(
  proc: Process,
  sock: Pollable & { recv(max: number): R | undefined },
  max: number,
  timeout?: Nanos,
): Promise<R | undefined> {
  const end = timeout === undefined ? undefined : proc.now + timeout;
  for (;;) {
    const got = sock.recv(max);
    if (got !== undefined) return got;
    const left = end === undefined ? undefined : Math.max(0, end - proc.now);
    if (!(await proc.poll([{ on: sock, events: POLLIN }], left, 'data from the network')))
      return undefined;
  }
}

/** send(2) of all of `data`. @throws KernelError EPIPE, ECONNRESET; EAGAIN if `timeout` passes without progress */
export async function sendAll(
  proc: Process,
  sock: IoSocket,
  data: Uint8Array,
  timeout?: Nanos,
): Promise<void> {
  for (let at = 0; at < data.length; ) {
    const taken = sock.send(data.subarray(at));
    if (taken !== undefined) at += taken;
    else if (!(await proc.poll([{ on: sock, events: POLLOUT }], timeout, 'room to send')))
      throw new KernelError('EAGAIN');
  }
}

/** sendto(2) of one datagram. */
export async function sendTo(
  proc: Process,
  sock: Socket,
  data: Uint8Array,
  to?: SockAddr,
): Promise<void> {
  while (sock.send(data, to) === undefined)
    await proc.poll([{ on: sock, events: POLLOUT }], undefined, 'room to send');
}

/** accept(2). The connection gets a descriptor of the process. @returns undefined if `timeout` passes first */
export async function accept<S extends IoSocket>(
  proc: Process,
  listener: Pollable & { accept(): S | undefined },
  timeout?: Nanos,
): Promise<S | undefined> {
  const end = timeout === undefined ? undefined : proc.now + timeout;
  for (;;) {
    const conn = listener.accept();
    if (conn !== undefined) {
      installSocket(proc, conn);
      return conn;
    }
    const left = end === undefined ? undefined : Math.max(0, end - proc.now);
    if (!(await proc.poll([{ on: listener, events: POLLIN }], left, 'a connection')))
      return undefined;
  }
}
