import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { POLLERR, POLLIN, POLLOUT, SEC, type Simulator } from '@labwire/core/sim';
import { originalDst } from '@labwire/devices/netfilter';
import type { Netns } from '@labwire/devices/netns';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, Socket } from '@labwire/devices/sock';

/** One flow of a row: who sends what where, and who listens. */
export interface Flow {
  readonly dir: 'in' | 'out' | 'loop';
  readonly proto: 'tcp' | 'udp';
  readonly dst: string;
  readonly dport: number;
  /** 0: nobody listens. */
  readonly listen: number;
  readonly expect: FlowResult;
  /** The address and port that the listener sees. */
  readonly src?: string;
  readonly sport?: number;
  /** What SO_ORIGINAL_DST says. */
  readonly orig_dst?: string;
}

/** What becomes of a flow. */
export type FlowResult = 'delivered' | 'dropped' | 'refused';

/** What became of one, and what its listener saw. */
export interface Seen {
  readonly result: FlowResult;
  readonly from?: SockAddr | undefined;
  readonly originalDst?: SockAddr | undefined;
}

/** After so long without a sign a flow counts as dropped; an error may take longer to come. */
const PATIENCE = 0.8 * SEC;
const ERROR_PATIENCE = 3 * SEC;

const DATA: Uint8Array = new Uint8Array([0x6c, 0x77]);

function addrOf(text: string): InetAddr {
  return (parseIpv4(text) ?? parseIpv6(text)) as InetAddr;
}

/** An address as rows write it. */
export function addrText(addr: InetAddr): string {
  return typeof addr === 'number' ? formatIpv4(addr) : formatIpv6(addr);
}

function open(netns: Netns, { proto }: Flow, family: Family): Socket {
  return proto === 'tcp' ? netns.tcp.open(family) : netns.udp.open(family);
}

function anyAddr(family: Family): InetAddr {
  return addrOf(family === 'inet' ? '0.0.0.0' : '::');
}

/** A listener, and what it has been sent. */
class Listener {
  readonly #sock: Socket;

  constructor(netns: Netns, flow: Flow, family: Family) {
    this.#sock = open(netns, flow, family);
    this.#sock.bind({ addr: anyAddr(family), port: flow.listen });
    if ('listen' in this.#sock) (this.#sock as Socket & { listen(n: number): void }).listen(8);
  }

  /** The first that came; undefined if nothing has. */
  take(): Seen | undefined {
    if ((this.#sock.poll() & POLLIN) === 0) return undefined;
    if (!('accept' in this.#sock)) return { result: 'delivered', from: this.#sock.recv(100)?.from };
    const sock = (this.#sock as Socket & { accept(): Socket | undefined }).accept();
    if (sock === undefined) return undefined;
    const seen = { from: sock.remoteAddr(), originalDst: tryOriginalDst(sock) };
    sock.close();
    return { result: 'delivered', ...seen };
  }

  close(): void {
    this.#sock.close();
  }
}

function tryOriginalDst(sock: Socket): SockAddr | undefined {
  try {
    return originalDst(sock);
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  }
}

/** A sender on its way. */
class Sender {
  readonly #sock: Socket;
  readonly #isTcp: boolean;
  readonly #looksAtErrors: boolean;
  #failed = false;

  constructor(netns: Netns, flow: Flow, family: Family) {
    this.#sock = open(netns, flow, family);
    this.#isTcp = flow.proto === 'tcp';
    this.#looksAtErrors = this.#isTcp || flow.listen === 0;
    try {
      this.#sock.connect({ addr: addrOf(flow.dst), port: flow.dport });
      if (!this.#isTcp) this.#sock.send(DATA);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#failed = e.errno === 'ECONNREFUSED';
    }
  }

  /** An error has come back. Where somebody listens, UDP is sent without looking at errors. */
  get isRefused(): boolean {
    if (!this.#looksAtErrors) return false;
    if ((this.#sock.poll() & POLLERR) !== 0) this.#failed ||= this.#sock.takeError() !== undefined;
    return this.#failed;
  }

  get isConnected(): boolean {
    return !this.#isTcp || (!this.isRefused && (this.#sock.poll() & POLLOUT) !== 0);
  }

  close(): void {
    this.#sock.close();
  }
}

/** Plays one flow on sockets of its own. */
export async function playFlow(
  sim: Simulator,
  { dut, peer }: { readonly dut: Netns; readonly peer: Netns },
  flow: Flow,
  family: Family,
): Promise<Seen> {
  const [from, to] = { in: [peer, dut], out: [dut, peer], loop: [dut, dut] }[flow.dir] as [
    Netns,
    Netns,
  ];
  const listener = flow.listen === 0 ? undefined : new Listener(to, flow, family);
  const sender = new Sender(from, flow, family);
  const start = sim.now;
  let seen: Seen | undefined;
  const arrived = (): boolean => {
    seen ??= listener?.take();
    return seen !== undefined && sender.isConnected;
  };
  await sim.run(start + PATIENCE, () => sender.isRefused || arrived());
  const delivered = arrived();
  if (!delivered) await sim.run(start + ERROR_PATIENCE, () => sender.isRefused);
  const result = delivered ? 'delivered' : sender.isRefused ? 'refused' : 'dropped';
  sender.close();
  listener?.close();
  return { ...seen, result };
}
