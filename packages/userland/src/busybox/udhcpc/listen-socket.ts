import type { Ipv4Addr } from '@labwire/core/addr';
import { MAC_BROADCAST } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { POLLIN, type Pollable } from '@labwire/core/sim';
import { ETH_P_IP } from '@labwire/core/wire';
import {
  DHCP_CLIENT_PORT,
  DHCP_SERVER_PORT,
  DhcpMessage,
  readRawDatagram,
  writeRawDatagram,
} from '@labwire/devices/dhcp';
import type { NetDevice } from '@labwire/devices/link';
import type { Socket } from '@labwire/devices/sock';
import {
  closeFile,
  closeSocket,
  openPacket,
  openUdp,
  type PacketFile,
} from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';

/** How a client hears its server: not at all, as a configured host, or through a packet socket. LISTEN_* */
export type ListenMode = 'none' | 'kernel' | 'raw';

/** The client's socket, opened anew with every change of mode. `change_listen_mode()` */
export class ListenSocket {
  mode: ListenMode = 'none';
  #udp: Socket | undefined;
  #packet: PacketFile | undefined;

  /** Closes what is open and opens what the mode needs. @throws KernelError */
  change(proc: Process, mode: ListenMode, dev: NetDevice): void {
    if (this.#udp !== undefined) closeSocket(proc, this.#udp);
    if (this.#packet !== undefined) closeFile(proc, this.#packet);
    this.#udp = undefined;
    this.#packet = undefined;
    this.mode = mode;
    if (mode === 'kernel') this.#udp = openKernelSocket(proc, dev);
    if (mode === 'raw') this.#packet = openPacket(proc, 'dgram', ETH_P_IP, dev.ifindex);
  }

  /** What to poll; undefined if nothing is open. */
  get pollable(): Pollable | undefined {
    return this.#udp ?? this.#packet;
  }

  /** Whether something waits to be read. */
  get ready(): boolean {
    return ((this.pollable?.poll() ?? 0) & ~4) !== 0;
  }

  /** Takes a message. @returns undefined for what is none. @throws KernelError what reading failed with */
  receive(): Uint8Array | undefined {
    if (this.#udp !== undefined) {
      const got = this.#udp.recv(65_536)?.data;
      return got !== undefined && new DhcpMessage(got).hasCookie ? got : undefined;
    }
    const packet = this.#packet?.socket.recv();
    if (packet === undefined) return undefined;
    const datagram = readRawDatagram(packet.data);
    if (datagram === undefined || datagram.dport !== DHCP_CLIENT_PORT) return undefined;
    return new DhcpMessage(datagram.payload).hasCookie ? datagram.payload : undefined;
  }
}

function openKernelSocket(proc: Process, dev: NetDevice): Socket {
  const sock = openUdp(proc, 'inet');
  sock.reuseAddr = true;
  sock.broadcast = true;
  sock.boundDev = dev;
  sock.bind({ addr: 0 as Ipv4Addr, port: DHCP_CLIENT_PORT });
  return sock;
}

/** Broadcasts a message without the help of IP. @throws KernelError `udhcp_send_raw_packet()` */
export function sendRaw(proc: Process, dev: NetDevice, message: Uint8Array, saddr: Ipv4Addr): void {
  const packet = openPacket(proc, 'dgram', 0, dev.ifindex);
  try {
    const flow = { saddr, daddr: -1 as Ipv4Addr, sport: DHCP_CLIENT_PORT, dport: DHCP_SERVER_PORT };
    const data = writeRawDatagram(flow, { tos: 0, ttl: 64, id: 0, fragOff: 0 }, message);
    packet.socket.send(data, { protocol: ETH_P_IP, lladdr: MAC_BROADCAST });
  } finally {
    closeFile(proc, packet);
  }
}

/** What went wrong in {@link sendKernel}, and where. */
export interface SendFailure {
  readonly call: string;
  readonly error: KernelError;
}

/** Sends a message to a server as a configured host does. @returns what failed. `udhcp_send_kernel_packet()` */
export function sendKernel(
  proc: Process,
  dev: NetDevice,
  message: Uint8Array,
  saddr: Ipv4Addr,
  server: Ipv4Addr,
): SendFailure | undefined {
  const sock = openUdp(proc, 'inet');
  sock.reuseAddr = true;
  sock.boundDev = dev;
  let call = 'bind(UDP)';
  try {
    sock.bind({ addr: saddr, port: DHCP_CLIENT_PORT });
    call = 'connect';
    sock.connect({ addr: server, port: DHCP_SERVER_PORT });
    call = 'write';
    sock.send(message);
    return undefined;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return { call, error };
  } finally {
    closeSocket(proc, sock);
  }
}

/** POLLIN, for whoever polls {@link ListenSocket.pollable}. */
export const LISTEN_EVENTS: number = POLLIN;
