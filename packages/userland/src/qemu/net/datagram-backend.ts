import { KernelError } from '@labwire/core/error';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { IoSocket } from '@labwire/devices/sock';
import { NetBackend } from '../../hypervisor/index.ts';
import { closeSocket } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { frameOf } from './frame-stream.ts';
import { Pump } from './user/pump.ts';

const CHUNK = 65_536;

/** Every frame is a datagram. QEMU net/socket.c, net_socket_send_dgram(); net/dgram.c */
export class DatagramBackend extends NetBackend {
  readonly #proc: Process;
  readonly #sock: IoSocket;
  readonly #send: (frame: Uint8Array) => void;
  readonly #pump: Pump;

  /** @param send to whom frames go. @throws KernelError: the frame is lost */
  constructor(proc: Process, sock: IoSocket, send: (frame: Uint8Array) => void) {
    super();
    this.#proc = proc;
    this.#sock = sock;
    this.#send = send;
    this.#pump = new Pump(proc.machine.kernel.sim);
    this.#pump.watch(sock, () => this.#run());
  }

  #run(): void {
    this.#sock.takeError();
    for (let got = this.#sock.recv(CHUNK); got !== undefined; got = this.#sock.recv(CHUNK))
      if (got.data.length > 0) this.guest?.deliver(frameOf(got.data));
  }

  override receive(skb: SkBuff): void {
    try {
      this.#send(skb.buf.slice(skb.data, skb.tail));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
    freeSkb(skb);
  }

  override close(): void {
    this.#pump.close();
    closeSocket(this.#proc, this.#sock);
  }
}
