import { errnoNumber, KernelError, strerror } from '@labwire/core/error';
import { MS, type Nanos, POLLIN } from '@labwire/core/sim';
import {
  changeRequestAttribute,
  findStunAttribute,
  readStunAddress,
  STUN_ATTR_CHANGED_ADDRESS,
  STUN_ATTR_MAPPED_ADDRESS,
  type StunAddress,
  type StunMessage,
} from '@labwire/core/wire';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import { openUdp, sameInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { decodeStun, encodeStun, newRequest } from '../stun/index.ts';

/** What is on the way: NatType of stun.h. */
export type NatKind =
  | 'open'
  | 'independent-filter'
  | 'address-dependent-filter'
  | 'port-dependent-filter'
  | 'dependent-mapping'
  | 'firewall'
  | 'blocked';

/** What stunNatType() finds. */
export interface NatType {
  readonly kind: NatKind;
  readonly preservesPort: boolean;
  readonly hairpin: boolean;
}

/** The tests: from the server as it is asked, from its other address, from its other port; to its other address; to ourselves. */
export type TestNumber = 1 | 2 | 3 | 10 | 11;

const ROUNDS = 7;
const ROUND: Nanos = 150 * MS;
/** Between two requests. */
const PAUSE: Nanos = 10 * MS;

/** Sends a test's request: its number is the first byte of the transaction id. */
export async function sendTest(
  proc: Process,
  socket: Socket,
  to: SockAddr,
  test: TestNumber,
): Promise<void> {
  const change = changeRequestAttribute({ ip: test === 2, port: test === 3 });
  const request = newRequest(proc, [change], 'rfc3489');
  request.id[0] = test;
  try {
    socket.send(encodeStun(request), to);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await proc.err(`err ${errnoNumber(e.errno)} ${strerror(e.errno)} in send\n`);
  }
  await proc.sleep(PAUSE);
}

/** Finds out what is on the way to a server, from two sockets that are bound one after the other. */
export class NatTypeTest {
  readonly #proc: Process;
  readonly #server: SockAddr;
  readonly #first: Socket;
  readonly #second: Socket;
  /** Tests that were answered. */
  readonly #answered = new Set<number>();
  #mapped: StunAddress | undefined;
  #changed: StunAddress | undefined;
  #preservesPort = false;
  #sameMapping = true;
  #round = 0;

  constructor(proc: Process, server: SockAddr, first: Socket, second: Socket) {
    this.#proc = proc;
    this.#server = server;
    this.#first = first;
    this.#second = second;
  }

  async run(): Promise<NatType> {
    const sockets = [this.#first, this.#second];
    const items = sockets.map((on) => ({ on, events: POLLIN }));
    while (this.#round < ROUNDS) {
      const wait = this.#round === 0 ? 0 : ROUND;
      if (await this.#proc.poll(items, wait, 'answers of a STUN server')) {
        for (const socket of sockets) this.#receive(socket);
        continue;
      }
      this.#round++;
      await this.#sendRound();
    }
    return {
      kind: this.#kind(),
      preservesPort: this.#preservesPort,
      hairpin: this.#answered.has(11),
    };
  }

  async #sendRound(): Promise<void> {
    const missing = (test: TestNumber) => !this.#answered.has(test);
    const send = (socket: Socket, to: SockAddr, test: TestNumber) =>
      sendTest(this.#proc, socket, to, test);
    const { addr } = this.#changed ?? {};
    if (missing(1)) await send(this.#first, this.#server, 1);
    if (missing(10) && addr !== undefined && addr !== 0)
      await send(this.#first, { addr, port: this.#server.port }, 10);
    if (missing(2)) await send(this.#second, this.#server, 2);
    if (missing(3)) await send(this.#second, this.#server, 3);
    if (missing(11) && this.#mapped !== undefined) await send(this.#first, this.#mapped, 11);
  }

  #receive(socket: Socket): void {
    const got = socket.recv(65_536);
    const message = got === undefined ? undefined : decodeStun(got.data);
    if (message === undefined) return;
    const test = message.id[0] ?? 0;
    const first = !this.#answered.has(test);
    this.#answered.add(test);
    if (first && test === 1) this.#learn(message);
    if (first && test === 10) {
      const now = address(message, STUN_ATTR_MAPPED_ADDRESS);
      const then = this.#mapped;
      this.#sameMapping =
        now !== undefined &&
        then !== undefined &&
        now.port === then.port &&
        sameInet(now.addr, then.addr);
    }
  }

  #learn(message: StunMessage): void {
    this.#mapped = address(message, STUN_ATTR_MAPPED_ADDRESS);
    this.#changed = address(message, STUN_ATTR_CHANGED_ADDRESS);
    this.#preservesPort = this.#mapped?.port === this.#first.localAddr().port;
    this.#round = 0;
  }

  #kind(): NatKind {
    const answered = (test: TestNumber) => this.#answered.has(test);
    if (!answered(1)) return 'blocked';
    if (!this.#isNat()) return answered(2) ? 'open' : 'firewall';
    if (!this.#sameMapping) return 'dependent-mapping';
    if (answered(2)) return 'independent-filter';
    return answered(3) ? 'address-dependent-filter' : 'port-dependent-filter';
  }

  /** Whether the address that the server sees is not ours: a socket cannot be bound to it. */
  #isNat(): boolean {
    if (this.#mapped === undefined) return true;
    try {
      openUdp(this.#proc, 'inet').bind({ addr: this.#mapped.addr, port: 0 });
      return false;
    } catch (e) {
      if (e instanceof KernelError) return true;
      throw e;
    }
  }
}

function address(message: StunMessage, type: number): StunAddress | undefined {
  const attribute = findStunAttribute(message, type);
  return attribute === undefined ? undefined : readStunAddress(attribute);
}
