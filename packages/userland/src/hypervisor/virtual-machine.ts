import type { MacAddr } from '@labwire/core/addr';
import { MS, type Nanos, WaitQueue } from '@labwire/core/sim';
import { registerNetdevice, unregisterNetdevice } from '@labwire/devices/link';
import { type Machine, type PoweredGuest, SIGKILL } from '../machine/index.ts';
import { bootGuest, nicName } from './boot.ts';
import type { ConsoleKeys, Guest, GuestPort } from './guest.ts';
import { GuestConsole } from './guest-console.ts';
import { GuestNic } from './guest-nic.ts';
import type { NetBackend } from './net-backend.ts';
import type { NicModel } from './nic-model.ts';
import { NicPort } from './nic-port.ts';

/** How long a guest takes to come down when it is asked to. */
const SHUTDOWN_TIME: Nanos = 1500 * MS;

/** A NIC of a guest to be. */
export interface GuestNicSpec {
  readonly model: NicModel;
  readonly mac: MacAddr;
  /** null: connected to nothing. */
  readonly backend: NetBackend | null;
  /** The cable is pulled at first: libvirt's `<link state='down'/>`. */
  readonly linkDown?: boolean;
}

/** A guest to be. */
export interface VirtualMachineSpec {
  readonly name: string;
  /** Path of its first disk. */
  readonly disk: string | undefined;
  readonly nics: readonly GuestNicSpec[];
  /** Name of the first NIC where the image does not say. */
  readonly nic: string;
  /** A reset ends it: `-no-reboot`, libvirt's `on_reboot` destroy. */
  readonly endsOnReset?: boolean;
  /** It boots anew when its system switches it off: libvirt's `on_poweroff` restart. */
  readonly restartsOnPowerOff?: boolean;
}

/** What a guest does at present. `off` is for good. */
export type VirtualMachineState = 'running' | 'paused' | 'off';

/** One guest: its power, its NICs. It is gone with {@link powerOff}, which whoever runs it calls at the latest when its process ends. */
export class VirtualMachine implements Guest {
  readonly name: string;
  readonly spec: VirtualMachineSpec;
  /** Woken when {@link state} changes. */
  readonly wq: WaitQueue = new WaitQueue();
  state: VirtualMachineState = 'running';
  /** Why it is off: the guest asked, or was told to. */
  offReason: 'shutdown' | 'destroyed' = 'destroyed';
  readonly ports: NicPort[] = [];
  /** Called each time its system has come up. */
  readonly onBoot: ((machine: Machine) => void)[] = [];
  readonly exitCode = 0;
  readonly waits: readonly [] = [];
  #booted = false;
  readonly #host: Machine;
  #guest: PoweredGuest;

  /** Powers it on. `host` must have a guest world. */
  constructor(host: Machine, spec: VirtualMachineSpec) {
    this.name = spec.name;
    this.spec = spec;
    this.#host = host;
    this.#guest = this.#powerOn();
  }

  /** Its system has come up. */
  get booted(): boolean {
    return this.#booted;
  }

  /** The machine that the guest is. A reset makes it another one. */
  get machine(): Machine {
    return this.#guest.machine;
  }

  async started(): Promise<void> {}

  async serve(): Promise<void> {}

  openConsole(show: (text: string) => void): ConsoleKeys {
    let console = this.#booted ? new GuestConsole(this.machine, show) : undefined;
    this.onBoot.push((machine) => {
      console = new GuestConsole(machine, show);
    });
    return { type: (byte) => console?.type(byte) };
  }

  #powerOn(): PoweredGuest {
    const { guestWorld } = this.#host;
    if (guestWorld === undefined) throw new Error(`machine ${this.#host.name} can have no guests`);
    const guest = guestWorld.powerOn({ name: this.name, disk: this.spec.disk });
    this.#guest = guest;
    for (const nic of this.spec.nics) this.addNic(nic);
    guest.machine.power = {
      off: () => this.#switchedOff(),
      reset: () => this.reset(),
      halt: () => this.#halt(),
    };
    this.#booted = false;
    bootGuest(guest, () => {
      this.#booted = true;
      guestWorld.booted(guest.machine);
      for (const tell of this.onBoot) tell(guest.machine);
    });
    return guest;
  }

  /** Gives it one more NIC, at boot or while it runs. */
  addNic(spec: GuestNicSpec): NicPort {
    const { machine, image } = this.#guest;
    const name = nicName(image.nic ?? this.spec.nic, this.ports.length);
    const nic = new GuestNic(name, spec.mac, spec.model, spec.backend, machine.kernel.sim);
    registerNetdevice(machine.kernel.initNetns, nic);
    const port = new NicPort(nic, spec.backend);
    if (spec.linkDown === true) port.setLink(false);
    this.ports.push(port);
    return port;
  }

  /** Takes a NIC out. */
  removeNic(port: GuestPort): void {
    const at = this.ports.indexOf(port as NicPort);
    const [gone] = at < 0 ? [] : this.ports.splice(at, 1);
    if (gone !== undefined) unregisterNetdevice(gone.nic);
  }

  /** Presses the power button: a guest that has booted shuts down in its own time. */
  shutdown(): void {
    this.#afterShutdown((machine) => {
      if (machine === this.machine) machine.power?.off();
    });
  }

  /** Asks the guest to shut down and to boot anew. */
  reboot(): void {
    this.#afterShutdown((machine) => {
      if (machine === this.machine) machine.power?.reset();
    });
  }

  #afterShutdown(then: (machine: Machine) => void): void {
    const { machine } = this;
    if (!this.#booted) return;
    const onEvent = (): void => then(machine);
    machine.kernel.sim.schedule(SHUTDOWN_TIME, { onEvent }, 0, undefined);
  }

  /**
   * Stops it, or lets it go on.
   * @deviation its programs go on while it is paused; nothing that they send or are sent passes
   */
  pause(paused: boolean): void {
    if (this.state === 'off') return;
    for (const port of this.ports) port.paused = paused;
    this.state = paused ? 'paused' : 'running';
    this.wq.wake();
  }

  /** Its processors stop, while its power stays on. */
  #halt(): void {
    for (const port of this.ports) port.paused = true;
    this.#killAll();
  }

  /** Boots it anew. */
  reset(): void {
    if (this.spec.endsOnReset === true) this.powerOff('shutdown');
    else this.#restart();
  }

  #switchedOff(): void {
    if (this.spec.restartsOnPowerOff === true) this.#restart();
    else this.powerOff('shutdown');
  }

  #restart(): void {
    if (this.state === 'off') return;
    this.#end();
    this.#powerOn();
  }

  /** Ends it, whatever it does. */
  powerOff(reason: 'shutdown' | 'destroyed' = 'destroyed'): void {
    if (this.state === 'off') return;
    this.state = 'off';
    this.offReason = reason;
    this.#end();
    this.wq.wake();
  }

  #end(): void {
    const { machine } = this;
    for (const port of this.ports.splice(0)) unregisterNetdevice(port.nic);
    machine.power = undefined;
    this.#killAll();
    this.#host.guestWorld?.powerOff(machine);
  }

  #killAll(): void {
    for (const proc of [...this.machine.processes.values()].reverse()) proc.kill(SIGKILL);
  }
}
