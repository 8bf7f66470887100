import { type Ipv4Addr, MAC_BROADCAST } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { ETH_P_IP } from '@labwire/core/wire';
import { readRawDatagram, writeRawDatagram } from '@labwire/devices/dhcp';
import type { NetDevice } from '@labwire/devices/link';
import type { Socket } from '@labwire/devices/sock';
import { openPacket, openUdp, type PacketFile } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';

/** IPTOS_LOWDELAY, and the rest of the header that dhclient makes. common/packet.c, assemble_udp_ip_header() */
const HEADER = { tos: 0x10, ttl: 128, id: 0, fragOff: 0 } as const;

/** A message that came in, and from whom. */
export interface Incoming {
  readonly data: Uint8Array;
  readonly from: Ipv4Addr;
}

/** A device's packet socket: "LPF", the Linux packet filter. common/lpf.c */
export class Lpf {
  readonly file: PacketFile;
  readonly #port: number;

  constructor(proc: Process, dev: NetDevice, port: number) {
    this.file = openPacket(proc, 'dgram', ETH_P_IP, dev.ifindex);
    this.#port = port;
  }

  /** Takes a message. @returns undefined for none. @throws KernelError ENETDOWN */
  receive(): Incoming | undefined {
    for (;;) {
      const packet = this.file.socket.recv();
      if (packet === undefined) return undefined;
      const datagram = readRawDatagram(packet.data);
      if (datagram?.dport === this.#port) return { data: datagram.payload, from: datagram.saddr };
    }
  }

  /** Sends a message to all, as from `saddr`. @throws KernelError */
  send(message: Uint8Array, saddr: Ipv4Addr, daddr: Ipv4Addr): void {
    const flow = { saddr, daddr, sport: this.#port, dport: this.#port - 1 };
    const packet = writeRawDatagram(flow, HEADER, message);
    this.file.socket.send(packet, { protocol: ETH_P_IP, lladdr: MAC_BROADCAST });
  }
}

/** The socket for what goes to one server: "Socket/fallback". common/socket.c */
export function openFallback(proc: Process, port: number): Socket | undefined {
  const sock = openUdp(proc, 'inet');
  sock.reuseAddr = true;
  sock.broadcast = true;
  try {
    sock.bind({ addr: 0 as Ipv4Addr, port });
    return sock;
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  }
}
