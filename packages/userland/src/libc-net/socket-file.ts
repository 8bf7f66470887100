import type { WaitQueue } from '@labwire/core/sim';
import { type IoSocket, Socket } from '@labwire/devices/sock';
import type { OpenFile, Process } from '../machine/index.ts';

/** A socket as a process's descriptor: closed with the last descriptor that stands for it. Linux sock_alloc_file() */
export class SocketFile implements OpenFile {
  readonly isTty = false;
  readonly socket: IoSocket;
  #refs = 0;

  constructor(socket: IoSocket) {
    this.socket = socket;
  }

  get wq(): WaitQueue {
    return this.socket.wq;
  }

  poll(): number {
    return this.socket.poll();
  }

  read(max: number): Uint8Array | undefined {
    return this.socket.recv(max)?.data;
  }

  write(data: Uint8Array): number | undefined {
    return this.socket.send(data);
  }

  ref(): void {
    this.#refs++;
  }

  unref(): void {
    if (--this.#refs === 0) this.socket.close();
  }
}

/** Gives a file the lowest free descriptor, as open(2) does. @returns the descriptor */
export function installFd(proc: Process, file: OpenFile): number {
  let fd = 0;
  while (proc.fds.has(fd)) fd++;
  file.ref();
  proc.fds.set(fd, file);
  return fd;
}

/** Gives a socket a descriptor of the process, so that it is closed when the process ends. @returns the descriptor */
export function installSocket(proc: Process, socket: IoSocket): number {
  socket.uid = proc.uid;
  if (proc.socketIfindex !== 0 && socket instanceof Socket && socket.boundDev === null)
    socket.boundDev = proc.netns.devices.byIndex(proc.socketIfindex) ?? null;
  return installFd(proc, new SocketFile(socket));
}

/** The descriptor that stands for `socket`; -1 if none does. */
export function descriptorOf(proc: Process, socket: IoSocket): number {
  for (const [fd, file] of proc.fds)
    if (file instanceof SocketFile && file.socket === socket) return fd;
  return -1;
}

/** Closes the descriptor that stands for `socket`. */
export function closeSocket(proc: Process, socket: IoSocket): void {
  proc.close(descriptorOf(proc, socket));
}
