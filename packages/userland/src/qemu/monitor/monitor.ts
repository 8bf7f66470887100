import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import type { PollItem } from '../../machine/index.ts';
import type { Chardev, CharPeer } from '../chardev/index.ts';
import type { Emulator } from '../machine/index.ts';
import { type MachineStatus, QuitMonitor, runLine } from './commands.ts';
import { Readline } from './readline.ts';

const WELCOME = "QEMU 7.2.22 monitor - type 'help' for more information\n";
const PROMPT = '(qemu) ';
const CHUNK = 1024;

/** QEMU's monitor at a character device. QEMU monitor/hmp.c */
export class Monitor {
  readonly #emulator: Emulator;
  readonly #status: MachineStatus;
  readonly #chardev: Chardev;
  /** Whom it has bidden welcome. */
  #met: CharPeer | undefined;
  #input = new Readline(true);
  /** QEMU was told to end. */
  quit = false;

  constructor(emulator: Emulator, chardev: Chardev, status: MachineStatus) {
    this.#emulator = emulator;
    this.#chardev = chardev;
    this.#status = status;
    this.#meet();
  }

  /** Bids whoever has come welcome. */
  #meet(): void {
    const { peer } = this.#chardev;
    if (peer === this.#met) return;
    this.#met = peer;
    if (peer === undefined) return;
    this.#input = new Readline(!peer.input.isTty);
    this.#show(WELCOME + PROMPT);
  }

  #show(text: string): void {
    const file = this.#met?.output;
    if (file === undefined) return;
    try {
      file.write(utf8Encode(file.isTty ? text : text.replaceAll('\n', '\r\n')));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e; // nobody reads it any more
    }
  }

  /** What is to be waited for. */
  get waits(): readonly PollItem[] {
    return this.#chardev.waits;
  }

  /** Takes what has come. */
  async serve(): Promise<void> {
    this.#chardev.turn();
    this.#meet();
    const peer = this.#met;
    if (peer === undefined || (peer.input.poll() & POLLIN) === 0) return;
    const data = read(peer);
    if (data === undefined) return;
    if (data.length === 0) {
      this.#chardev.part();
      this.#met = undefined;
      return;
    }
    for (const byte of peer.filter(data)) if (!this.quit) await this.#take(byte);
  }

  async #take(byte: number): Promise<void> {
    const { show, line } = this.#input.take(byte);
    this.#show(show);
    if (line === undefined) return;
    try {
      this.#show((await runLine(this.#emulator, line, this.#status)) + PROMPT);
    } catch (e) {
      if (!(e instanceof QuitMonitor)) throw e;
      this.quit = true;
    }
  }

  close(): void {
    this.#chardev.close();
  }
}

/** @returns undefined if nothing has come; empty if he has gone */
function read(peer: CharPeer): Uint8Array | undefined {
  try {
    return peer.input.read(CHUNK);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return new Uint8Array(0);
  }
}
