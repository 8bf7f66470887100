import { get48 } from '@labwire/core/bytes';
import { type Nanos, SEC } from '@labwire/core/sim';

/** What is at a port. */
export interface Endpoint {
  readonly id: number;
  /** What made it: `unix`, `tuntap`. */
  readonly module: string;
  readonly description: string;
  readonly user: string;
  send(frame: Uint8Array): void;
}

/** One port. vde2 src/vde_switch/port.c, struct port */
export class SwitchPort {
  readonly number: number;
  /** Whether whoever names no port may get it. */
  readonly unnamed: boolean;
  readonly endpoints: Endpoint[] = [];
  vlan = 0;
  inPackets = 0;
  inBytes = 0;
  outPackets = 0;
  outBytes = 0;

  constructor(number: number, unnamed: boolean) {
    this.number = number;
    this.unnamed = unnamed;
  }
}

/** Where an address was seen. */
export interface HashEntry {
  readonly mac: number;
  readonly vlan: number;
  port: number;
  at: Nanos;
}

/** A learning switch of untagged ports, each in one VLAN. vde2 src/vde_switch/packetq.c, hash.c */
export class LearningSwitch {
  readonly ports: Map<number, SwitchPort> = new Map();
  readonly hash: Map<string, HashEntry> = new Map();
  readonly vlans: Set<number> = new Set([0]);
  numPorts: number;
  isHub: boolean;
  hashSize = 128;
  gcInterval = 2;
  expire = 100;
  minPersistence = 3;
  readonly #now: () => Nanos;
  #lastEndpoint = 2;

  constructor(numPorts: number, isHub: boolean, now: () => Nanos) {
    this.numPorts = numPorts;
    this.isHub = isHub;
    this.#now = now;
  }

  /** The number of the next endpoint. */
  nextEndpoint(): number {
    return ++this.#lastEndpoint;
  }

  /** The port that is asked for, or the first that is free; undefined if there is none. alloc_port() */
  allocate(wanted: number): SwitchPort | undefined {
    if (wanted > this.numPorts) return undefined;
    const free = (n: number): boolean => {
      const port = this.ports.get(n);
      return port === undefined || (port.unnamed && port.endpoints.length === 0);
    };
    const number =
      wanted > 0 ? wanted : Array.from({ length: this.numPorts }, (_, i) => i + 1).find(free);
    if (number === undefined) return undefined;
    const port = this.ports.get(number) ?? new SwitchPort(number, true);
    this.ports.set(number, port);
    return port;
  }

  /** Takes an endpoint away, and its port with it if nobody had made it. */
  leave(port: SwitchPort, endpoint: Endpoint): void {
    port.endpoints.splice(port.endpoints.indexOf(endpoint), 1);
    if (port.endpoints.length > 0) return;
    for (const [key, entry] of this.hash) if (entry.port === port.number) this.hash.delete(key);
    if (port.unnamed) this.ports.delete(port.number);
  }

  /** Entries that are still good. */
  entries(): HashEntry[] {
    for (const [key, { at }] of this.hash)
      if (this.#now() - at > this.expire * SEC) this.hash.delete(key);
    return [...this.hash.values()];
  }

  /** A frame has come in. handle_in_packet() */
  input(port: SwitchPort, frame: Uint8Array): void {
    if (frame.length < 14) return;
    port.inPackets++;
    port.inBytes += frame.length;
    this.#learn(port, get48(frame, 6));
    const dst = get48(frame, 0);
    const isGroup = ((frame[0] as number) & 1) !== 0;
    const known = isGroup || this.isHub ? undefined : this.hash.get(`${dst} ${port.vlan}`);
    if (known !== undefined && this.#now() - known.at <= this.expire * SEC) {
      const to = this.ports.get(known.port);
      if (to !== undefined && to !== port) output(to, frame);
      return;
    }
    for (const to of this.ports.values())
      if (to !== port && to.vlan === port.vlan && to.endpoints.length > 0) output(to, frame);
  }

  #learn(port: SwitchPort, mac: number): void {
    const key = `${mac} ${port.vlan}`;
    const entry = this.hash.get(key);
    const at = this.#now();
    if (entry === undefined) this.hash.set(key, { mac, vlan: port.vlan, port: port.number, at });
    else {
      if (entry.port !== port.number && at - entry.at < this.minPersistence * SEC) return;
      entry.port = port.number;
      entry.at = at;
    }
  }
}

function output(port: SwitchPort, frame: Uint8Array): void {
  port.outPackets++;
  port.outBytes += frame.length;
  for (const endpoint of port.endpoints) endpoint.send(frame);
}
