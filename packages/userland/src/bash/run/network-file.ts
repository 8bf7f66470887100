import { KernelError } from '@labwire/core/error';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import {
  closeSocket,
  connect,
  descriptorOf,
  openTcp,
  openUdp,
  serviceByName,
} from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { gaiStrerror, resolve } from '../../resolver/index.ts';

/**
 * Opens /dev/tcp/HOST/PORT and /dev/udp/HOST/PORT, which only the shell knows. bash lib/sh/netopen.c
 * @returns the descriptor; undefined for any other path
 * @throws KernelError why no address could be connected to, after saying so
 */
export async function openNetworkFile(proc: Process, path: string): Promise<number | undefined> {
  const m = /^\/dev\/(tcp|udp)\/([^/]+)\/([^/]+)$/.exec(path);
  if (m === null) return undefined;
  const [, kind = '', host = '', service = ''] = m;
  const port = /^\d+$/.test(service)
    ? Number(service)
    : serviceByName(proc.fs, service, kind)?.port;
  if (port === undefined) return refuse(proc, `${service}: Servname not supported for ai_socktype`);
  const found = await resolve(proc, host);
  if ('error' in found) return refuse(proc, `${host}: ${gaiStrerror(found.error)}`);
  return connectFirst(
    proc,
    kind,
    found.addrs.map((a) => ({ ...a, port })),
  );
}

async function refuse(proc: Process, message: string): Promise<never> {
  await proc.err(`bash: ${message}\n`);
  throw new KernelError('EINVAL');
}

async function connectFirst(
  proc: Process,
  kind: string,
  addrs: readonly SockAddr[],
): Promise<number> {
  let failure = new KernelError('EADDRNOTAVAIL');
  for (const to of addrs) {
    const family = typeof to.addr === 'number' ? 'inet' : 'inet6';
    const socket: Socket = kind === 'tcp' ? openTcp(proc, family) : openUdp(proc, family);
    try {
      await connect(proc, socket, to);
      return descriptorOf(proc, socket);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      closeSocket(proc, socket);
      failure = e;
    }
  }
  await proc.err(`bash: connect: ${failure.message}\n`);
  throw failure;
}
