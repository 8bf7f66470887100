import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type EventHandler, POLLOUT } from '@labwire/core/sim';
import { type CableOptions, connect, devOpen, Nic, registerNetdevice } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import type { TcpSocket } from '@labwire/devices/tcp';
import type { Figure } from './figure.ts';
import { ip, Lab } from './lab.ts';
import { type Case, interleave } from './measure.ts';

const PORT = 5001;
const MB = 1_000_000;
const CHUNK = new Uint8Array(131_072).fill(0x55);

/** Calls `work` in an event of its own whenever `socket` may have become ready. */
class Worker implements EventHandler {
  readonly #lab: Lab;
  readonly #work: () => void;
  #queued = false;

  constructor(lab: Lab, socket: TcpSocket, work: () => void) {
    this.#lab = lab;
    this.#work = work;
    socket.wq.add(() => {
      if (this.#queued) return;
      this.#queued = true;
      this.#lab.sim.schedule(0, this, 0, undefined);
    });
  }

  onEvent(): void {
    this.#queued = false;
    this.#work();
  }
}

/** Two hosts on one cable, or with a router and a cable on each side of it, and a connection from the first to the second. */
export class Bulk implements Case {
  readonly name = 'bulk TCP';
  readonly ops: number;
  readonly #lab = new Lab();
  readonly #from: TcpSocket;
  readonly #to: TcpSocket;
  #left = 0;
  #got = 0;

  /**
   * @param bytes that one run sends
   * @param cable between the hosts, or on either side of the router
   * @param asRouter sets the router up; without it there is none
   */
  constructor(bytes: number, cable: CableOptions, asRouter?: (router: Netns) => void) {
    this.ops = bytes;
    const [a, b] = [this.#lab.machine(), this.#lab.machine()];
    if (asRouter === undefined) this.#join(a, b, 0, cable);
    else {
      const router = this.#lab.machine();
      this.#lab.forward(router);
      const near = this.#join(a, router, 1, cable);
      this.#join(router, b, 0, cable);
      this.#lab.route(a, ip(10, 0, 0, 0), 24, ip(10, 0, 1, 2), near);
      asRouter(router);
    }
    this.#lab.sim.runEvents(3_000_000_000);
    const listener = b.tcp.open('inet');
    listener.bind({ addr: 0 as Ipv4Addr, port: PORT });
    listener.listen(1);
    this.#from = a.tcp.open('inet');
    begin(this.#from, ip(10, 0, 0, 2));
    this.#lab.sim.runEvents(this.#lab.sim.now + 1_000_000_000);
    this.#to = listener.accept() as TcpSocket;
    new Worker(this.#lab, this.#from, () => this.#fill());
    new Worker(this.#lab, this.#to, () => this.#drain());
  }

  run(): void {
    const { sim } = this.#lab;
    this.#left = this.ops;
    this.#got = 0;
    this.#fill();
    for (const end = sim.now + 600e9; this.#got < this.ops && sim.now < end; )
      sim.runEvents(sim.now + 10_000_000);
    if (this.#got !== this.ops) throw new Error(`${this.#got} of ${this.ops} bytes came`);
  }

  /** Joins two machines by a cable, with 10.0.`net`.1 and 10.0.`net`.2 at its ends. @returns the index of the first end */
  #join(a: Netns, b: Netns, net: number, cable: CableOptions): number {
    const ends = [a, b].map((netns, i) => {
      const nic = new Nic(`eth${net}`, (0x0200_0000_0000 + 2 * net + i) as MacAddr);
      registerNetdevice(netns, nic);
      this.#lab.address(netns, nic.ifindex, ip(10, 0, net, i + 1), 24);
      return nic;
    });
    const [first, second] = ends as [Nic, Nic];
    connect(this.#lab.sim, `cable${net}`, [first, second], cable);
    for (const nic of ends) devOpen(nic);
    return first.ifindex;
  }

  #fill(): void {
    while (this.#left > 0 && (this.#from.poll() & POLLOUT) !== 0) {
      const chunk = this.#left < CHUNK.length ? CHUNK.subarray(0, this.#left) : CHUNK;
      this.#left -= this.#from.send(chunk) ?? 0;
    }
  }

  #drain(): void {
    for (let piece = this.#to.recv(131_072); piece !== undefined; piece = this.#to.recv(131_072)) {
      this.#got += piece.data.length;
      if (piece.data.length === 0) throw new Error('the connection has ended');
    }
  }
}

/** Starts a handshake. */
function begin(socket: TcpSocket, addr: number): void {
  try {
    socket.connect({ addr: addr as Ipv4Addr, port: PORT });
  } catch (e) {
    if (!(e instanceof KernelError) || e.errno !== 'EINPROGRESS') throw e;
  }
}

/** CPU seconds per GB of ns-3 3.37, built optimised, on the recording machine. */
const NS3_SECONDS = 6.85;

/** P7: one connection over a cable of 10 Gbit/s, segment by segment. */
export async function measureBulk(): Promise<Figure[]> {
  const [cost] = await interleave([new Bulk(100 * MB, { rate: 10e9, delay: 10_000 })], 3);
  return [
    {
      id: 'P7',
      what: 'TCP over 10 Gbit/s and 10 us, a frame per MSS, time per GB',
      value: cost?.wall,
      unit: 's',
      goal: 0.25 * NS3_SECONDS,
      against: 'ns-3 skipped: not installed; its recorded time',
    },
  ];
}
