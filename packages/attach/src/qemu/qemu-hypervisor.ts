import { rmSync } from 'node:fs';
import type { RealGuestRequest, RealHypervisor } from '@labwire/userland/machine';
import type { RealTime, Turn } from '../clock/index.ts';
import { type GuestKeeper, QemuGuest } from './qemu-guest.ts';
import { makeRunDir } from './run-dir.ts';

/** Runs a lab's guests in QEMUs of this computer. None of them outlives this process. */
export class QemuHypervisor implements RealHypervisor, GuestKeeper, Turn {
  readonly clock: RealTime;
  readonly dir: string = makeRunDir();
  readonly #note: (text: string) => void;
  readonly #guests = new Set<QemuGuest>();
  readonly #changed = new Set<QemuGuest>();
  readonly #told = new Set<QemuGuest>();

  /** @param note is told what the user should know. @throws LabwireError if there is no place for its sockets */
  constructor(clock: RealTime, note: (text: string) => void) {
    this.clock = clock;
    this.#note = note;
    clock.add(this);
  }

  /** Guests that run, or are about to. */
  get guests(): readonly QemuGuest[] {
    return [...this.#guests];
  }

  /** The guest of a name. */
  guest(name: string): QemuGuest | undefined {
    return this.guests.find((g) => g.name === name);
  }

  start(request: RealGuestRequest): QemuGuest {
    const guest = new QemuGuest(request, this);
    this.#guests.add(guest);
    return guest;
  }

  note(text: string): void {
    this.#note(text);
  }

  changed(guest: QemuGuest): void {
    this.#changed.add(guest);
    this.clock.wake();
  }

  deliver(): void {
    if (this.#changed.size === 0) return;
    const guests = [...this.#changed];
    this.#changed.clear();
    for (const guest of guests) {
      guest.tell();
      this.#announce(guest);
    }
  }

  #announce(guest: QemuGuest): void {
    if (guest.state === 'off') {
      this.#guests.delete(guest);
      if (!this.#told.delete(guest)) return;
      const how = guest.exitCode === 0 ? '' : `, with status ${guest.exitCode}`;
      this.#note(`guest ${guest.name} has ended${how}`);
    } else if (guest.isUp && !this.#told.has(guest)) {
      this.#told.add(guest);
      this.#note(`guest ${guest.name} runs; "labwire console ${guest.name}" is its console`);
    }
  }

  flush(): void {}

  /** Ends all guests. */
  async close(): Promise<void> {
    await Promise.all(this.guests.map((guest) => guest.close()));
    rmSync(this.dir, { recursive: true, force: true });
  }
}
