import { utf8Decode } from '@labwire/core/bytes';
import { POLLIN, type Pollable, type WaitQueue } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import type { ConsoleKeys, Guest, GuestPort, NetBackend } from '../../hypervisor/index.ts';
import {
  controllingTty,
  type GuestWorld,
  type OpenFile,
  type Process,
  type RealGuest,
  type RealNic,
  type Tty,
} from '../../machine/index.ts';
import type { Item } from '../command-line/index.ts';
import type { EmulatedNic } from '../machine/index.ts';
import { QemuError } from '../qemu-error.ts';
import { type ConsolePlan, planConsole } from './console.ts';
import { hasDefaultDisplay, keptWords, nicWords } from './words.ts';

const CHUNK = 4096;

/** How a guest is to run outside the simulation. */
export interface RealPlan {
  readonly world: GuestWorld;
  readonly items: readonly Item[];
  readonly console: ConsolePlan;
  /** The host's processors run the guest. */
  readonly kvm: boolean;
  /** It does not run before the monitor says so. */
  readonly stopped: boolean;
}

/** How a command line's guest runs outside; undefined where guests are simulated. @throws QemuError */
export function planReal(
  proc: Process,
  items: readonly Item[],
  how: { readonly kvm: boolean; readonly stopped: boolean },
): RealPlan | undefined {
  const { guestWorld: world } = proc.machine;
  if (world === undefined)
    throw new QemuError(undefined, `machine ${proc.machine.name} of this lab can have no guests`);
  return world.isReal ? { world, items, console: planConsole(items), ...how } : undefined;
}

/** The end of a backend at which a guest outside is plugged in. */
function realNic(netdev: string, backend: NetBackend): RealNic {
  return {
    netdev,
    receive: (skb: SkBuff) => {
      backend.watch?.(skb, false);
      backend.receive(skb);
    },
    plug: (send) => {
      const deliver = (skb: SkBuff): void => {
        backend.watch?.(skb, true);
        send(skb);
      };
      backend.guest = { deliver, isBehind: () => false };
    },
  };
}

/** A guest that runs outside the simulation, as QEMU's process in it sees it. */
export class RealMachine implements Guest {
  readonly ports: readonly GuestPort[];
  /** It has its power; what its system does is not known here. */
  readonly booted = true;
  readonly #proc: Process;
  readonly #guest: RealGuest;
  /** Where keys for the console come from. */
  #input: OpenFile | undefined;
  /** In the background of a terminal it has not: what it prints there would be in everybody's way. */
  readonly #hasOutput: boolean = false;
  readonly #tty: Tty | undefined;

  readonly #viewers: ((text: string) => void)[] = [];

  /** Starts it. */
  constructor(proc: Process, name: string, nics: readonly EmulatedNic[], plan: RealPlan) {
    const netdevs = nics.map((_, i) => `labwire${i}`);
    const pluggedIn = (i: number): string | undefined =>
      nics[i]?.backend == null ? undefined : netdevs[i];
    this.#proc = proc;
    this.#guest = plan.world.startReal(proc, {
      name,
      program: programOf(proc),
      words: [
        ...keptWords(plan.items),
        ...(plan.kvm && !plan.items.some(asksKvm) ? ['-enable-kvm'] : []),
        ...(plan.stopped ? ['-S'] : []),
        ...['-nic', 'none'],
        ...nics.flatMap((nic, i) => nicWords(nic, pluggedIn(i))),
        ...plan.console.words,
      ],
      nics: nics.flatMap(({ backend }, i) =>
        backend === null ? [] : [realNic(netdevs[i] as string, backend)],
      ),
      console: plan.console.console,
      displayByDefault: hasDefaultDisplay(plan.items),
    });
    this.ports = netdevs.map((id) => ({ setLink: (up) => this.#guest.setLink(id, up) }));
    if (!plan.console.atStdio) return;
    this.#tty = controllingTty(proc);
    const [input, output] = [proc.file(0), proc.file(1)];
    this.#input = this.#tty ?? (input.isTty ? undefined : input);
    this.#hasOutput = this.#tty !== undefined || !output.isTty;
    if (this.#tty !== undefined) this.#tty.raw = true;
  }

  get name(): string {
    return this.#guest.name;
  }

  get wq(): WaitQueue {
    return this.#guest.wq;
  }

  get state(): 'running' | 'paused' | 'off' {
    const { state } = this.#guest;
    return state === 'starting' ? 'running' : state;
  }

  get exitCode(): number {
    return this.#guest.exitCode;
  }

  /** Waits until it runs, or could not be started. */
  async started(unless: Pollable): Promise<void> {
    const guest = this.#guest;
    const up = { wq: guest.wq, poll: () => (guest.state === 'starting' ? 0 : POLLIN) };
    const items = [up, unless].map((on) => ({ on, events: POLLIN }));
    await this.#proc.poll(items, undefined, `${this.name} to start`);
    await this.serve();
  }

  get waits(): { readonly on: OpenFile | RealGuest; readonly events: number }[] {
    const on = this.#input === undefined ? [this.#guest] : [this.#guest, this.#input];
    return on.map((one) => ({ on: one, events: POLLIN }));
  }

  /** Hands on what its console prints and what is typed at it, and what QEMU says. */
  async serve(): Promise<void> {
    const errors = this.#guest.takeErrors();
    if (errors !== '') await this.#proc.err(errors);
    const said = this.#guest.takeOutput();
    if (said.length > 0) await this.#show(said);
    const keys = this.#input?.read(CHUNK);
    if (keys?.length === 0) this.#input = undefined;
    else if (keys !== undefined) this.#guest.type(keys);
  }

  async #show(said: Uint8Array): Promise<void> {
    for (const show of this.#viewers) show(utf8Decode(said));
    if (this.#hasOutput) await this.#proc.write(1, said);
  }

  openConsole(show: (text: string) => void): ConsoleKeys {
    this.#viewers.push(show);
    return { type: (byte) => this.#guest.type(Uint8Array.of(byte)) };
  }

  addNic(): void {
    throw new QemuError(undefined, 'a real guest has the NICs that it was started with');
  }

  removeNic(): void {
    this.addNic();
  }

  pause(paused: boolean): void {
    this.#guest.pause(paused);
  }

  shutdown(): void {
    this.#guest.shutdown();
  }

  reset(): void {
    this.#guest.reset();
  }

  powerOff(): void {
    if (this.#tty !== undefined) this.#tty.raw = false;
    this.#guest.end();
  }
}

const asksKvm = (item: Item): boolean => item.name === 'enable-kvm';

/** The emulator by its own name: `kvm` and `qemu-kvm` are other names of it. */
function programOf(proc: Process): string {
  const name = proc.argv[0]?.split('/').at(-1) ?? '';
  return name.startsWith('qemu-system-') ? name : 'qemu-system-x86_64';
}
