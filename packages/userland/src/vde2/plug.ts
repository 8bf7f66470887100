import { KernelError } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import type { UnixSocket } from '@labwire/devices/unix';
import { bindUnix, closeSocket, connectUnix, findUnix, openUnix } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { readReply, writeRequest } from './request.ts';

/** A place at a switch. vde2 src/lib/libvdeplug.c, VDECONN */
export interface VdePlug {
  /** Frames come in here. */
  readonly data: UnixSocket;
  /** @throws KernelError if the switch has gone */
  send(frame: Uint8Array): void;
  close(): void;
}

/** Where a switch is if nobody says. */
const DEFAULT_SWITCH = '/var/run/vde.ctl';

/** Plugs into a switch. vde_open() @param port 0: any. @throws KernelError */
export async function openVde(
  proc: Process,
  where: string | undefined,
  description: string,
  port = 0,
): Promise<VdePlug> {
  const dir = proc.path(where === undefined || where === '' ? DEFAULT_SWITCH : where);
  const control = openUnix(proc, 'stream');
  const data = openUnix(proc, 'dgram');
  const path = `${dir}/.${String(proc.pid).padStart(5, '0')}-${String(control.ino % 100_000).padStart(5, '0')}`;
  const close = (): void => {
    for (const sock of [control, data]) closeSocket(proc, sock);
    if (proc.fs.exists(path)) proc.fs.unlink(path);
  };
  try {
    await connectUnix(proc, control, { abstract: false, name: `${dir}/ctl` });
    bindUnix(proc, data, { abstract: false, name: path });
    const user = proc.machine.user(proc.uid).name;
    const text = `${description} user=${user} pid=${proc.pid}`;
    control.send(writeRequest({ port, path, description: text }));
    await proc.poll([{ on: control, events: POLLIN }], undefined, 'its switch');
    const reply = control.recv(4096)?.data;
    if (reply === undefined || reply.length === 0) throw new KernelError('ENXIO');
    const name = readReply(reply);
    const send = (frame: Uint8Array): void => {
      data.send(frame, findUnix(proc, { abstract: false, name }));
    };
    return { data, send, close };
  } catch (e) {
    close();
    throw e;
  }
}
