import type { Pollable } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';

/** A NIC of a guest that runs outside the simulation: where its frames come in and go out. */
export interface RealNic {
  /** The id of the `-netdev` that the guest's device names. */
  readonly netdev: string;
  /** A frame from the guest, `skb.data` at its Ethernet header. Takes ownership. */
  receive(skb: SkBuff): void;
  /** Frames for the guest go to `send`, which takes ownership. */
  plug(send: (skb: SkBuff) => void): void;
}

/** A guest to be run outside the simulation. */
export interface RealGuestRequest {
  readonly name: string;
  /** The emulator's file name: `qemu-system-x86_64`. */
  readonly program: string;
  /** Its words, without backends of networks and without the console's character device. */
  readonly words: readonly string[];
  readonly nics: readonly RealNic[];
  /** The character device that its words call `id`; `mux`: the monitor is on it, too. Undefined: it has no console. */
  readonly console: { readonly id: string; readonly mux: boolean } | undefined;
  /** The words name no display: without a screen there is none. */
  readonly displayByDefault: boolean;
}

/** What a real guest does at present. `off` is for good. */
export type RealGuestState = 'starting' | 'running' | 'paused' | 'off';

/** A guest that runs outside the simulation. Ready to be polled whenever something of it has changed. */
export interface RealGuest extends Pollable {
  /** The name that it has among guests. */
  readonly name: string;
  readonly state: RealGuestState;
  /** It has been started and is not off. */
  readonly isUp: boolean;
  /** The exit status of its program, once it is off. */
  readonly exitCode: number;
  /** What its console has printed since the last call. */
  takeOutput(): Uint8Array;
  /** What its program has said on standard error since the last call. */
  takeErrors(): string;
  /** Types at its console. */
  type(keys: Uint8Array): void;
  pause(paused: boolean): void;
  /** Presses its power button. */
  shutdown(): void;
  reset(): void;
  /** Pulls the cable of a NIC, or plugs it in. */
  setLink(netdev: string, up: boolean): void;
  /** Ends it, whatever it does. */
  end(): void;
}

/** Runs guests outside the simulation: as processes of the computer that Labwire runs on. */
export interface RealHypervisor {
  start(request: RealGuestRequest): RealGuest;
}
