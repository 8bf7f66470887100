/** What RFC 5780 tells of a NAT: a server that answers from any of four places, and a client that draws conclusions. */
import type { Ipv4Addr } from '@labwire/core/addr';
import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { SEC, type Simulator } from '@labwire/core/sim';
import type { Netns } from '@labwire/devices/netns';

/** RFC 4787 sections 4.1 and 5. */
export type Behaviour =
  | 'endpoint-independent'
  | 'address-dependent'
  | 'address-and-port-dependent'
  | 'no-answer';

const PORTS = [3478, 3479] as const;
/** A client waits for so long. */
const WAIT = SEC;

type Udp = ReturnType<Netns['udp']['open']>;

interface Place {
  readonly addr: Ipv4Addr;
  readonly port: number;
}

function open(netns: Netns, at: Place): Udp {
  const socket = netns.udp.open('inet');
  socket.bind(at);
  return socket;
}

/** The server: two addresses with two ports each. A request says from which it shall be answered: RFC 5780 section 7.2. */
export class StunServer {
  readonly #sockets: readonly Udp[];

  constructor(netns: Netns, addrs: readonly Ipv4Addr[]) {
    this.#sockets = addrs.flatMap((addr) => PORTS.map((port) => open(netns, { addr, port })));
  }

  /** Answers whatever has come: with where it came from. */
  answer(): void {
    this.#sockets.forEach((socket, i) => {
      for (let got = socket.recv(100); got !== undefined; got = socket.recv(100)) {
        if (got.from === undefined) continue;
        const request = utf8Decode(got.data);
        const from =
          i ^ (request.includes('change-ip') ? 2 : 0) ^ (request.includes('change-port') ? 1 : 0);
        this.#sockets[from]?.send(utf8Encode(`${got.from.addr} ${got.from.port}`), got.from);
      }
    });
  }
}

/** The client, on one host behind the NAT. */
export class StunClient {
  readonly #sim: Simulator;
  readonly #netns: Netns;
  readonly #server: StunServer;
  readonly #addrs: readonly [Ipv4Addr, Ipv4Addr];

  constructor(
    sim: Simulator,
    netns: Netns,
    server: StunServer,
    addrs: readonly [Ipv4Addr, Ipv4Addr],
  ) {
    this.#sim = sim;
    this.#netns = netns;
    this.#server = server;
    this.#addrs = addrs;
  }

  #open(): Udp {
    return open(this.#netns, { addr: 0 as Ipv4Addr, port: 0 });
  }

  /** Asks one of the server's places. @returns where it says we are; undefined without an answer */
  #ask(socket: Udp, addr: 0 | 1, port: 0 | 1, request: string): string | undefined {
    socket.send(utf8Encode(request), { addr: this.#addrs[addr], port: PORTS[port] });
    this.#sim.runEvents(this.#sim.now + WAIT);
    this.#server.answer();
    this.#sim.runEvents(this.#sim.now + WAIT);
    const got = socket.recv(100);
    return got === undefined ? undefined : utf8Decode(got.data);
  }

  /** RFC 5780 section 4.3. */
  mapping(): Behaviour {
    const socket = this.#open();
    const first = this.#ask(socket, 0, 0, '');
    if (first === undefined) return 'no-answer';
    const second = this.#ask(socket, 1, 0, '');
    if (second === first) return 'endpoint-independent';
    return this.#ask(socket, 1, 1, '') === second
      ? 'address-dependent'
      : 'address-and-port-dependent';
  }

  /** RFC 5780 section 4.4. */
  filtering(): Behaviour {
    const socket = this.#open();
    if (this.#ask(socket, 0, 0, '') === undefined) return 'no-answer';
    if (this.#ask(socket, 0, 0, 'change-ip change-port') !== undefined)
      return 'endpoint-independent';
    return this.#ask(socket, 0, 0, 'change-port') === undefined
      ? 'address-and-port-dependent'
      : 'address-dependent';
  }

  /** RFC 5780 section 4.5: whether what is sent to our own outer place comes back in. */
  hairpin(): boolean {
    const socket = this.#open();
    const [addr, port] = (this.#ask(socket, 0, 0, '') ?? '0 0').split(' ').map(Number);
    this.#open().send(utf8Encode('hairpin'), { addr: addr as Ipv4Addr, port: port ?? 0 });
    this.#sim.runEvents(this.#sim.now + WAIT);
    return socket.recv(100) !== undefined;
  }
}
