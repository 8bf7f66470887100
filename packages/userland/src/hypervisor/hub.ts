import { type EventHandler, type Simulator, US } from '@labwire/core/sim';
import { cloneSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import { type GuestEnd, NetBackend } from './net-backend.ts';

/** What a frame's way through a hub takes. */
const HUB_TIME = 1 * US;

/** Repeats every frame to all who are connected: what `-net` and `-netdev hubport` join. QEMU net/hub.c */
export class Hub {
  readonly id: number;
  readonly ports: HubPort[] = [];
  readonly #sim: Simulator;

  constructor(sim: Simulator, id: number) {
    this.#sim = sim;
    this.id = id;
  }

  /** Gives a NIC a port. */
  addPort(name: string): HubPort {
    const port = new HubPort(this, this.#sim, name);
    this.ports.push(port);
    return port;
  }

  /** Connects a backend. */
  connect(name: string, backend: NetBackend): HubPort {
    const port = this.addPort(name);
    port.join(backend);
    return port;
  }

  /** Parts from a backend, or from a port that nobody needs any more. */
  leave(backend: NetBackend): void {
    const at = this.ports.indexOf(backend as HubPort);
    if (at >= 0) this.ports.splice(at, 1);
    for (const port of this.ports) if (port.backend === backend) port.part();
  }

  /** @internal Sends a frame to all others. Takes ownership. */
  repeat(skb: SkBuff, from: HubPort): void {
    for (const port of this.ports) if (port !== from) port.schedule(cloneSkb(skb));
    freeSkb(skb);
  }
}

/** One socket of a hub: to a NIC it is the backend; a backend that is connected takes what others send. */
export class HubPort extends NetBackend implements GuestEnd, EventHandler {
  readonly name: string;
  readonly hub: Hub;
  readonly #sim: Simulator;
  #backend: NetBackend | null = null;

  constructor(hub: Hub, sim: Simulator, name: string) {
    super();
    this.hub = hub;
    this.#sim = sim;
    this.name = name;
  }

  /** What is connected in place of a NIC. */
  get backend(): NetBackend | null {
    return this.#backend;
  }

  /** Connects a backend to this port. */
  join(backend: NetBackend): void {
    this.#backend = backend;
    backend.guest = this;
  }

  /** Nothing is connected here any more. */
  part(): void {
    this.#backend = null;
  }

  /** From the backend that is connected here. */
  deliver(skb: SkBuff): void {
    this.#backend?.watch?.(skb, true);
    this.hub.repeat(skb, this);
  }

  /** A hub takes all, and drops for who is too slow. */
  isBehind(): boolean {
    return false;
  }

  /** From the NIC that is connected here. */
  override receive(skb: SkBuff): void {
    this.hub.repeat(skb, this);
  }

  /** @internal */
  schedule(skb: SkBuff): void {
    this.#sim.schedule(HUB_TIME, this, 0, skb);
  }

  onEvent(_kind: number, arg: unknown): void {
    const skb = arg as SkBuff;
    if (this.#backend !== null) {
      this.#backend.watch?.(skb, false);
      this.#backend.receive(skb);
    } else if (this.guest !== null) this.guest.deliver(skb);
    else freeSkb(skb);
  }

  override close(): void {
    this.#backend?.close();
  }

  describe(): string {
    return this.name;
  }
}
