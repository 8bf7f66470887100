import type { Ipv4Addr } from '@labwire/core/addr';
import { get8, get16, get32, put16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { checksum, ICMP_ECHO, ICMP_ECHOREPLY, IPPROTO_ICMP, Ipv4Off } from '@labwire/core/wire';
import type { Socket } from '@labwire/devices/sock';
import { closeSocket, installSocket } from '../../../libc-net/index.ts';
import type { Process } from '../../../machine/index.ts';

/** Bytes of the message: struct icmp. */
const LENGTH = 28;
const IP_HEADER = 20;

/** One echo request, and whether it is answered. dnsmasq src/dnsmasq.c, icmp_ping() */
export class Ping {
  readonly sock: Socket;
  readonly #proc: Process;
  readonly #addr: Ipv4Addr;
  readonly #id: number;

  /** Sends it; without a route nobody answers. */
  constructor(proc: Process, addr: Ipv4Addr) {
    this.#proc = proc;
    this.#addr = addr;
    this.#id = proc.machine.kernel.random.below(0x1_0000);
    this.sock = proc.netns.ipv4.openRaw(IPPROTO_ICMP);
    installSocket(proc, this.sock);
    const message = new Uint8Array(LENGTH);
    message[0] = ICMP_ECHO;
    put16(message, 4, this.#id);
    put16(message, 2, checksum(message, 0, LENGTH));
    try {
      this.sock.send(message, { addr, port: 0 });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  }

  /** Takes all that came. @returns whether the answer was among it */
  isAnswered(): boolean {
    for (;;) {
      let packet: Uint8Array | undefined;
      try {
        packet = this.sock.recv(65_536)?.data;
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        continue;
      }
      if (packet === undefined) return false;
      if (this.#isReply(packet)) return true;
    }
  }

  #isReply(packet: Uint8Array): boolean {
    if (packet.length < IP_HEADER + 8 || get32(packet, Ipv4Off.saddr) !== this.#addr) return false;
    const at = (get8(packet, 0) & 0x0f) * 4;
    return packet[at] === ICMP_ECHOREPLY && get16(packet, at + 4) === this.#id;
  }

  close(): void {
    closeSocket(this.#proc, this.sock);
  }
}
