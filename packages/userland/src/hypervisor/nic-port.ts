import { freeSkb, type SkBuff } from '@labwire/core/skb';
import { Cable, type CableEnd } from '@labwire/devices/link';
import type { GuestNic } from './guest-nic.ts';
import type { GuestEnd, NetBackend } from './net-backend.ts';

/** The host's side of a guest's NIC: a cable that leads to its backend. */
export class NicPort implements CableEnd, GuestEnd {
  readonly nic: GuestNic;
  /** The guest runs; a paused one neither sends nor receives. */
  paused = false;
  #linkUp = true;
  readonly #backend: NetBackend | null;
  readonly #cable: Cable;

  /** Plugs the NIC in. @param backend null: it is connected to nothing, and has a carrier all the same */
  constructor(nic: GuestNic, backend: NetBackend | null) {
    this.nic = nic;
    this.#backend = backend;
    if (backend !== null) backend.guest = this;
    const { kernel } = nic.netns as NonNullable<typeof nic.netns>;
    this.#cable = new Cable(kernel.sim, `${kernel.name} ${nic.name}`, nic, this);
    nic.plug(this.#cable);
  }

  get isUp(): boolean {
    return this.#linkUp;
  }

  /** Takes the guest's carrier away, or gives it back. `set_link`, `virsh domif-setlink` */
  setLink(up: boolean): void {
    this.#linkUp = up;
    this.#cable.endChanged();
  }

  carrierChanged(): void {}

  deliver(skb: SkBuff): void {
    this.#backend?.watch?.(skb, true);
    const open = this.#linkUp && !this.paused && this.nic.netns !== null;
    const after = open ? this.nic.arrival(skb) : -1;
    if (after < 0) freeSkb(skb);
    else this.#cable.send(this, skb, after);
  }

  isBehind(most: number): boolean {
    return this.nic.isBehind(most);
  }

  receive(skb: SkBuff): void {
    if (this.#backend === null || !this.#linkUp || this.paused) freeSkb(skb);
    else {
      this.#backend.watch?.(skb, false);
      this.#backend.receive(skb);
    }
  }

  drop(skb: SkBuff): void {
    freeSkb(skb);
  }

  describe(): string {
    return `${this.nic.model.name} of ${this.nic.netns?.kernel.name ?? 'nobody'}`;
  }
}
