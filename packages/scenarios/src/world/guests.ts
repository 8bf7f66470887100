import { formatMac } from '@labwire/core/addr';
import type { Simulator } from '@labwire/core/sim';
import type {
  GuestRequest,
  GuestWorld,
  Machine,
  PoweredGuest,
  Process,
  RealGuest,
  RealGuestRequest,
  RealHypervisor,
} from '@labwire/userland/machine';
import type { ImageConfig, LabConfig, MachineConfig } from '../lab/config/index.ts';
import { guestImage, imageOf } from './images.ts';
import { furnish, makeMachine } from './machine.ts';

/** Who is told of guests. */
export interface GuestListener {
  /** A guest's machine has been made; nothing has moved in it yet. */
  onMade?(machine: Machine): void;
  /** Something that the reader should know. */
  onNote?(text: string): void;
}

/**
 * The machines that programs of the lab's machines make: guests of QEMU and libvirt. While one is powered on it is
 * among the lab's machines, under its own name.
 */
export class Guests implements GuestWorld {
  listener: GuestListener = {};
  /** Runs the guests of QEMU outside the simulation, if there is one. */
  hypervisor: RealHypervisor | undefined;
  readonly #sim: Simulator;
  readonly #config: LabConfig;
  readonly #machines: Map<string, Machine>;
  readonly #booting = new Set<Machine>();
  readonly #running = new Set<Machine>();
  /** Names of guests that were powered on. */
  readonly #known = new Set<string>();
  /** Guests outside, by the process that stands for each. */
  readonly #real = new Map<Process, RealGuest>();

  /** @param machines the lab's, to which guests are added */
  constructor(sim: Simulator, config: LabConfig, machines: Map<string, Machine>) {
    this.#sim = sim;
    this.#config = config;
    this.#machines = machines;
  }

  /** Whether a guest of this name has been there. */
  knew(name: string): boolean {
    return this.#known.has(name);
  }

  /** The guest of a hostname. */
  byHostname(name: string): Machine | undefined {
    return [...this.#running].find((m) => m.hostname === name);
  }

  /** Whether one can type at a machine: it is no guest, or one that has booted. */
  isUp(machine: Machine): boolean {
    return !this.#booting.has(machine);
  }

  get isReal(): boolean {
    return this.hypervisor !== undefined;
  }

  startReal(proc: Process, request: RealGuestRequest): RealGuest {
    for (const [other, guest] of this.#real) if (guest.state === 'off') this.#real.delete(other);
    const name = this.#freeName(request.name);
    const guest = (this.hypervisor as RealHypervisor).start({ ...request, name });
    this.#real.set(proc, guest);
    return guest;
  }

  /** A guest outside that runs. */
  real(name: string): RealGuest | undefined {
    return [...this.#real.values()].find((g) => g.name === name && g.state !== 'off');
  }

  /** The guest outside that a process stands for. */
  realOf(proc: Process): RealGuest | undefined {
    return this.#real.get(proc);
  }

  powerOn({ name, disk }: GuestRequest): PoweredGuest {
    const image = imageOf(this.#config, disk);
    const declared = this.#config.machines.find((m) => m.name === name);
    const machine = this.#declared(name) ?? this.#make(name, image, declared);
    this.#known.add(name);
    this.#booting.add(machine);
    this.#running.add(machine);
    return { machine, image: guestImage(image) };
  }

  /** A machine of the front matter that has no guest's NICs yet serves as the guest. */
  #declared(name: string): Machine | undefined {
    const machine = this.#machines.get(name);
    return machine === undefined || this.#running.has(machine) ? undefined : machine;
  }

  #make(name: string, image: ImageConfig, declared: MachineConfig | undefined): Machine {
    const own = this.#freeName(name);
    const machine = makeMachine(this.#sim, {
      name: own,
      hostname: declared?.hostname ?? image.hostname ?? own,
    });
    if (declared !== undefined) furnish(machine, declared);
    furnish(machine, image);
    this.#machines.set(own, machine);
    this.listener.onMade?.(machine);
    return machine;
  }

  /** The guest's name, or the first of `NAME-2`, `NAME-3`, … that no machine has. */
  #freeName(name: string): string {
    const base = name === '' ? 'guest' : name;
    const taken = (own: string): boolean => this.#machines.has(own) || this.real(own) !== undefined;
    if (!taken(base)) return base;
    for (let n = 2; ; n++) if (!taken(`${base}-${n}`)) return `${base}-${n}`;
  }

  booted(machine: Machine): void {
    this.#booting.delete(machine);
    this.#warnOfTwins(machine);
  }

  #warnOfTwins(machine: Machine): void {
    for (const mac of stationAddrs(machine)) {
      const twin = [...this.#running].find(
        (m) => m !== machine && this.isUp(m) && stationAddrs(m).includes(mac),
      );
      if (twin === undefined) continue;
      this.listener.onNote?.(
        `guests ${twin.name} and ${machine.name} have the same MAC address ${formatMac(mac)}; on one network they will not work: give one of them another with mac=`,
      );
    }
  }

  powerOff(machine: Machine): void {
    this.#booting.delete(machine);
    this.#running.delete(machine);
    if (this.#machines.get(machine.name) === machine) this.#machines.delete(machine.name);
  }
}

/** The addresses of a machine's NICs. */
function stationAddrs({ kernel }: Machine): Parameters<typeof formatMac>[0][] {
  const { devices, loopback } = kernel.initNetns;
  return devices.list().flatMap((dev) => (dev === loopback ? [] : [dev.addr]));
}
