import type { EventHandler, Pollable, Simulator } from '@labwire/core/sim';

/** Calls back when something of the host's becomes ready, as an event of its own: QEMU's main loop, as far as slirp uses it. */
export class Pump implements EventHandler {
  readonly #sim: Simulator;
  readonly #watched = new Map<Pollable, { readonly fire: () => void; readonly run: () => void }>();
  readonly #due = new Set<() => void>();
  #scheduled = false;
  #closed = false;

  constructor(sim: Simulator) {
    this.#sim = sim;
  }

  /** Calls `run` whenever `on` may have become ready, and once soon. */
  watch(on: Pollable, run: () => void): void {
    const fire = (): void => this.#wake(run);
    this.#watched.set(on, { fire, run });
    on.wq.add(fire);
    fire();
  }

  unwatch(on: Pollable): void {
    const watched = this.#watched.get(on);
    if (watched === undefined) return;
    on.wq.remove(watched.fire);
    this.#due.delete(watched.run);
    this.#watched.delete(on);
  }

  #wake(run: () => void): void {
    if (this.#closed) return;
    this.#due.add(run);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#sim.schedule(0, this, 0, undefined);
  }

  onEvent(): void {
    this.#scheduled = false;
    const due = [...this.#due];
    this.#due.clear();
    for (const run of due) if (!this.#closed) run();
  }

  close(): void {
    this.#closed = true;
    for (const on of [...this.#watched.keys()]) this.unwatch(on);
  }
}
