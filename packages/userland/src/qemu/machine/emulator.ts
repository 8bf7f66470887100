import type { MacAddr } from '@labwire/core/addr';
import {
  type Guest,
  Hub,
  HubPort,
  type NetBackend,
  type NicModel,
  VirtualMachine,
} from '../../hypervisor/index.ts';
import type { Process } from '../../machine/index.ts';
import type { Chardev } from '../chardev/index.ts';
import type { NetContext, Netdev } from '../net/index.ts';
import { errorText, QemuError } from '../qemu-error.ts';
import { RealMachine, type RealPlan } from '../real/index.ts';
import { MacPool } from './nics.ts';

/** A NIC that the command line has asked for. */
export interface EmulatedNic {
  /** Its id, or what QEMU calls one that has none: `e1000.0`. */
  readonly name: string;
  readonly model: NicModel;
  readonly mac: MacAddr;
  /** The id of its backend. */
  readonly netdev: string | undefined;
  readonly backend: NetBackend | null;
  /** What else `-device` says of it, its driver left out. */
  readonly properties: readonly (readonly [key: string, value: string])[];
}

/** What one QEMU has put together: backends, hubs, NICs, and the guest once it runs. */
export class Emulator implements NetContext {
  readonly proc: Process;
  /** What its messages begin with. */
  readonly program: string;
  readonly chardevs: Chardev[] = [];
  readonly macs: MacPool = new MacPool();
  readonly netdevs: Map<string, Netdev> = new Map();
  readonly hubs: Map<number, Hub> = new Map();
  readonly nics: EmulatedNic[] = [];
  /** Backends, by their ids, and NICs in the order in which they came. `net_clients` */
  readonly clients: (string | EmulatedNic)[] = [];
  /** What backends were that were taken from under their NICs. */
  readonly removed: Map<string, string> = new Map();
  guestName = '';
  disk: string | undefined;
  /** A reset ends it. */
  endsOnReset = false;
  #guest: Guest | undefined;

  constructor(proc: Process, program: string) {
    this.proc = proc;
    this.program = program;
  }

  /** The guest, once it runs. */
  get guest(): Guest {
    if (this.#guest === undefined) throw new QemuError(undefined, 'the machine does not run yet');
    return this.#guest;
  }

  hub(id: number): Hub {
    const hub = this.hubs.get(id) ?? new Hub(this.proc.machine.kernel.sim, id);
    this.hubs.set(id, hub);
    return hub;
  }

  /** Takes a backend in. */
  addNetdev(id: string, netdev: Netdev): void {
    this.netdevs.set(id, netdev);
    this.clients.push(id);
  }

  /** Takes a NIC in. */
  addNic(nic: EmulatedNic): void {
    this.nics.push(nic);
    this.clients.push(nic);
  }

  /** Takes a backend out: the NIC that it serves loses its carrier. */
  async removeNetdev(id: string, netdev: Netdev): Promise<void> {
    const at = this.nics.findIndex((nic) => nic.netdev === id);
    if (at >= 0) {
      this.guest.ports[at]?.setLink(false);
      this.removed.set(id, netdev.info);
    } else this.#forget(id);
    for (const hub of this.hubs.values()) hub.leave(netdev.backend);
    this.netdevs.delete(id);
    await netdev.close();
  }

  #forget(client: string | EmulatedNic): void {
    const at = this.clients.indexOf(client);
    if (at >= 0) this.clients.splice(at, 1);
  }

  /** Gives the guest a NIC while it runs. */
  plug(nic: EmulatedNic): void {
    this.guest.addNic(nic);
  }

  /** Asks the guest to let go of a NIC: one that has booted does. */
  unplug(nic: EmulatedNic): void {
    const at = this.nics.indexOf(nic);
    const port = this.guest.ports[at];
    if (port === undefined || !this.guest.booted) return;
    this.guest.removeNic(port);
    this.nics.splice(at, 1);
    this.#forget(nic);
  }

  netdev(id: string): Netdev | undefined {
    return this.netdevs.get(id);
  }

  async warn(where: string | undefined, text: string): Promise<void> {
    await this.proc.err(errorText(this.program, new QemuError(where, `warning: ${text}`)));
  }

  /** The NIC that a backend serves. */
  nicOf(netdev: string): EmulatedNic | undefined {
    return this.nics.find((nic) => nic.netdev === netdev);
  }

  /** Powers the guest on. @param real how, if it is to run outside the simulation */
  start(real: RealPlan | undefined): Guest {
    const { proc, guestName: name, disk, nics, endsOnReset } = this;
    this.#guest =
      real === undefined
        ? new VirtualMachine(proc.machine, { name, disk, nics, nic: 'eth0', endsOnReset })
        : new RealMachine(proc, name, nics, real);
    return this.#guest;
  }

  /** Ends the guest and gives everything back. */
  async close(): Promise<void> {
    this.#guest?.powerOff();
    for (const netdev of this.netdevs.values()) await netdev.close();
  }

  /** Tells of NICs and backends that are connected to nothing. net/net.c, net_check_clients() */
  async checkClients(): Promise<void> {
    for (const hub of this.hubs.values()) await this.#checkHub(hub);
    for (const id of this.netdevs.keys())
      if (!this.#hasPeer(id)) await this.warn(undefined, `netdev ${id} has no peer`);
    for (const nic of this.nics)
      if (nic.backend === null) await this.warn(undefined, `nic ${nic.name} has no peer`);
  }

  #hasPeer(id: string): boolean {
    const backend = this.netdevs.get(id)?.backend;
    if (backend instanceof HubPort && backend.backend !== null) return true;
    return backend?.guest !== null || this.nicOf(id) !== undefined;
  }

  /** net/hub.c, net_hub_check_clients() */
  async #checkHub(hub: Hub): Promise<void> {
    const isNic = (port: HubPort) => this.nics.some((nic) => nic.backend === port);
    const nics = hub.ports.filter(isNic).length;
    const hosts = hub.ports.filter((port) => port.backend !== null).length;
    for (const port of hub.ports)
      if (port.backend === null && !isNic(port))
        await this.warn(undefined, `hub port ${port.name} has no peer`);
    if (hosts > 0 && nics === 0) await this.warn(undefined, `hub ${hub.id} with no nics`);
    if (nics > 0 && hosts === 0)
      await this.warn(undefined, `hub ${hub.id} is not connected to host network`);
  }
}
