import type { Machine } from './machine.ts';
import type { Process } from './process.ts';
import type { RealGuest, RealGuestRequest } from './real-guest.ts';

/** What a guest's disk brings beside a plain Linux. */
export interface GuestImage {
  /** Name of its first NIC: `eth0`, `enp1s0`. Absent: whoever runs the guest decides. */
  readonly nic?: string | undefined;
  /** Asks for an address on each NIC as it boots. */
  readonly dhcp: boolean;
  /** Commands that it runs as root once it is up. */
  readonly run: readonly string[];
}

/** A guest to be powered on. */
export interface GuestRequest {
  /** What `-name` or the domain says. */
  readonly name: string;
  /** Path of its first disk on the host; undefined if it has none. */
  readonly disk: string | undefined;
}

/** A guest that has been powered on: a machine with `lo` alone, and what it does as it boots. */
export interface PoweredGuest {
  readonly machine: Machine;
  readonly image: GuestImage;
}

/** Makes the machines that guests are: what programs that run guests ask of whoever made their own machine. */
export interface GuestWorld {
  /** Makes a guest's machine. */
  powerOn(request: GuestRequest): PoweredGuest;
  /** The guest is up: one can type at it. */
  booted(machine: Machine): void;
  /** It is gone. */
  powerOff(machine: Machine): void;
  /** Whether guests of QEMU run outside the simulation. */
  readonly isReal: boolean;
  /** Starts a guest outside the simulation, which `proc` stands for. */
  startReal(proc: Process, request: RealGuestRequest): RealGuest;
}
