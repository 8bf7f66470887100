import { type EventHandler, MS, type Nanos, type Simulator } from '@labwire/core/sim';
import type { Bond } from './bond.ts';
import { LINK_BACK, LINK_DOWN, LINK_FAIL, LINK_UP, MODE_ACTIVEBACKUP } from './constants.ts';
import type { Slave } from './slave.ts';

/**
 * Looks at the links of a bond's ports every `miimon` milliseconds, from when the bond was set up. Looks at which there would
 * be nothing to see are left out. Linux drivers/net/bonding/bond_main.c, bond_mii_monitor().
 */
export class MiiMonitor implements EventHandler {
  readonly #bond: Bond;
  #since: Nanos = 0;
  /** Counts up whenever what was scheduled no longer counts. */
  #round = 0;
  #scheduled = false;

  constructor(bond: Bond) {
    this.#bond = bond;
  }

  /** The bond has been set up, or its `miimon` has changed: looks at once. */
  start(): void {
    this.stop();
    const { sim } = this.#bond;
    if (this.#bond.miimon === 0 || !this.#bond.isUp || sim === undefined) return;
    this.#since = sim.now;
    this.#at(sim, 0);
  }

  stop(): void {
    this.#round++;
    this.#scheduled = false;
  }

  /** A port's link may have changed: it is seen at the next look. */
  expect(): void {
    const { bond, sim } = { bond: this.#bond, sim: this.#bond.sim };
    if (this.#scheduled || bond.miimon === 0 || !bond.isUp || sim === undefined) return;
    const every = bond.miimon * MS;
    this.#at(sim, every - ((sim.now - this.#since) % every));
  }

  #at(sim: Simulator, delay: Nanos): void {
    this.#scheduled = true;
    sim.schedule(delay, this, this.#round, null);
  }

  onEvent(round: number): void {
    if (round !== this.#round) return;
    this.#scheduled = false;
    const bond = this.#bond;
    const hadActive = bond.active !== null;
    const usable = bond.mode === MODE_ACTIVEBACKUP ? hadActive : bond.slaves.some((s) => s.canSend);
    const changed = bond.slaves.filter((s) => this.#inspect(s, !usable));
    if (changed.length > 0) this.#commit(changed);
    if (bond.slaves.some((s) => s.link === LINK_FAIL || s.link === LINK_BACK)) this.expect();
  }

  describe(): string {
    return `link monitor of ${this.#bond.name}`;
  }

  /** @returns whether the link is to become up or down. `bond_miimon_inspect()` */
  #inspect(slave: Slave, hurry: boolean): boolean {
    const bond = this.#bond;
    const isUp = slave.dev.running;
    if (slave.link === LINK_UP && !isUp) {
      slave.link = LINK_FAIL;
      slave.delay = bond.ticks(bond.downdelay);
      if (slave.delay > 0)
        bond.say(
          slave,
          `link status down for ${bond.mode === MODE_ACTIVEBACKUP ? (slave.active ? 'active ' : 'backup ') : ''}interface, disabling it in ${bond.downdelay} ms`,
        );
    } else if (slave.link === LINK_DOWN && isUp) {
      slave.link = LINK_BACK;
      slave.delay = hurry ? 0 : bond.ticks(bond.updelay);
      if (slave.delay > 0)
        bond.say(slave, `link status up, enabling it in ${hurry ? 0 : bond.updelay} ms`);
    }
    if (slave.link === LINK_FAIL) {
      if (isUp) {
        slave.link = LINK_UP;
        return false;
      }
      return slave.delay-- <= 0;
    }
    if (slave.link !== LINK_BACK) return false;
    if (!isUp) {
      slave.link = LINK_DOWN;
      return false;
    }
    return hurry || slave.delay-- <= 0;
  }

  /** `bond_miimon_commit()` */
  #commit(slaves: readonly Slave[]): void {
    const bond = this.#bond;
    let failover = false;
    for (const slave of slaves) {
      if (slave.link === LINK_BACK) {
        slave.link = LINK_UP;
        const { speed } = slave.dev;
        bond.say(
          slave,
          `link status definitely up, ${speed < 0 ? 4294967295 : speed} Mbps full duplex`,
        );
        if (bond.mode !== MODE_ACTIVEBACKUP) slave.active = true;
        if (bond.active === null || slave.dev.ifindex === bond.primary) failover = true;
      } else {
        slave.link = LINK_DOWN;
        slave.failures++;
        bond.say(slave, 'link status definitely down, disabling slave');
        if (bond.mode === MODE_ACTIVEBACKUP) slave.active = false;
        if (bond.active === slave) failover = true;
      }
    }
    if (failover) bond.selectActive();
    bond.updateCarrier();
  }
}
