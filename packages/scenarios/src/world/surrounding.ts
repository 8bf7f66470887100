import { invariant } from '@labwire/core/error';
import type { Simulator } from '@labwire/core/sim';
import { connect } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import { neighAdd, routeAdd } from '@labwire/devices/rtnetlink';
import type { Machine } from '@labwire/userland/machine';
import type { Surroundings, WorldMachine } from '../lab/config/index.ts';
import { startServices } from './boot.ts';
import { Doorstep } from './doorstep.ts';
import { configureInterfaces } from './interfaces.ts';
import { makeNics, type PluggedNic } from './links.ts';
import { furnish, makeMachine } from './machine.ts';

/** The world around a lab's machines, which is not there before somebody sends into it or asks for one of its machines. */
export class Surrounding {
  readonly #sim: Simulator;
  readonly #plan: Surroundings;
  readonly #onMachine: (machine: Machine) => void;
  readonly #doorsteps = new Map<string, Doorstep>();
  #built = false;
  /** Machines whose services are not all started. */
  #booting = 0;

  /** @param onMachine is told of each machine that is built */
  constructor(sim: Simulator, plan: Surroundings, onMachine: (machine: Machine) => void) {
    this.#sim = sim;
    this.#plan = plan;
    this.#onMachine = onMachine;
  }

  /** Whether it has, or is going to have, a machine of this name. */
  has(name: string): boolean {
    return this.#plan.machines.some((m) => m.name === name);
  }

  /** The place where a lab's link leads into it; undefined if none of its machines is plugged into the link. */
  doorstep(link: string): Doorstep | undefined {
    if (!this.#plan.links.has(link)) return undefined;
    const doorstep = new Doorstep(this.#sim, link, () => this.build());
    this.#doorsteps.set(link, doorstep);
    return doorstep;
  }

  /** Builds its machines, if they are not there yet, and lets them start their services. */
  build(): void {
    if (this.#built) return;
    this.#built = true;
    const configs = this.#plan.machines;
    const machines = new Map(configs.map((m) => [m.name, makeMachine(this.#sim, m)]));
    const nics = makeNics(this.#plan.links.keys(), configs, machines);
    for (const m of configs) furnish(machines.get(m.name) as Machine, m);
    this.#lay(nics);
    configureInterfaces(nics);
    for (const m of configs) addRoutes(machines.get(m.name) as Machine, m);
    for (const a of nics) for (const b of nics) if (a !== b) this.#introduce(a, b);
    for (const machine of machines.values()) this.#onMachine(machine);
    this.#boot(configs, machines);
  }

  #lay(nics: readonly PluggedNic[]): void {
    for (const [name, options] of this.#plan.links) {
      const here = nics.filter((n) => n.config.link === name).map((n) => n.dev);
      const doorstep = this.#doorsteps.get(name);
      if (doorstep === undefined) connect(this.#sim, name, here, options);
      else doorstep.replace(here);
    }
  }

  /** On the links between them, machines have known each other for long: nobody asks who has an address. */
  #introduce({ dev, config }: PluggedNic, other: PluggedNic): void {
    const dst = other.config.addresses?.[0]?.addr;
    if (config.link !== other.config.link || this.#doorsteps.has(config.link) || dst === undefined)
      return;
    const family = typeof dst === 'number' ? 'inet' : 'inet6';
    const request = { family, ifindex: dev.ifindex, dst, lladdr: other.dev.addr } as const;
    neighAdd(dev.netns as Netns, { ...request, state: 'PERMANENT' }, { create: true, excl: true });
  }

  #boot(configs: readonly WorldMachine[], machines: ReadonlyMap<string, Machine>): void {
    this.#booting = configs.length;
    for (const m of configs)
      startServices(machines.get(m.name) as Machine, m.services, () => {
        if (--this.#booting === 0) for (const d of this.#doorsteps.values()) d.letIn();
      });
  }
}

function addRoutes(machine: Machine, { routes }: WorldMachine): void {
  for (const [to, via] of routes) {
    invariant(typeof to.addr === 'number', 'routes of a world are of IPv4');
    routeAdd(
      machine.kernel.initNetns,
      { family: 'inet', dst: to.addr, dstLen: to.prefixLen, nexthops: [{ via }] },
      { create: true, excl: true },
    );
  }
}
