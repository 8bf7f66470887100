import type { IoSocket, SockInfo } from '@labwire/devices/sock';
import type { Process } from '../machine/index.ts';
import { SocketFile } from './socket-file.ts';

/** A descriptor that stands for a socket. */
export interface OpenSocket {
  readonly proc: Process;
  readonly fd: number;
  readonly socket: IoSocket;
}

/** The sockets of all processes that the caller may look into, as /proc/PID/fd tells: by process, then by descriptor. */
export function openSockets(caller: Process): OpenSocket[] {
  return [...caller.machine.processes.values()]
    .filter((p) => caller.uid === 0 || p.uid === caller.uid)
    .sort((a, b) => a.pid - b.pid)
    .flatMap((proc) =>
      [...proc.fds]
        .sort((a, b) => a[0] - b[0])
        .flatMap(([fd, file]) =>
          file instanceof SocketFile ? [{ proc, fd, socket: file.socket }] : [],
        ),
    );
}

/** What the tables of the caller's network namespace tell of TCP's and UDP's sockets. */
export function inetSockets({ netns }: Process): Map<IoSocket, SockInfo> {
  const found = new Map<IoSocket, SockInfo>();
  for (const info of [...netns.tcp.dump(), ...netns.udp.dump()])
    if (info.socket !== undefined && (info.netid === 'tcp' || info.netid === 'udp'))
      found.set(info.socket, info);
  return found;
}
