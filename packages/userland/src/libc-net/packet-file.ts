import type { WaitQueue } from '@labwire/core/sim';
import type { Netns } from '@labwire/devices/netns';
import { PacketSocket } from '@labwire/devices/sock';
import type { OpenFile, Process } from '../machine/index.ts';
import { installFd } from './socket-file.ts';

/** A packet socket as a process's descriptor: closed with it. */
export class PacketFile implements OpenFile {
  readonly isTty = false;
  readonly socket: PacketSocket;
  #refs = 0;

  /** socket(AF_PACKET, type, protocol), bound to a device. @throws KernelError ENODEV */
  constructor(netns: Netns, type: 'raw' | 'dgram', protocol: number, ifindex: number) {
    this.socket = new PacketSocket(netns, type, protocol);
    this.socket.bind(ifindex);
  }

  get wq(): WaitQueue {
    return this.socket.wq;
  }

  poll(): number {
    return this.socket.poll();
  }

  read(): Uint8Array | undefined {
    return this.socket.recv()?.data;
  }

  write(data: Uint8Array): number {
    return this.socket.send(data);
  }

  ref(): void {
    this.#refs++;
  }

  unref(): void {
    if (--this.#refs === 0) this.socket.close();
  }
}

/** Opens a packet socket on a device; closed with the process. @throws KernelError ENODEV */
export function openPacket(
  proc: Process,
  type: 'raw' | 'dgram',
  protocol: number,
  ifindex: number,
): PacketFile {
  const file = new PacketFile(proc.netns, type, protocol, ifindex);
  installFd(proc, file);
  return file;
}

/** Closes the descriptor that stands for `file`. */
export function closeFile(proc: Process, file: OpenFile): void {
  for (const [fd, open] of proc.fds) {
    if (open === file) {
      proc.close(fd);
      return;
    }
  }
}
