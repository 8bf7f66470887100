import { MS, type Nanos, POLLIN, SEC } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { sameInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { newProbe, type Probe, type Prober } from '../traceroute/index.ts';
import type { MtrOptions } from './options.ts';

/** The number of hops that are thought to be before any answered: what the pace is reckoned with. */
const FIRST_GUESS = 10;

/** What is known of one hop; times in microseconds. Source: mtr ui/net.c, struct nethost */
export class Hop {
  addr: InetAddr | undefined;
  /** It has said that there is no way on. */
  failed = false;
  sent = 0;
  received = 0;
  /** A probe is out. */
  transit = 0;
  last = 0;
  best = 0;
  worst = 0;
  mean = 0;
  #squares = 0;
  #logs = 0;
  jitter = 0;
  jitterMean = 0;
  jitterWorst = 0;
  jitterInterval = 0;

  /** Takes in the time of an answer. net_process_ping() */
  answered(us: number): void {
    this.received++;
    this.transit = 0;
    this.jitter = this.received === 1 ? 0 : Math.abs(us - this.last);
    this.last = us;
    if (this.received === 1) {
      this.best = us;
      this.worst = us;
    }
    this.best = Math.min(this.best, us);
    this.worst = Math.max(this.worst, us);
    this.jitterWorst = Math.max(this.jitterWorst, this.jitter);
    const old = this.mean;
    this.mean += (us - old) / this.received;
    this.#squares += (us - old) * (us - this.mean);
    this.#logs += Math.log(us);
    this.jitterMean += (this.jitter - this.jitterMean) / this.received;
    this.jitterInterval += this.jitter - (this.jitterInterval + 8) / 16;
  }

  /** Percent. net_loss() */
  get loss(): number {
    const done = this.sent - this.transit;
    return done === 0 ? 0 : 100 - (100 * this.received) / done;
  }

  /** The geometric mean. */
  get geometric(): number {
    return this.received === 0 ? 0 : Math.exp(this.#logs / this.received);
  }

  get deviation(): number {
    return this.received < 2 ? 0 : Math.sqrt(this.#squares / (this.received - 1));
  }
}

/** What happens on the way, for output that goes with it. */
export interface PathListener {
  sent?(at: number, seq: number): Promise<void>;
  answered?(at: number, hop: Hop, first: boolean, seq: number): Promise<void>;
}

/** Probes hop after hop, over and over. Source: mtr ui/net.c, net_send_batch(); ui/select.c, select_loop() */
export class Path {
  readonly hops: Hop[];
  readonly #proc: Process;
  readonly #o: MtrOptions;
  readonly #prober: Prober;
  readonly #to: InetAddr;
  readonly #listener: PathListener;
  readonly #out = new Map<Probe, { readonly at: number; readonly seq: number }>();
  #at: number;
  #known = FIRST_GUESS;
  #seq = 0;

  constructor(
    proc: Process,
    options: MtrOptions,
    prober: Prober,
    to: InetAddr,
    listener: PathListener,
  ) {
    this.#proc = proc;
    this.#o = options;
    this.#prober = prober;
    this.#to = to;
    this.#listener = listener;
    this.hops = Array.from({ length: options.max }, () => new Hop());
    this.#at = options.first - 1;
  }

  /** Runs all cycles, and waits for what is still out. */
  async run(): Promise<void> {
    let cycles = 0;
    let graceEnd = Infinity;
    let next: Nanos = this.#proc.now;
    while (this.#proc.now < graceEnd) {
      if (this.#proc.now >= next) {
        if (cycles >= this.#o.cycles) {
          graceEnd = Math.min(graceEnd, this.#proc.now + this.#o.grace * SEC);
          next = graceEnd;
        } else {
          if (await this.#sendNext()) cycles++;
          next = this.#proc.now + Math.floor((this.#o.interval * SEC) / this.#known);
        }
      }
      const on = this.#prober.sources().map((source) => ({ on: source, events: POLLIN }));
      await this.#proc.poll(on, Math.max(0, Math.min(next, graceEnd) - this.#proc.now), 'hops');
      this.#prober.receive();
      await this.#collect();
    }
    for (const hop of this.hops) hop.transit = 0; // they will not come any more
  }

  /** @returns whether a cycle is done */
  async #sendNext(): Promise<boolean> {
    const at = this.#at;
    const hop = this.hops[at] as Hop;
    const probe = newProbe(at + 1, this.#proc.now);
    const seq = this.#seq++;
    hop.sent++;
    hop.transit = 1;
    this.#out.set(probe, { at, seq });
    this.#prober.send(probe, seq);
    await this.#listener.sent?.(at, seq);
    const target = this.hops.findIndex((h, i) => i <= at && this.#isTarget(h));
    const unknown = this.hops.slice(this.#o.first - 1, at).filter((h) => h.addr === undefined);
    const end = target >= 0 ? target : at;
    const over = unknown.length > this.#o.maxUnknown || at >= this.#o.max - 1;
    if (target < 0 && !over) {
      this.#at++;
      return false;
    }
    this.#known = end + 1;
    this.#at = this.#o.first - 1;
    return true;
  }

  #isTarget(hop: Hop): boolean {
    return hop.addr !== undefined && sameInet(hop.addr, this.#to);
  }

  async #collect(): Promise<void> {
    for (const [probe, { at, seq }] of [...this.#out]) {
      if (probe.receivedAt === undefined) continue;
      this.#out.delete(probe);
      this.#prober.forget(probe);
      const hop = this.hops[at] as Hop;
      const first = hop.addr === undefined;
      hop.addr ??= probe.from;
      if (probe.note !== '') hop.failed = true;
      hop.answered(Math.max(1, Math.round((probe.receivedAt - probe.sentAt) / (MS / 1000))));
      await this.#listener.answered?.(at, hop, first, seq);
    }
  }

  /** How many hops are worth showing. net_max() */
  get length(): number {
    let length = 0;
    for (const [i, hop] of this.hops.entries()) {
      if (this.#isTarget(hop) || hop.failed) return i + 1;
      if (hop.addr !== undefined) length = i + 2;
    }
    return Math.min(length, this.#o.max);
  }
}
