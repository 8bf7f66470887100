import type { Family } from '@labwire/devices/rtnetlink';
import type { Socket } from '@labwire/devices/sock';
import type { Process } from '../machine/index.ts';
import { installSocket } from './socket-file.ts';

/** A stream socket: what listen(2), accept(2) and shutdown(2) add to {@link Socket}. */
export interface StreamSocket extends Socket {
  listen(backlog: number): void;
  /** @returns undefined if no connection waits */
  accept(): StreamSocket | undefined;
  shutdown(how: 'read' | 'write' | 'both'): void;
}

interface Layers {
  readonly tcp: { open(family: Family): StreamSocket };
  readonly udp: { open(family: Family): Socket };
}

/** socket(family, SOCK_STREAM, 0); closed with the process. */
export function openTcp(proc: Process, family: Family): StreamSocket {
  const sock = (proc.netns as unknown as Layers).tcp.open(family);
  installSocket(proc, sock);
  return sock;
}

/** socket(family, SOCK_DGRAM, 0); closed with the process. */
export function openUdp(proc: Process, family: Family): Socket {
  const sock = (proc.netns as unknown as Layers).udp.open(family);
  installSocket(proc, sock);
  return sock;
}
