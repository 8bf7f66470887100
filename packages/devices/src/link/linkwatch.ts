import { IFF_UP, type NetDevice, type OperState } from './net-device.ts';

/**
 * The state that carrier and dormancy amount to. A device whose lower end is in another namespace finds whatever
 * device has that index in its own, as Linux does: be it itself, it is taken for one without a lower end.
 * `default_operstate()`
 */
function deriveOperState(dev: NetDevice): OperState {
  if (dev.carrier) return dev.dormant || dev.linkMode === 1 ? 'DORMANT' : 'UP';
  const link = dev.linkDevice;
  if (link === null || link.ifindex === dev.ifindex) return 'DOWN';
  const found = dev.netns?.devices.byIndex(link.ifindex);
  return found === undefined || found.carrier ? 'DOWN' : 'LOWERLAYERDOWN';
}

/** Turns changes of carrier into operational states and tells the layers. Linux net/core/link_watch.c. */
export class Linkwatch {
  #pending: NetDevice[] = [];
  #held = false;

  /** A device's carrier or dormancy has changed: acts now, or when what holds it back is done. `linkwatch_fire_event()` */
  fire(dev: NetDevice): void {
    if (!this.#pending.includes(dev)) this.#pending.push(dev);
    if (!this.#held) this.#run();
  }

  /** Holds changes back while `change` runs: those that belong together see each other's new state. */
  hold(change: () => void): void {
    const held = this.#held;
    this.#held = true;
    try {
      change();
    } finally {
      this.#held = held;
    }
    if (!held) this.#run();
  }

  #run(): void {
    for (let dev = this.#pending.shift(); dev !== undefined; dev = this.#pending.shift()) {
      dev.operState = deriveOperState(dev);
      if ((dev.flags & IFF_UP) !== 0) dev.netns?.notify(dev, 'CHANGE');
    }
  }
}
