import type { Simulator } from '@labwire/core/sim';
import { connect } from '@labwire/devices/link';
import type { DebPackage, Machine } from '@labwire/userland/machine';
import type { LabConfig } from '../lab/config/index.ts';
import { Guests } from './guests.ts';
import { configureInterfaces } from './interfaces.ts';
import { makeNics } from './links.ts';
import { furnish, makeMachine } from './machine.ts';
import { Surrounding } from './surrounding.ts';

/** The machines of a lab and their clock. */
export interface World {
  readonly sim: Simulator;
  /** Those that are built, by name, the lab's own first and in its order. */
  readonly machines: ReadonlyMap<string, Machine>;
  /** Guests of QEMU and libvirt, which are among the machines while they are powered on. */
  readonly guests: Guests;
  /** A machine of the lab, of the world around it (which is built if it is not yet), or a guest. */
  machine(name: string): Machine | undefined;
  /** Calls `listener` with each machine that there is, and with others as soon as they are built. */
  onMachine(listener: (machine: Machine) => void): void;
}

/**
 * Makes a lab's machines, joins them by its links and sets their interfaces up. Nothing moves before the simulator
 * runs. The world around them is built when a frame first reaches it.
 * @param packages that the lab's own machines have; fewer of them are made faster
 * @throws LabError with the place of what a kernel refuses
 */
export function buildWorld(
  sim: Simulator,
  config: LabConfig,
  packages?: readonly DebPackage[],
): World {
  return new BuiltWorld(sim, config, packages);
}

class BuiltWorld implements World {
  readonly sim: Simulator;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly guests: Guests;
  readonly #surrounding: Surrounding | undefined;
  readonly #listeners: ((machine: Machine) => void)[] = [];

  constructor(sim: Simulator, config: LabConfig, packages: readonly DebPackage[] | undefined) {
    this.sim = sim;
    const machines = new Map(config.machines.map((m) => [m.name, makeMachine(sim, m, packages)]));
    this.machines = machines;
    this.guests = new Guests(sim, config, machines);
    this.guests.listener.onMade = (machine) => this.#made(machine);
    for (const machine of machines.values()) machine.guestWorld = this.guests;
    if (config.surroundings !== undefined)
      this.#surrounding = new Surrounding(sim, config.surroundings, (machine) => {
        machines.set(machine.name, machine);
        this.#made(machine);
      });
    const nics = makeNics(config.links.keys(), config.machines, machines);
    for (const [name, options] of config.links) {
      const here = nics.filter((n) => n.config.link === name).map((n) => n.dev);
      const beyond = this.#surrounding?.doorstep(name);
      if (beyond === undefined) connect(sim, name, here, options);
      else beyond.join(here, options);
    }
    for (const m of config.machines) furnish(machines.get(m.name) as Machine, m);
    configureInterfaces(nics);
  }

  machine(name: string): Machine | undefined {
    if (this.#surrounding?.has(name) === true) this.#surrounding.build();
    return this.machines.get(name) ?? this.guests.byHostname(name);
  }

  #made(machine: Machine): void {
    machine.guestWorld = this.guests;
    for (const listener of this.#listeners) listener(machine);
  }

  onMachine(listener: (machine: Machine) => void): void {
    for (const machine of this.machines.values()) listener(machine);
    this.#listeners.push(listener);
  }
}
