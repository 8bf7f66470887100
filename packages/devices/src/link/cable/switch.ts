import { get16, get32 } from '@labwire/core/bytes';
import { type Nanos, SEC, type Simulator, US } from '@labwire/core/sim';
import { cloneSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import { MacTable } from '../mac-table.ts';
import { Cable, type CableEnd, type CableOptions } from './cable.ts';
import type { Nic } from './nic.ts';

/** What a switch has at the far end of a cable: a NIC, or what stands in for one. */
export interface Pluggable extends CableEnd {
  /** A cable has been put in. */
  plug(cable: Cable): void;
}

/** How long a station is remembered. IEEE 802.1D-1998 table 7-5 */
const AGEING_TIME: Nanos = 300 * SEC;
/** What a frame's way through the switch takes. */
const SWITCHING_TIME: Nanos = 5 * US;

/** Stations that it has room for; it floods frames to any others. */
const MAX_STATIONS = 16_384;

interface Station {
  port: SwitchPort;
  seen: Nanos;
}

/** A socket of a switch. */
class SwitchPort implements CableEnd {
  readonly isUp = true;
  readonly switch: Switch;
  /** What its cable leads to. */
  readonly end: Pluggable;
  cable: Cable | null = null;

  constructor(owner: Switch, end: Pluggable) {
    this.switch = owner;
    this.end = end;
  }

  carrierChanged(): void {}

  receive(skb: SkBuff): void {
    this.switch.forward(skb, this);
  }

  drop(skb: SkBuff): void {
    freeSkb(skb);
  }

  describe(): string {
    return `switch ${this.switch.name}`;
  }

  send(skb: SkBuff): void {
    this.cable?.send(this, skb, SWITCHING_TIME);
  }
}

/** A learning switch that is no machine: what a link of more than two ends is. It floods, learns and ages; no spanning tree. */
export class Switch {
  readonly name: string;
  readonly #sim: Simulator;
  #ports: SwitchPort[] = [];
  /** Cables there have been. */
  #cables = 0;
  readonly #stations = new MacTable<Station>();

  constructor(sim: Simulator, name: string) {
    this.#sim = sim;
    this.name = name;
  }

  /** Plugs a NIC in with a cable of its own; the cable's delay is that of the whole way to another NIC. */
  plug(nic: Pluggable, options: CableOptions = {}): void {
    const port = new SwitchPort(this, nic);
    const name = `${this.name} ${this.#cables++}`;
    const half = Math.floor((options.delay ?? 0) / 2);
    // A frame passes two cables: together they have the link's delay and loss.
    const loss = 1 - Math.sqrt(1 - (options.loss ?? 0));
    port.cable = new Cable(this.#sim, name, nic, port, { ...options, delay: half, loss });
    this.#ports.push(port);
    nic.plug(port.cable);
  }

  /** Takes a NIC's cable out at the switch. */
  unplug(nic: Pluggable): void {
    this.#ports = this.#ports.filter((port) => port.end !== nic);
  }

  /** @internal */
  forward(skb: SkBuff, from: SwitchPort): void {
    const { buf, data } = skb;
    this.#learn(get16(buf, data + 6), get32(buf, data + 8), from);
    const hi = get16(buf, data);
    const to = (hi & 0x100) === 0 ? this.#find(hi, get32(buf, data + 2)) : null;
    if (to === null) this.#flood(skb, from);
    else if (to === from) freeSkb(skb);
    else to.send(skb);
  }

  #learn(hi: number, lo: number, port: SwitchPort): void {
    if ((hi & 0x100) !== 0) return;
    const known = this.#stations.get(hi, lo);
    if (known === null) {
      if (this.#stations.size < MAX_STATIONS)
        this.#stations.add(hi, lo, { port, seen: this.#sim.now });
    } else {
      known.port = port;
      known.seen = this.#sim.now;
    }
  }

  #find(hi: number, lo: number): SwitchPort | null {
    const station = this.#stations.get(hi, lo);
    if (station === null) return null;
    return this.#sim.now - station.seen < AGEING_TIME ? station.port : null;
  }

  #flood(skb: SkBuff, from: SwitchPort): void {
    for (const port of this.#ports) if (port !== from) port.send(cloneSkb(skb));
    freeSkb(skb);
  }
}

/** Connects NICs as a lab's link does: two with a cable, any other number with a switch. */
export function connect(
  sim: Simulator,
  name: string,
  nics: readonly Nic[],
  options: CableOptions = {},
): void {
  const [a, b, c] = nics;
  if (a !== undefined && b !== undefined && c === undefined) {
    const cable = new Cable(sim, name, a, b, options);
    a.plug(cable);
    b.plug(cable);
    return;
  }
  const hub = new Switch(sim, name);
  for (const nic of nics) hub.plug(nic, options);
}
