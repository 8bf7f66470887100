import type { Pollable, WaitQueue } from '@labwire/core/sim';
import type { GuestNicSpec } from './virtual-machine.ts';

/** A NIC of a guest, from outside. */
export interface GuestPort {
  /** Takes its carrier away, or gives it back. */
  setLink(up: boolean): void;
}

/** Types at a guest's console. */
export interface ConsoleKeys {
  type(byte: number): void;
}

/** A guest as QEMU's monitor and signals handle it, wherever it runs. */
export interface Guest {
  readonly name: string;
  /** Woken when {@link state} changes. */
  readonly wq: WaitQueue;
  /** `off` is for good. */
  readonly state: 'running' | 'paused' | 'off';
  /** Its system has come up, as far as that is known. */
  readonly booted: boolean;
  /** What QEMU exits with once it is off. */
  readonly exitCode: number;
  /** Its NICs, in order. */
  readonly ports: readonly GuestPort[];
  /** What is to be waited for, to call {@link serve} then. */
  readonly waits: readonly { readonly on: Pollable; readonly events: number }[];
  /** Waits until it runs or could not be started, or for `unless`. */
  started(unless: Pollable): Promise<void>;
  /** Does what has become due. */
  serve(): Promise<void>;
  /** Joins somebody to its console, who is shown what it prints from now on. */
  openConsole(show: (text: string) => void): ConsoleKeys;
  /** Gives it one more NIC while it runs. */
  addNic(spec: GuestNicSpec): void;
  removeNic(port: GuestPort): void;
  pause(paused: boolean): void;
  /** Presses its power button. */
  shutdown(): void;
  reset(): void;
  /** Ends it, whatever it does. */
  powerOff(): void;
}
