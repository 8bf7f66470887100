import type { Family } from '@labwire/devices/rtnetlink';
import type { Socket } from '@labwire/devices/sock';
import type { TcpSocket } from '@labwire/devices/tcp';
import type { Process } from '../machine/index.ts';
import { installSocket } from './socket-file.ts';

/** A stream socket. */
export type StreamSocket = TcpSocket;

/** socket(family, SOCK_STREAM, 0); closed with the process. @throws KernelError EAFNOSUPPORT */
export function openTcp(proc: Process, family: Family): StreamSocket {
  const sock = proc.netns.tcp.open(family);
  installSocket(proc, sock);
  return sock;
}

/** socket(family, SOCK_DGRAM, 0); closed with the process. @throws KernelError EAFNOSUPPORT */
export function openUdp(proc: Process, family: Family): Socket {
  const sock = proc.netns.udp.open(family);
  installSocket(proc, sock);
  return sock;
}
